"""Loads the SQL files of an installation: facts, marts and checks, each a head and one SELECT.

The head says what the SELECT cannot: the grain, what each column means, and how a sum leads back to the rows it was made of.
`schemas/sql-*.schema.json` explain its keys.

One file that cannot be used leaves out itself and what is made of it: `load_sql_files` raises, `load_sound_sql_files` gives the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from fugong.core.errors import ConfigurationError
from fugong.core.paths import where
from fugong.core.schema import nearest
from fugong.marts.header import read_check, read_fact, read_mart
from fugong.marts.model import AnyFile, Daily, Fact, Mart, SqlFiles

AnyDaily = TypeVar("AnyDaily", bound=Daily)
TOUCHES = re.compile(rb"^--\s*touches:\s*\[([\w\s,]*)\]", re.MULTILINE)
CHECK_ID = re.compile(rb"^--\s*check:?\s+(\w+)", re.MULTILINE)


def load_sql_files(folder: Path) -> SqlFiles:
    """Read `facts/`, `marts/` and `checks/` below a folder (`include/sql`).

    Raises:
        ConfigurationError: a head is malformed, two files have one name, a file reads a fact that does not exist or sums a column that
            the fact does not have, or facts read each other.
    """
    files = load_sound_sql_files(folder)
    for fault in files.faulty.values():
        raise fault
    return files


def load_sound_sql_files(folder: Path) -> SqlFiles:
    """The files that can be used, as `load_sql_files` reads them, and those that cannot, in `faulty`."""
    faulty: dict[str, ConfigurationError] = {}
    facts = _in_order(list(_sound(folder / "facts", read_fact, faulty)), faulty)
    marts = list(_sound(folder / "marts", read_mart, faulty))
    checks = list(_sound(folder / "checks", read_check, faulty))
    files = SqlFiles(folder, facts, (), (), faulty)
    return replace(files, marts=_usable(files, marts, faulty), checks=_usable(files, checks, faulty))


def unusable_checks(files: SqlFiles) -> dict[str, frozenset[str]]:
    """The checks that cannot be used, by id, and the figures that they would be shown with, as far as their heads can be read."""
    found: dict[str, frozenset[str]] = {}
    for file in sorted((files.folder / "checks").glob("*.sql")):
        name = (relation := _relation(file)).partition(".")[2]
        if relation in files.faulty:
            touches = TOUCHES.search(file.read_bytes())
            found[name] = frozenset(re.findall(r"\w+", touches[1].decode())) if touches else frozenset({"report"})
    return found


def without(files: SqlFiles, faulty: Mapping[str, ConfigurationError]) -> SqlFiles:
    """The files without some marts and checks, which are faulty now."""
    return replace(
        files,
        marts=tuple(one for one in files.marts if one.relation not in faulty),
        checks=tuple(one for one in files.checks if one.relation not in faulty),
        faulty={**files.faulty, **faulty},
    )


def _sound(folder: Path, read: Callable[[Path], AnyFile], faulty: dict[str, ConfigurationError]) -> Iterator[AnyFile]:
    """The files of a folder that can be read, each name once."""
    known: set[str] = set()
    for file in sorted(folder.glob("*.sql")):
        name = _relation(file)
        if name in known:
            faulty[name] = ConfigurationError(f"{where(folder)}: {name} is in two files")
            continue
        known.add(name)
        try:
            yield read(file)
        except ConfigurationError as error:
            faulty[name] = error


def _relation(file: Path) -> str:
    """The relation that a file writes, also where its head cannot be read: facts and marts are named as their files."""
    kind = file.parent.name.removesuffix("s")
    found = CHECK_ID.search(file.read_bytes()) if kind == "check" else None
    return f"{kind}.{found[1].decode() if found else file.stem}"


def _usable(files: SqlFiles, found: Sequence[AnyDaily], faulty: dict[str, ConfigurationError]) -> tuple[AnyDaily, ...]:
    """The marts or checks that read and sum what there is."""
    usable: list[AnyDaily] = []
    for file in found:
        try:
            _refuse_unknown_relations(file, files)
            if isinstance(file, Mart):
                _refuse_unknown_contributions(file, files)
        except ConfigurationError as error:
            faulty[file.relation] = error
        else:
            usable.append(file)
    return tuple(one for one in usable if one.relation not in faulty)


def _refuse_unknown_relations(file: Fact | Daily, files: SqlFiles) -> None:
    names = [fact.relation for fact in files.facts]
    for at, relation in enumerate(file.reads):
        if relation.startswith("mart."):
            raise file.head.fault(("reads", at), f"reads {relation}; read facts instead, so that the past can be replayed")
        if fault := files.faulty.get(relation):
            raise file.head.fault(("reads", at), f"reads {relation}, which cannot be used: {fault}")
        if relation.startswith("fact.") and relation not in names:
            raise file.head.fault(("reads", at), f"reads {relation}, which no file writes.{nearest(relation, names)}")


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


def _in_order(facts: Sequence[Fact], faulty: dict[str, ConfigurationError]) -> tuple[Fact, ...]:
    """Sort facts so that each comes after the facts that it reads; those that read what cannot be used cannot be used either."""
    by_relation = {fact.relation: fact for fact in facts if fact.relation not in faulty}
    done: dict[str, Fact] = {}

    def place(fact: Fact, above: tuple[str, ...]) -> None:
        if fact.relation in above:
            raise ConfigurationError(f"{where(fact.file)}: facts read each other: {' → '.join((*above, fact.relation))}")
        if fact.relation in done or fact.relation in faulty:
            return
        for relation in fact.reads:
            if relation in by_relation:
                place(by_relation[relation], (*above, fact.relation))
        _refuse_unknown_relations(fact, SqlFiles(fact.file.parent, tuple(by_relation.values()), (), (), faulty))
        done[fact.relation] = fact

    for fact in by_relation.values():
        try:
            place(fact, ())
        except ConfigurationError as error:
            faulty[fact.relation] = error
    return tuple(done.values())
