"""Chooses among the sheets that match one table: the one that is meant, or all that are its parts.

Sheets are parts if each name says a unit (a township, branch, bank), or if the names only number the sheets. None may be another
version, a copy, or the sum of the others, and no two may name different days. Keys that stand in two parts are found once the rows are
typed (`validation.run.refuse_common_keys`). Where it is not sure what is meant, the sender is asked which sheet counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from fugong.contracts.code_list import CodeList, fold
from fugong.contracts.contract import Table
from fugong.parsing.header import Grid, Header
from fugong.parsing.report_day import days_in
from fugong.parsing.sheet_names import NEWER, bare, is_other_version, is_part_name, only_number, values_in_name
from fugong.reading.model import SheetCells

MIN_FILLED_CELLS = 3
"""A row of a sheet without a header may be data if it fills at least so many cells."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A sheet in which a table was found.

    Attributes:
        titles: its lines of titles.
        day: the report date that the file's name gives.
        given: column → value that the sheet's name gives.
    """

    sheet: SheetCells
    header: Header
    titles: Sequence[str]
    day: date | None
    given: Mapping[str, str]

    @cached_property
    def has_lines(self) -> bool:
        """Whether a line below the header holds something."""
        return has_lines(self.sheet, self.header)

    @cached_property
    def names_day(self) -> bool:
        """Whether name or titles name the report date."""
        day = self.day
        return day is not None and any(
            (found.month, found.day) == (day.month, day.day) and found.year in (None, day.year)
            for text in (self.sheet.name, *self.titles)
            for found in days_in(text)
        )

    @cached_property
    def days(self) -> frozenset[tuple[int, int]]:
        """Month and day of every day that name or titles name."""
        return frozenset((found.month, found.day) for text in (self.sheet.name, *self.titles) for found in days_in(text))

    @property
    def may_count(self) -> bool:
        """Whether the sheet has lines, is not hidden, and is of no other day."""
        return self.has_lines and not self.sheet.hidden and (self.names_day or self.day is None or not self.days)

    @property
    def is_complete(self) -> bool:
        """Whether no mandatory column is missing."""
        return not any(column.is_mandatory for column in self.header.missing)

    @property
    def rank(self) -> tuple[bool, int, bool, bool, bool]:
        """How well the sheet matches. One that holds lines is better than one that only has more columns."""
        score = self.header.score + sum(name not in self.header.index for name in self.given)
        return (self.may_count and self.is_complete, score, self.names_day, not self.sheet.hidden, self.has_lines)


class Choice(NamedTuple):
    """Which sheets of a table are read.

    Attributes:
        taken: in the order of the file; several are parts of one table.
        rivals: names of other sheets that may be meant as well.
        unread: names of sheets that should be parts, and in which the table was not found.
        left: names of other sheets with lines of the table, which are not read.
    """

    taken: Sequence[Fit]
    rivals: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def has_lines(sheet: SheetCells, header: Header) -> bool:
    """Whether a line below the header holds something."""
    return has_lines_below(sheet.head, header)


def has_lines_below(grid: Grid, header: Header) -> bool:
    """Whether a row below the header holds something."""
    return any(any(header.within(row)) for row in grid[header.last_row + 1 :])


def fit_of(
    table: Table, sheet: SheetCells, header: Header, titles: Sequence[str], day: date | None, code_lists: Mapping[str, CodeList]
) -> Fit:
    """A sheet that matches a table, with the values that its name gives: their columns are not missing."""
    given = values_in_name(sheet.name, table, code_lists)
    return Fit(sheet, header.without_missing(given), titles, day, given)


def choose(
    table: Table,
    fits: Sequence[Fit],
    strangers: Sequence[SheetCells],
    code_lists: Mapping[str, CodeList],
    is_ours: Callable[[SheetCells], bool],
) -> Choice:
    """Choose the sheets of a table that are read.

    Args:
        fits: sheets in which the table was found; at least one.
        strangers: sheets in which no table of the report was found.
        is_ours: whether a sheet fits no other table of the report as well.
    """
    best = max(fits, key=lambda fit: fit.rank)  # the first of equals
    others = [fit for fit in fits if fit is not best and fit.has_lines and is_ours(fit.sheet)]
    equal = [fit for fit in others if fit.rank == best.rank]
    parts, doubtful = _parts(table, best, others, code_lists)
    is_doubtful = any(fit in doubtful or (fit in equal and fit not in parts) for fit in others) or not _agree(parts)
    rivals = [fit.sheet.name for fit in others if is_doubtful and (fit in parts or fit in doubtful or fit in equal)]
    taken = [best] if rivals else sorted(parts, key=lambda fit: fit.sheet.index)
    named = {fit.sheet.name for fit in taken} | set(rivals)
    return Choice(
        taken,
        tuple(rivals),
        () if rivals else _unread(table, best, len(parts), strangers, code_lists),
        tuple(
            fit.sheet.name
            for fit in others
            if fit.sheet.name not in named and fit.may_count and fit.is_complete and not is_other_version(fit.sheet.name)
        ),
    )


def beside_named(choice: Choice, unnamed: Sequence[Fit]) -> Choice:
    """The choice among the sheets that are named as the table, beside other sheets that fit it as well.

    Those are told; but if the name of one says that it is a newer version, the sender is asked.
    """
    first = choice.taken[0]
    alike = [fit for fit in unnamed if fit.may_count and fit.is_complete and fit.header.score >= first.header.score]
    newer = tuple(fit.sheet.name for fit in alike if NEWER.search(fold(fit.sheet.name)))
    left = tuple(fit.sheet.name for fit in alike if fit.sheet.name not in newer)
    return choice._replace(rivals=(*choice.rivals, *newer), left=(*choice.left, *left))


def _parts(table: Table, best: Fit, others: Sequence[Fit], code_lists: Mapping[str, CodeList]) -> tuple[list[Fit], list[Fit]]:
    """The sheets that are parts of the table together with the best one, and those of which it is not sure."""
    if not best.may_count:
        return [best], []
    if is_part_name(best.sheet.name, table, code_lists):
        of_units = [fit for fit in others if is_part_name(fit.sheet.name, table, code_lists)]
        # A hidden sheet, or one of another day, is neither taken nor dropped in silence: the sender is asked.
        return [best, *(fit for fit in of_units if fit.may_count)], [fit for fit in of_units if not fit.may_count]
    numbered = [best]
    for fit in others:
        if fit.may_count and fit.is_complete and only_number([best.sheet.name, fit.sheet.name], None):
            numbered.append(fit)
    return (numbered if only_number([fit.sheet.name for fit in numbered], best.day) else [best]), []


def _agree(parts: Sequence[Fit]) -> bool:
    """Whether no two sheets have the same name but for brackets, and none names another day than the others."""
    days = [fit.days for fit in parts if fit.days]
    return len({bare(fit.sheet.name) for fit in parts}) == len(parts) and (not days or bool(frozenset.intersection(*days)))


def _unread(
    table: Table, best: Fit, n_parts: int, strangers: Sequence[SheetCells], code_lists: Mapping[str, CodeList]
) -> tuple[str, ...]:
    """The names of sheets that say units as the parts do, and hold rows as long as theirs, but no header of the table."""
    if not is_part_name(best.sheet.name, table, code_lists):
        return ()
    least = max(MIN_FILLED_CELLS, len(best.header.columns) // 2)
    return tuple(
        sheet.name
        for sheet in strangers
        if not sheet.hidden
        and (is_part_name(sheet.name, table, code_lists) if n_parts > 1 else _is_alike(best, sheet, table, code_lists))
        and any(sum(bool(cell) for cell in row) >= least for row in sheet.head)
    )


def _is_alike(best: Fit, sheet: SheetCells, table: Table, code_lists: Mapping[str, CodeList]) -> bool:
    """Whether the names of two sheets say codes of the same list."""
    lists = (code_lists[column.code_list].spellings for column in table.columns if column.code_list)
    return any(bare(best.sheet.name) in codes and bare(sheet.name) in codes for codes in lists) or bool(
        best.given.keys() & values_in_name(sheet.name, table, code_lists).keys()
    )
