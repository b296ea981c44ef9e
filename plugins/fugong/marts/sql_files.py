"""SQL files: the comment head of a fact, mart or check, and its one SELECT.

The head says what the SELECT cannot: the grain, what each column means, and how a sum leads back to the rows it was made of.
`docs/architecture.md` lists the head words.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fugong.core.errors import ConfigurationError
from fugong.core.paths import listed, where
from fugong.marts.header import read_check, read_fact, read_mart
from fugong.marts.model import Fact, SqlFiles


def load_sql_files(folder: Path) -> SqlFiles:
    """Read `facts/`, `marts/` and `checks/` below a folder (`include/sql`).

    Raises:
        ConfigurationError: a head is malformed, a name is used twice, a fact is read that does not exist, or facts read each other.
    """
    facts = [read_fact(file) for file in sorted((folder / "facts").glob("*.sql"))]
    marts = [read_mart(file) for file in sorted((folder / "marts").glob("*.sql"))]
    checks = [read_check(file) for file in sorted((folder / "checks").glob("*.sql"))]
    files = SqlFiles(_in_order(facts), tuple(marts), tuple(checks))
    ids = [file.relation for file in files.daily]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise ConfigurationError(f"{where(folder)}: {listed(twice)} is in two files")
    relations = {fact.relation for fact in facts} | {mart.relation for mart in marts}
    for file in (*facts, *marts, *checks):
        for relation in file.reads:
            if relation.startswith("mart."):
                raise ConfigurationError(
                    f"{where(file.file)}: reads {relation}; read facts instead, so that the past can be replayed"
                )
            if relation.startswith(("fact.", "mart.")) and relation not in relations:
                raise ConfigurationError(
                    f"{where(file.file)}: reads {relation}, which no file writes. There is: {listed(relations)}"
                )
    for mart in marts:
        for total in mart.sums.values():
            for source in total.contributions:
                fact = files.fact(source.fact)
                if fact.relation not in mart.reads:
                    raise ConfigurationError(
                        f"{where(mart.file)}: sums {source.fact}.{source.column} but does not name it in `reads`"
                    )
                if source.column not in fact.columns:
                    raise ConfigurationError(
                        f"{where(mart.file)}: {fact.relation} has no column {source.column!r}. It has: {', '.join(fact.columns)}"
                    )
    return files


def _in_order(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Facts after the facts that they read."""
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
