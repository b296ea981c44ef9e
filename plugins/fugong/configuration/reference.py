"""Looks through `include/reference`: cells that are no values of their columns, keys that stand there twice, and codes that lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from fugong.configuration.fault import Faults
from fugong.core.csv_file import Row, read_csv
from fugong.core.schema import nearest

Rows = Mapping[str, tuple[Row, ...]]
"""The name of a file without `.csv` → its rows; files that cannot be read are left out."""


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


KINDS: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "date": ("a day such as 2020-03-18", _is_date),
    "integer": ("a whole number", lambda text: re.fullmatch(r"-?\d{1,9}", text) is not None),
    "number": ("a number", _is_number),
    "department": (
        "letters and digits in capitals, such as EXAMPLE",
        lambda text: re.fullmatch(r"[A-Z][A-Z0-9]*", text) is not None,
    ),
}


@dataclass(frozen=True)
class Reference:
    """What a reference file holds.

    Attributes:
        columns: name → kind of value: a key of `KINDS`, `text`, or words parted by `|`. A `?` before it: the cell may be empty.
        keys: each set of columns that no two rows share. Those of code lists are seen to where lists are loaded.
        refers: column → the file and column where its values stand.
        optional: columns that a file may leave out.
    """

    columns: Mapping[str, str]
    keys: Sequence[tuple[str, ...]]
    refers: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    optional: frozenset[str] = frozenset()


BOOLEAN = "true|false"
SETTING = "SETTING"
"""Stands in `policy_param.csv` where a policy would: a parameter of the district."""
REFERENCES: Mapping[str, Reference] = {
    "calendar": Reference({"date": "date", "is_workday": BOOLEAN, "name": "?text"}, [("date",)]),
    "code_list": Reference(
        {"list": "text", "code": "text", "name_zh": "text", "name_en": "?text", "aliases": "?text"}, []
    ),
    "department": Reference(
        {"department_code": "department", "name_zh": "text", "name_en": "text", "kind": "bureau|utility|township", "aliases": "?text"},
        [("department_code",)],
        optional=frozenset({"aliases"}),
    ),
    "township": Reference(
        {
            "township_code": "text", "department_code": "department", "name_zh": "text", "name_en": "text", "kind": "subdistrict|town|zone",
            "aliases": "?text", "source": "?text", "version": "?text",
        },
        [("township_code",)],
        {"department_code": ("department", "department_code")},
    ),
    "industry": Reference(
        {
            "industry_code": "text", "level": "section|division", "section_code": "text", "name_zh": "text", "name_en": "?text", "is_high_energy": BOOLEAN,
            "high_energy_version": "?text", "standard": "text",
        },
        [("industry_code",)],
        {"section_code": ("industry", "industry_code")},
        optional=frozenset({"name_en"}),
    ),
    "size_class_rule": Reference(
        {
            "industry": "text", "size_class": "L|M|S", "min_staff": "?integer", "min_revenue": "?number", "min_assets": "?number",
            "source": "text", "version": "text",
        },
        [("industry", "size_class", "version")],
    ),
    "policy": Reference(
        {
            "policy_id": "text", "name_zh": "text", "name_en": "text", "benefit_class": "A|B|C|D", "base_unit": "text",
            "is_computable": BOOLEAN,
        },
        [("policy_id",)],
    ),
    "policy_param": Reference(
        {
            "policy_id": "text", "clause": "?text", "doc_no": "?text", "param": "text", "value": "?text", "unit": "text",
            "valid_from": "?date", "valid_to": "?date", "known_from": "date", "known_to": "?date", "region": "?text", "size_class": "?text",
            "industry_include": "?text", "industry_exclude": "?text", "stack_group": "?text", "eligibility": "?text", "source_mark": "?text",
        },
        [],
        {"policy_id": ("policy", "policy_id")},
    ),
    "levy_policy": Reference(
        {"relief_code": "?text", "doc_no": "?text", "policy_id": "text", "note": "?text"},
        [("relief_code", "doc_no")],
        {"policy_id": ("policy", "policy_id")},
    ),
}  # fmt: skip
"""The files that there may be; `tests/configuration` holds them against the tables of `ref`."""
PERIODS = {"policy_param": (("valid_from", "valid_to"), ("known_from", "known_to"))}


def lint(faults: Faults, folder: Path) -> Rows:
    """Look through the files of the folder.

    Returns:
        Their rows.
    """
    rows: dict[str, tuple[Row, ...]] = {}
    for file in sorted(folder.glob("*")):
        if not file.is_file() or file.name.startswith("."):
            continue
        if file.suffix != ".csv" or file.stem not in REFERENCES:
            faults.add(file, f"no reference file has this name.{nearest(file.name, [f'{name}.csv' for name in REFERENCES])}")
            continue
        wanted = [name for name in REFERENCES[file.stem].columns if name not in REFERENCES[file.stem].optional]
        found = faults.attempt(file, read_csv, file, wanted)
        if found is not None:
            rows[file.stem] = found
            _lint_cells(faults, file, found)
    for name in ("code_list", "department"):
        if name not in rows and not (folder / f"{name}.csv").is_file():
            faults.add(folder / f"{name}.csv", "there is no such file")
    for name, there in rows.items():
        _lint_references(faults, folder / f"{name}.csv", there, rows)
    return rows


def _lint_cells(faults: Faults, file: Path, rows: Sequence[Row]) -> None:
    reference = REFERENCES[file.stem]
    for column in rows[0] if rows else ():
        if column not in reference.columns:
            faults.add(file, f"there is no column {column!r} in ref.{file.stem}.{nearest(column, list(reference.columns))}", 1)
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        for column, text in row.items():
            if column in reference.columns and (wrong := _fault_of(text, reference.columns[column])):
                faults.add(file, f"{column}: {wrong}", row.line)
        for key in reference.keys:
            values = (",".join(key), *(row[column] for column in key))
            if values in seen:
                faults.add(file, f"{' and '.join(key)} {', '.join(values[1:])} is in line {seen[values]} already", row.line)
            seen.setdefault(values, row.line)
        for first, last in PERIODS.get(file.stem, ()):
            if row[first] and row[last] and _is_date(row[first]) and _is_date(row[last]) and row[first] > row[last]:
                faults.add(file, f"{first} {row[first]} is after {last} {row[last]}", row.line)


def _fault_of(text: str, kind: str) -> str | None:
    if not text:
        return None if kind.startswith("?") else "the cell is empty"
    kind = kind.removeprefix("?")
    if kind == "text":
        return None
    if kind in KINDS:
        wanted, fits = KINDS[kind]
        return None if fits(text) else f"should be {wanted}, found {text!r}"
    words = kind.split("|")
    return None if text in words else f"should be one of {', '.join(words)}, found {text!r}.{nearest(text, words)}"


def _lint_references(faults: Faults, file: Path, rows: Sequence[Row], all_rows: Rows) -> None:
    for column, (other, of) in REFERENCES[file.stem].refers.items():
        if other not in all_rows:
            continue
        there = {row[of] for row in all_rows[other]}
        for row in rows:
            if row[column] and row[column] not in there and row[column] != SETTING:
                faults.add(file, f"{column}: {other}.csv has no {row[column]!r}.{nearest(row[column], sorted(there))}", row.line)
