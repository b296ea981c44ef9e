"""Which rows the log covers, and their canonical form: the texts of some columns as a JSON array.

A record is one row, or all rows of a table that belong together (the findings of a submission); its digest is the root of the Merkle tree
of its rows, with their number: `n:hex`. Columns that change later (a part is superseded) are kept apart as `moving`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from fugong.evidence import merkle
from fugong.evidence.digest import canonical, leaf_hash


@dataclass(frozen=True)
class Record:
    """A kind of record.

    Attributes:
        key: an SQL expression for the text that names a record.
        order: of the rows of one record; none for a record of one row.
        fixed: columns that never change.
        moving: columns that later entries may change.
        where: the rows that are records.
    """

    name: str
    relation: str
    key: str
    fixed: tuple[str, ...]
    moving: tuple[str, ...] = ()
    order: str = ""
    where: str = "true"


def _columns(text: str) -> tuple[str, ...]:
    return tuple(text.split())


RECORDS: dict[str, Record] = {
    one.name: one
    for one in (
        Record(
            "submission",
            "intake.submission",
            "submission_id::text",
            _columns(
                """submission_id arrival_id department_code report report_date file_name sha256 byte_size contract_version received_at
                settled_at recorded_at due_at is_history repairs tables rows_read rows_accepted rows_set_aside rows_not_data replays"""
            ),
            ("state",),
            where="settled_at IS NOT NULL",
        ),
        Record("reply", "intake.submission", "submission_id::text", ("receipt", "replied_at"), where="replied_at IS NOT NULL"),
        Record(
            "part",
            "intake.part",
            "part_id::text",
            _columns(
                """part_id submission_id department_code table_name sheet unit report_date mode kind version is_replacement business_from
                business_to settled_serial received_at settled_at repairs_part columns_present rows_read rows_accepted rows_set_aside
                rows_not_data"""
            ),
            ("superseded_at", "superseded_by"),
        ),
        Record(
            "finding",
            "intake.finding",
            "submission_id::text",
            _columns(
                """finding_id sheet row_number cell column_name code severity value message_zh message_en n_same proposed is_doubtful rules
                question_id answer_id"""
            ),
            order="finding_id",
        ),
        Record(
            "shadow_finding",
            "intake.shadow_finding",
            "submission_id::text",
            _columns("table_name column_name code severity n n_only_cause examples fault"),
            order='table_name COLLATE "C", column_name COLLATE "C", code COLLATE "C"',
        ),
        Record(
            "set_aside_row",
            "intake.set_aside_row",
            "submission_id::text",
            _columns("table_name sheet row_number reasons"),
            ("repaired_by",),
            order='sheet COLLATE "C", row_number',
        ),
        Record(
            "set_aside_cells",
            "intake.set_aside_row",
            "submission_id::text",
            _columns("sheet row_number cells"),
            order='sheet COLLATE "C", row_number',
            where="cells IS NOT NULL",
        ),
        Record(
            "question",
            "intake.question",
            "question_id::text",
            _columns("question_id department_code kind subject code column_name row_key value item digest key_digest asked_at"),
            ("first_day", "last_day", "closed_at"),
        ),
        Record(
            "answer",
            "intake.answer",
            "answer_id::text",
            _columns("answer_id question_id submission_id verdict reason holds_from answered_at recorded_at"),
            ("superseded_at", "superseded_by"),
        ),
        Record(
            "published",
            "audit.published",
            "publication_id::text",
            _columns("format as_of known_at code_version sha256 content signer account signed_at is_provisional reason missing"),
            order='format COLLATE "C"',
        ),
        Record(
            "published_figure",
            "audit.published_figure",
            "publication_id::text",
            _columns("figure as_of known_at value unit display numerator denominator coverage is_printed"),
            order='figure COLLATE "C"',
        ),
        Record(
            "publication_end",
            "audit.publication_end",
            "publication_id::text || ' ' || kind",
            _columns("publication_id kind successor_id person account reason recorded_at"),
        ),
        Record(
            "signing",
            "audit.signing",
            "signing_id::text",
            _columns("signing_id run as_of known_at digest step person account reason publication_id recorded_at"),
        ),
        Record(
            "adjustment",
            "audit.adjustment",
            "adjustment_id::text",
            _columns("adjustment_id figure as_of value_text reason proposer approver account recorded_at"),
        ),
        Record(
            "adjustment_approval",
            "audit.adjustment_approval",
            "adjustment_id::text",
            _columns("adjustment_id approver account recorded_at"),
        ),
        Record(
            "adjustment_end",
            "audit.adjustment_end",
            "adjustment_id::text",
            _columns("adjustment_id person account reason recorded_at"),
        ),
        Record(
            "account_change",
            "access.account_change",
            "change_id::text",
            _columns("change_id account change state changed_by recorded_at"),
        ),
        Record("chore", "audit.chore", "chore_id::text", _columns("chore_id done_at chore outcome n message_zh message_en")),
        Record(
            "schema_change",
            "audit.schema_change",
            "change_id::text",
            _columns("change_id changed_at relation column_name change value_before value_after contract_version"),
        ),
    )
}
OF_SUBMISSION = ("finding", "shadow_finding", "set_aside_row", "set_aside_cells")
"""Groups that a settlement makes for its own submission, and no other entry ever."""
RENAMED: dict[tuple[str, str], str] = {}
"""(record, column as entries name it) → its name now. A migration that renames a covered column adds a line."""

Texts = list[str | None]


@dataclass(frozen=True)
class Found:
    """A record as the tables hold it: rows of texts."""

    key: str
    fixed: list[Texts]
    moving: list[Texts]


def read(
    connection: psycopg.Connection, record: Record, keys: Sequence[int] | None = None, fixed: Sequence[str] | None = None
) -> Iterator[Found]:
    """Read records in the order of their keys.

    Args:
        keys: of these submissions, parts, …; None for all.
        fixed: columns instead of the record's own.
    """
    names = list(record.fixed if fixed is None else fixed)
    columns = [_text_of(RENAMED.get((record.name, name), name)) for name in [*names, *record.moving]]
    owner = record.key.partition("::")[0]
    query = sql.SQL("SELECT {key}, {columns} FROM {relation} WHERE {where} {only} ORDER BY {owner}, 1 {order}").format(
        key=sql.SQL(record.key),  # pyright: ignore[reportArgumentType]
        columns=sql.SQL(", ").join(columns),
        relation=sql.SQL(record.relation),  # pyright: ignore[reportArgumentType]
        where=sql.SQL(record.where),  # pyright: ignore[reportArgumentType]
        only=sql.SQL("" if keys is None else "AND {} = ANY(%s)").format(sql.Identifier(owner)),
        owner=sql.Identifier(owner),
        order=sql.SQL(f", {record.order}" if record.order else ""),  # pyright: ignore[reportArgumentType]
    )
    n = len(names)
    key, rows = None, list[Texts]()

    def found() -> Found:
        return Found(str(key), [row[:n] for row in rows], [row[n:] for row in rows])

    with connection.cursor() as cursor:
        for row in (
            cursor.stream(query, None if keys is None else (list(keys),))
            if keys is None
            else cursor.execute(query, (list(keys),))
        ):
            if row[0] != key and rows:
                yield found()
                rows = []
            key = row[0]
            rows.append(list(row[1:]))
    if rows:
        yield found()


def _text_of(name: str) -> sql.Composed:
    column = sql.Identifier(name)
    if name == "content":
        return sql.SQL("encode(sha256({}), 'hex')").format(column)
    if name.endswith("_at"):  # whatever the time zone of the session
        return sql.SQL("({} AT TIME ZONE 'UTC')::text").format(column)
    return sql.SQL("{}::text").format(column)


def sealed(rows: Sequence[Texts], algorithm: str) -> str:
    """The digest of a record: `n:hex`."""
    leaves = [leaf_hash(algorithm, canonical(row).encode()) for row in rows]
    return f"{len(rows)}:{merkle.root(leaves, algorithm).hex()}"


def moved(record: Record, rows: Sequence[Texts], algorithm: str) -> Texts | str:
    """What an entry says of the moving columns: their texts, or for several rows their digest."""
    return sealed(rows, algorithm) if record.order else rows[0]
