"""Looks for what people who read English see in Chinese: names, units and words of a district's files that have no English.

None of it is a fault: the Chinese stands. `fugong lint` asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from fugong.analysis.names_of_codes import NAMES
from fugong.briefing.language import HAN, UNITS_LIST, language_of
from fugong.configuration.fault import Faults
from fugong.configuration.reference import Rows
from fugong.core.bilingual import Bilingual
from fugong.core.errors import ConfigurationError
from fugong.core.schema import parse_yaml, read_text
from fugong.core.vocabulary import Lang
from fugong.figures.definition import Definition, figure_files, read_definitions
from fugong.figures.term import Text
from fugong.marts.parameters import TOKEN
from fugong.marts.sql_files import load_sound_sql_files

CHINESE = re.compile(rf"[{HAN}]")
SHOWN = ("briefing/annex", "briefing/front", "sql/questions", "sql/checks")
"""Folders of SELECTs whose texts people read."""
PATTERN = re.compile(r"HH24|FMMM|[|%]")
"""Texts that are patterns, not words."""
TERMS = "`terms` of briefing.yaml"


def lint(remarks: Faults, include: Path, rows: Rows) -> None:
    """Look through the files of a district. A file that cannot be read is passed over: it is a fault already."""
    for name, there in rows.items():
        for row in there:
            if "name_en" in row and row["name_zh"] and not row["name_en"]:
                remarks.add(include / "reference" / f"{name}.csv", _asks(row["name_zh"], "name_en"), row.line)
    files = load_sound_sql_files(include / "sql")
    for mart in files.marts:
        if mart.title == Bilingual(mart.name, mart.name):
            remarks.add(mart.file, f"`title` is missing: people see the name {mart.name}")
    language = language_of(include, Lang.EN)
    units = {row["name_zh"] for row in rows.get("code_list", ()) if row["list"] == UNITS_LIST}
    for file in figure_files(include):
        for definition in _definitions(file):
            _lint_figure(remarks, file, definition, units, language.names)
    named = {*language.names, *units, *_named_by_questions(include)}
    for folder in SHOWN:
        for file in sorted((include / folder).glob("*.sql")):
            for line, text in _texts(file):
                if text not in named:
                    remarks.add(file, _asks(text, NAMES if folder == "sql/questions" else TERMS), line)


def _definitions(file: Path) -> Sequence[Definition]:
    try:
        return read_definitions(file)
    except ConfigurationError:
        return ()


def _lint_figure(remarks: Faults, file: Path, definition: Definition, units: set[str], names: Mapping[str, str]) -> None:
    line = definition.source.document.line_of(definition.source.position)
    if CHINESE.search(definition.name):
        remarks.add(file, _asks(definition.name, "name"), line)
    if CHINESE.search(definition.unit) and definition.unit not in units:
        remarks.add(file, _asks(definition.unit, f"the list `{UNITS_LIST}` of code_list.csv"), line)
    words = [word for _, word in definition.display.words]
    words += [part for term in definition.terms.values() if isinstance(term, Text) for part in term.text.split("、")]
    for word in words:
        if CHINESE.search(word) and word not in names:
            remarks.add(file, _asks(word, TERMS), line)


def _named_by_questions(include: Path) -> Iterator[str]:
    """The Chinese names that stand beside the questions."""
    file = include / "sql" / "questions" / NAMES
    if not file.is_file():
        return
    try:
        lists = parse_yaml(read_text(file), str(file)).content or {}
    except ConfigurationError:
        return
    for codes in lists.values():
        for code, text in codes.items():
            yield from (str(code), text.partition("|")[0].strip())


def _texts(file: Path) -> Iterator[tuple[int, str]]:
    """The Chinese texts in a SELECT, with their lines."""
    try:
        text = read_text(file)
    except ConfigurationError:
        return
    for found in TOKEN.finditer(text):
        literal = found[0][1:-1]
        if found[0].startswith("'") and CHINESE.search(literal) and not PATTERN.search(literal):
            yield text.count("\n", 0, found.start()) + 1, literal.replace("''", "'").strip()


def _asks(text: str, where: str) -> str:
    return f"{text!r} has no English: {where}"
