"""Writes the first files of a new report, mart, figure or check: they are without fault as they are, and are there to be changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Template

from fugong.contracts.load import load_contracts
from fugong.core.csv_file import read_csv
from fugong.core.errors import NotFoundError, RefusedError
from fugong.core.schema import nearest
from fugong.core.settings import PROJECT, Settings
from fugong.figures.definition import load_definitions
from fugong.marts.model import Fact
from fugong.marts.sql_files import load_sql_files

STARTERS = Path(__file__).resolve().parent / "starters"
NAME = re.compile(r"[a-z][a-z0-9_]{0,54}")
NUMBER = re.compile(r"[A-Z]+[0-9]+[A-Z]?")
DAYS = ("as_of", "business_date")


def new_report(settings: Settings, name: str, *, department: str, number: str | None, name_zh: str, name_en: str) -> list[Path]:
    """Contract, suite and fact of a report with one key and one number.

    Args:
        number: of the report; None: the next free one.

    Raises:
        RefusedError: the name or number is taken, or no name at all.
        NotFoundError: there is no such department.
    """
    _refuse_odd(NAME, name, "opening_hours")
    contracts = load_contracts(settings.include / "contracts")
    departments = [
        row["department_code"] for row in read_csv(settings.include / "reference" / "department.csv", ["department_code"])
    ]
    _require("部门", "department", department, departments)
    taken = {contract.report for contract in contracts}
    number = number or next(free for n in range(1, 1000) if (free := f"R{n:02}") not in taken)
    _refuse_odd(NUMBER, number, "N7")
    _refuse_taken(number, taken)
    _refuse_taken(name, {*contracts.by_id, *contracts.tables})
    words = {
        "name": name, "number": number, "department": department, "name_zh": name_zh, "name_en": name_en, "schema": _schema(settings),
    }  # fmt: skip
    return _write(
        words,
        {
            "report.odcs.yaml": settings.include / "contracts" / f"{name}.odcs.yaml",
            "suite.json": settings.expectations / f"{name}.json",
            "fact.sql": settings.include / "sql" / "facts" / f"{name}.sql",
        },
    )


def new_mart(settings: Settings, name: str, *, fact: str, column: str) -> list[Path]:
    """A mart with the sum of one column of a fact, by day.

    Raises:
        RefusedError: the name is taken, or no name.
        NotFoundError: there is no such fact or column.
    """
    _refuse_odd(NAME, name, "opening_daily")
    files = load_sql_files(settings.include / "sql")
    _refuse_taken(name, {mart.name for mart in files.marts})
    read = _fact(files.facts, fact)
    day = _day(read)
    _require("列", "column", column, [one for one in read.columns if one not in (*DAYS, "part_id", "sheet", "row_number")])
    said = read.columns[column]
    words = {"name": name, "fact": read.relation, "column": column, "day": day, "header": said.zh, "meaning": said.en}
    return _write(words, {"mart.sql": settings.include / "sql" / "marts" / f"{name}.sql"})


def new_figure(settings: Settings, figure: str, *, mart: str, column: str, name_zh: str, name_en: str) -> list[Path]:
    """A figure that adds up one column of a mart.

    Raises:
        RefusedError: the id is taken, or no id.
        NotFoundError: there is no such mart or column.
    """
    _refuse_odd(NUMBER, figure, "S101")
    definitions = load_definitions(settings.include)
    _refuse_taken(figure, set(definitions))
    marts = {one.name: one for one in load_sql_files(settings.include / "sql").marts}
    _require("汇总表", "mart", mart, list(marts))
    _require("列", "column", column, list(marts[mart].sums))
    words = {"name": figure, "mart": mart, "column": column, "name_zh": name_zh, "name_en": name_en}
    return _write(words, {"figure.yaml": settings.include / "briefing" / "figures" / f"90_{figure}.yaml"})


def new_check(settings: Settings, check: str, *, name: str, fact: str, figure: str) -> list[Path]:
    """A check over the lines of a fact that finds nothing yet.

    Raises:
        RefusedError: the number is taken, or no number.
        NotFoundError: there is no such fact or figure.
    """
    _refuse_odd(NUMBER, check, "X30")
    _refuse_odd(NAME, name, "hours_of_closed_shops")
    files = load_sql_files(settings.include / "sql")
    _refuse_taken(check, {one.id for one in files.checks})
    read = _fact(files.facts, fact)
    _require("指标", "figure", figure, list(load_definitions(settings.include)))
    words = {"name": check, "fact": read.relation, "day": _day(read), "figure": figure}
    return _write(words, {"check.sql": settings.include / "sql" / "checks" / f"{check.lower()}_{name}.sql"})


def _write(words: Mapping[str, str], files: Mapping[str, Path]) -> list[Path]:
    """Write each starter as the file that it is mapped to; nothing where one of them is there."""
    for file in files.values():
        if file.exists():
            raise RefusedError(f"{file}: 已有这个文件,未写入 | the file is there; nothing was written")
    for starter, file in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(Template((STARTERS / starter).read_text(encoding="utf-8")).substitute(words), encoding="utf-8")
    return list(files.values())


def _schema(settings: Settings) -> str:
    """Where editors find the schema of contracts, seen from a contract."""
    return (
        "../../plugins/fugong/schemas/contract.schema.json"
        if settings.district == PROJECT
        else "../../schemas/contract.schema.json"
    )


def _fact(facts: Iterable[Fact], wanted: str) -> Fact:
    there = {fact.name: fact for fact in facts}
    name = wanted.removeprefix("fact.")
    _require("事实表", "fact", name, list(there))
    return there[name]


def _day(fact: Fact) -> str:
    day = next((day for day in DAYS if day in fact.columns), None)
    if day is None:
        raise RefusedError(f"{fact.relation}: 没有 {'、'.join(DAYS)} 列 | it has no column {' or '.join(DAYS)}")
    return day


def _require(zh: str, en: str, wanted: str, there: Sequence[str]) -> None:
    if wanted not in there:
        raise NotFoundError(f"没有{zh} {wanted!r} | no {en} {wanted!r}.{nearest(wanted, there)}")


def _refuse_taken(name: str, taken: Iterable[str]) -> None:
    if name in taken:
        raise RefusedError(f"{name}: 已有人用 | it is taken")


def _refuse_odd(pattern: re.Pattern[str], name: str, example: str) -> None:
    if not pattern.fullmatch(name):
        raise RefusedError(f"{name!r}: 名称应像 {example} | a name should look like {example}")
