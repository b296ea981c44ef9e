"""Loads the SQL files of an installation: facts, marts and checks, each a head and one SELECT.

The head says what the SELECT cannot: the grain, what each column means, and how a sum leads back to the rows it was made of.
`schemas/sql-*.schema.json` explain its keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fugong.core.errors import ConfigurationError
from fugong.core.paths import listed, where
from fugong.core.schema import nearest
from fugong.marts.header import read_check, read_fact, read_mart
from fugong.marts.model import Fact, Mart, SqlFile, SqlFiles


def load_sql_files(folder: Path) -> SqlFiles:
    """Read `facts/`, `marts/` and `checks/` below a folder (`include/sql`).

    Raises:
        ConfigurationError: a head is malformed, two files have one name, a file reads a fact that does not exist or sums a column that
            the fact does not have, or facts read each other.
    """
    facts = [read_fact(file) for file in sorted((folder / "facts").glob("*.sql"))]
    marts = [read_mart(file) for file in sorted((folder / "marts").glob("*.sql"))]
    checks = [read_check(file) for file in sorted((folder / "checks").glob("*.sql"))]
    files = SqlFiles(folder, _in_order(facts), tuple(marts), tuple(checks))
    ids = [file.relation for file in files.daily]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise ConfigurationError(f"{where(folder)}: {listed(twice)} is in two files")
    for file in (*facts, *files.daily):
        _refuse_unknown_relations(file, [fact.relation for fact in facts])
    for mart in marts:
        _refuse_unknown_contributions(mart, files)
    return files


def _refuse_unknown_relations(file: SqlFile, facts: Sequence[str]) -> None:
    for at, relation in enumerate(file.reads):
        if relation.startswith("mart."):
            raise file.head.fault(("reads", at), f"reads {relation}; read facts instead, so that the past can be replayed")
        if relation.startswith("fact.") and relation not in facts:
            raise file.head.fault(("reads", at), f"reads {relation}, which no file writes.{nearest(relation, facts)}")


def _refuse_unknown_contributions(mart: Mart, files: SqlFiles) -> None:
    for total in mart.sums.values():
        for source in total.contributions:
            name = f"{source.fact}.{source.column}"
            if source.fact not in mart.reads:
                raise mart.head.fault(("sums", total.column), f"sums {name}, but {source.fact} is not among `reads`")
            columns = files.fact(source.fact).columns
            if source.column not in columns:
                raise mart.head.fault(
                    ("sums", total.column),
                    f"{source.fact} has no column {source.column!r}.{nearest(source.column, list(columns))}",
                )


def _in_order(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Sort facts so that each comes after the facts that it reads."""
    by_relation = {fact.relation: fact for fact in facts}
    done: dict[str, Fact] = {}

    def place(fact: Fact, above: tuple[str, ...]) -> None:
        if fact.relation in above:
            raise ConfigurationError(f"{where(fact.file)}: facts read each other: {' → '.join((*above, fact.relation))}")
        if fact.relation not in done:
            for relation in fact.reads:
                if relation in by_relation:
                    place(by_relation[relation], (*above, fact.relation))
            done[fact.relation] = fact

    for fact in facts:
        place(fact, ())
    return tuple(done.values())
