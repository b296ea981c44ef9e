"""Everything in the warehouse says what it is, in Chinese and English."""

from __future__ import annotations

from fugong.warehouse.migrate import SCHEMAS
from tests.fixtures.inbox import Inbox


def test_every_table_view_and_column_has_a_comment(inbox: Inbox) -> None:
    found = inbox.rows(
        """
        SELECT n.nspname, c.relname, a.attname, col_description(c.oid, a.attnum), obj_description(c.oid, 'pg_class')
        FROM pg_class AS c
        INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
        INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'v', 'p', 'm')
        """,
        list(SCHEMAS),
    )
    assert {schema for schema, *_ in found} == set(SCHEMAS)
    bare = sorted(
        f"{schema}.{relation}.{column}"
        for schema, relation, column, said, about in found
        if not (said and " | " in said and about and " | " in about)
    )
    assert not bare, "\n".join(bare)
