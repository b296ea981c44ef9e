"""Names instead of codes, for what commands print: departments, reports, policies, members of lists, firms and sites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg

from fugong.analysis.names_of_codes import names_of_codes, parameter_name
from fugong.analysis.names_of_rows import key_of, names_of_rows
from fugong.briefing.language import Language, language_of
from fugong.contracts.accepted import accepted_contracts
from fugong.core.bilingual import Bilingual
from fugong.core.settings import Settings
from fugong.core.vocabulary import Lang

ENDINGS = ("_code", "_id", "_dept")
"""Columns that end so hold codes of the list that is called as what stands before."""


@dataclass(frozen=True)
class Naming:
    """Names in a language.

    Attributes:
        lists: by list and code.
        rows: by key and code, such as a firm by its credit code.
    """

    language: Language
    lists: Mapping[tuple[str, str], Bilingual]
    rows: Mapping[tuple[str, str], str]

    def department(self, code: str | None) -> str:
        """A department, by its name."""
        return self.code("department", code or "")

    def code(self, of: str, code: str) -> str:
        """A member of a list, by its name; the code where it has none."""
        return self.lists[of, code].text_in(self.language.lang) if (of, code) in self.lists else code

    def entity(self, code: str) -> str:
        """A firm or a site by its code and its name."""
        name = next((name for (_, one), name in self.rows.items() if one == code), "")
        return f"{code} {name}".rstrip()

    def parameter(self, policy_id: str, param: str) -> str:
        """A parameter by the name of its policy."""
        return parameter_name(self.lists, policy_id, param).text_in(self.language.lang)

    def details(self, details: Mapping[str, Any], codes: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """The columns of a row, with names for codes; firms and sites by code and name, unless the row says itself how they are called.

        Args:
            codes: columns, and the lists that name their codes, besides those that are called as the columns.
        """
        names_rows = not any(column == "name" or column.endswith("_name") for column in details)
        return {column: self._value(column, value, codes.get(column, ()), names_rows) for column, value in details.items()}

    def _value(self, column: str, value: Any, named: Sequence[str], names_rows: bool) -> Any:
        if not isinstance(value, str):
            return value
        lists = (*named, column, *(column.removesuffix(ending) for ending in ENDINGS if column.endswith(ending)))
        lists += ("department",) if column.endswith("_dept") else ()
        for of in lists:
            if (of, value) in self.lists:
                return self.lists[of, value].text_in(self.language.lang)
        if names_rows and (key_of(column), value) in self.rows:
            return f"{value} {self.rows[key_of(column), value]}"
        return self.language.words(value)


def naming(
    connection: psycopg.Connection,
    settings: Settings,
    lang: Lang,
    details: Iterable[Mapping[str, Any]] = (),
    *,
    day: date | None = None,
    known_at: datetime | None = None,
) -> Naming:
    """The names that commands print.

    Args:
        details: rows by column, whose keys are to be named; as of the day.
    """
    wanted: dict[str, set[str]] = {}
    for row in details:
        for column, value in row.items():
            if isinstance(value, str) and value:
                wanted.setdefault(key_of(column), set()).add(value)
    rows: dict[tuple[str, str], str] = {}
    if day is not None:
        contracts = accepted_contracts(connection)
        for key, codes in wanted.items():
            found = names_of_rows(connection, contracts, key, codes, day, known_at)
            rows |= {(key, code): name for code, name in found.items()}
    return Naming(language_of(settings.include, lang), names_of_codes(connection, settings.include), rows)
