"""Tells a sender which cell of a row is wrong: one finding a cell, instead of one a rule."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Column
from fugong.core.bilingual import Bilingual
from fugong.core.cell_address import cell_address
from fugong.core.vocabulary import Severity
from fugong.findings.finding import Finding
from fugong.parsing.column_unit import kind_of, scale_of
from fugong.parsing.header import Header
from fugong.privacy.detect import mask
from fugong.validation.localisation.constraints import Constraint, Constraints, day_of
from fugong.validation.localisation.explanation import Change, Explanation, Localised
from fugong.validation.localisation.formula import formula
from fugong.validation.localisation.parse_condition import Kind
from fugong.validation.suite import SuiteRule, render

MOST = 4
"""Explanations that are told side by side."""
NUMBER = re.compile(r"\s*([+-]?)[¥￥]?\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*")
SCALES = tuple(Decimal(one) for one in ("1", "100", "10", "1000", "10000", "1000000", "100000000"))
"""How many of the stored units one unit in the cell may be."""


class Teller:
    """Makes the findings of a row whose wrong cells were found.

    Attributes:
        header: the header by which the row was read.
        units: the unit of each column's numbers in the file.
    """

    def __init__(
        self,
        constraints: Constraints,
        code_lists: Mapping[str, CodeList],
        sheet: str,
        header: Header,
        units: Mapping[str, str | None],
    ) -> None:
        self._constraints = constraints
        self._code_lists = code_lists
        self._sheet = sheet
        self._header = header
        self._units = units

    def findings(
        self, localised: Localised, row_number: int, values: Mapping[str, float | str | None], typed: Sequence[str | None]
    ) -> list[Finding]:
        """One finding for each cell that is wrong, or may be; none where too many may be, or where the only question is what to fill in.

        Args:
            values: column → the value of the row, as read.
            typed: the texts of the row.
        """
        if not localised.explanations or len(localised.explanations) > MOST:
            return []
        broken = [self._constraints.by_number[number] for number in localised.broken]
        told = [one for one in localised.explanations if not _only_fills_in(one, values)]
        return [
            self._finding(localised, explanation, change, broken, row_number, values, typed, is_alone=len(told) == 1)
            for explanation in told
            for change in explanation.changes
        ]

    def _finding(
        self,
        localised: Localised,
        explanation: Explanation,
        change: Change,
        broken: Sequence[Constraint],
        row_number: int,
        values: Mapping[str, float | str | None],
        typed: Sequence[str | None],
        *,
        is_alone: bool,
    ) -> Finding:
        column = self._constraints.table.by_name[change.column]
        rule = _leading(broken, change.column)
        at = self._header.index.get(change.column)
        text = typed[at] if at is not None and at < len(typed) else None
        own = change.column in self._constraints.table.own_numbers
        shown = mask(text.strip(), is_code=own) if text and text.strip() else None
        proposed = self._as_typed(column, change, values.get(change.column), text)
        about = _About(
            header=column.header,
            shown=shown or "",
            others=[self._headed(one) for one in _others(broken, explanation, change)],
            together=[self._headed(one) for one in explanation.columns if one != change.column],
        )
        is_own_rule = rule.column == change.column and is_alone and len(explanation.changes) == 1
        cell = cell_address(at, row_number)
        zh, en = about.sentences(is_single=localised.is_single)
        if is_own_rule:
            zh, en = render(rule, column.header, self._as_read(column, values.get(change.column)), row_number, cell or "")
        advice = self._advice(change, broken, proposed, is_single=localised.is_single)
        if is_own_rule and (not localised.is_single or (proposed is None and change.slip is None)):
            advice = (rule.rule.advice_zh, rule.rule.advice_en)
        return Finding(
            code=rule.rule.code,
            severity=rule.rule.severity,
            message_zh=zh + advice[0],
            message_en=f"{en} {advice[1]}".strip(),
            sheet=self._sheet,
            row_number=row_number,
            cell=cell,
            column_name=change.column,
            value=shown,
            proposed=proposed if localised.is_single or not is_alone else None,
            is_doubtful=not localised.is_single,
            rules=tuple(f"{one.rule.rule.code} {one.rule.column}" for one in self._told(localised)),
        )

    def _as_read(self, column: Column, value: float | str | None) -> str | None:
        """A value as the sentences of rules show it: as it was read."""
        if value is None or _is_empty(value):
            return None
        if isinstance(value, str):
            return self._code_lists[column.code_list].name_of(value) if column.code_list else value
        match self._constraints.kinds[column.name]:
            case Kind.DAY:
                return day_of(value).isoformat()
            case Kind.BOOLEAN:
                return "是" if value else "否"
            case _:
                return f"{value:.15g}"

    def _told(self, localised: Localised) -> list[Constraint]:
        return [self._constraints.by_number[number] for number in (*localised.broken, *localised.mended)]

    def _headed(self, name: str) -> str:
        return self._constraints.table.by_name[name].header

    def _advice(self, change: Change, broken: Sequence[Constraint], proposed: str | None, *, is_single: bool) -> tuple[str, str]:
        """The slip, and the proposed value with what it follows from."""
        zh, en = ("", "")
        if change.slip is not None and is_single:
            zh, en = f"多半是{change.slip.zh}。", f"Probably {change.slip.en}."
        if proposed is not None:
            identities = [identity for one in broken for identity in one.identities]
            by = next((text for one in identities if change.by and (text := formula(one, change.column, self._headed))), None)
            source = Bilingual(by, by) if by else change.source
            number = _grouped(proposed) if change.kind is Kind.NUMBER else proposed
            is_sure = change.is_certain and is_single
            zh += f"{'应为' if is_sure else '可能应为' if is_single else '若错在这里,应为'} {number}?" + (
                f"(按 {source.zh})" if source else ""
            )
            en += (" " if en else "") + (
                f"{'It should be' if is_sure else 'It may have to be' if is_single else 'If this one is wrong, it should be'} {number}?"
                + (f" (from {source.en})" if source else "")
            )
        elif change.is_to_be_empty:
            zh, en = zh + "这一格可能应当留空。", f"{en} It may have to be empty.".strip()
        else:
            zh, en = zh + "请核对。", f"{en} Check it.".strip()
        return zh, en

    def _as_typed(self, column: Column, change: Change, value: float | str | None, text: str | None) -> str | None:
        """The proposed value as the sender would type it: in the unit of the cell beside its other numbers."""
        proposed = change.proposed
        if proposed is None:
            return None
        if isinstance(proposed, str):
            return self._code_lists[column.code_list].name_of(proposed) if column.code_list else proposed
        if change.kind is Kind.DAY:
            return day_of(proposed).isoformat()
        if change.kind is Kind.BOOLEAN:
            return "是" if proposed else "否"
        exact = Decimal(repr(proposed))
        number = _number_in(text)
        if number is not None and isinstance(value, float) and value:
            stored = Decimal(repr(value))
            for scale in SCALES:
                for factor in (scale, 1 / scale):
                    if abs(number * factor - stored) <= abs(stored) * Decimal("1e-9"):
                        return _plain(exact / factor)
        if kind_of(column) == "share":
            return f"{_plain(exact * 100)}%"
        factor = scale_of(column, self._units.get(column.name))
        return _plain(exact / factor)


class _About:
    """What a sentence says of a cell: its header and text, the headers that it disagrees with, and those that are wrong with it."""

    def __init__(self, header: str, shown: str, others: Sequence[str], together: Sequence[str]) -> None:
        self._header = header
        self._shown = shown
        self._others = others
        self._together = together

    def sentences(self, *, is_single: bool) -> tuple[str, str]:
        """The sentence in Chinese and in English."""
        zh_others = "、".join(f"“{one}”" for one in self._others)
        en_others = ", ".join(f'"{one}"' for one in self._others)
        zh = f"“{self._header}”{self._shown}" if self._shown else f"“{self._header}”是空的,"
        en = f'"{self._header}" {self._shown}' if self._shown else f'"{self._header}", which is empty,'
        zh += f"与同一行的{zh_others}对不上" if self._others else "与别的规则对不上"
        en += f" does not agree with {en_others} in the same row" if self._others else " breaks a rule"
        if not is_single:
            return f"{zh},其中有一格填错,看不出是哪一格。", f"{en}: one of them is wrong, and nothing says which."
        if self._together:
            zh_with = "、".join(f"“{one}”" for one in self._together)
            en_with = ", ".join(f'"{one}"' for one in self._together)
            return f"{zh};和{zh_with}一起改才对得上。", f"{en}; it fits only if {en_with} is mended, too."
        return f"{zh}。", f"{en}."


def _only_fills_in(explanation: Explanation, values: Mapping[str, float | str | None]) -> bool:
    """Whether an explanation only says that empty cells should hold something."""
    return all(change.proposed is None and _is_empty(values[change.column]) for change in explanation.changes)


def _is_empty(value: float | str | None) -> bool:
    return value is None or value != value


def _leading(broken: Sequence[Constraint], column: str) -> SuiteRule:
    """The rule that gives a finding its code: a hard one before a warning, then one about the cell, then one about it alone."""
    return min(
        broken,
        key=lambda one: (
            one.rule.rule.severity is not Severity.SET_ASIDE,
            one.rule.column != column,
            len(one.columns) > 1,
            one.number,
        ),
    ).rule


def _others(broken: Sequence[Constraint], explanation: Explanation, change: Change) -> list[str]:
    """The other columns of the rules that the cell breaks."""
    names = dict.fromkeys(name for one in broken if change.column in one.columns for name in one.columns)
    return [name for name in names if name not in explanation.columns]


def _number_in(text: str | None) -> Decimal | None:
    """The bare number in a cell; None where it has a unit or is none."""
    found = NUMBER.fullmatch(text or "")
    return Decimal(found[1] + found[2].replace(",", "") + (found[3] or "")) if found else None


def _plain(number: Decimal) -> str:
    """A number without an exponent and without zeros at its end, to ten decimals."""
    return format(round(number, 10).normalize(), "f")


def _grouped(text: str) -> str:
    """A number with commas between thousands."""
    whole, point, fraction = text.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{point}{fraction}" if digits.isdigit() else text
