"""Runs the suite of a table over its typed rows, block by block, and records which cells fail which rule.

Rules that a block is known to pass (`first_pass`) are not run; the others are judged by Great Expectations.

`accepted_blocks` yields the rows that pass while a later block is still being validated. The findings of a table are
therefore complete only after its last block has been taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Table
from fugong.core.cell_address import cell_address
from fugong.findings.catalogue import finding
from fugong.findings.collector import MAX_FAULTY_ROWS, MAX_KEPT_FINDINGS, FindingCollector, NotInOnePass, TooManyFaults
from fugong.findings.finding import Finding
from fugong.findings.shadow import EXAMPLES, Example, ShadowKey
from fugong.parsing.duplicate_keys import SEPARATOR, common, key_texts
from fugong.parsing.header import Header
from fugong.parsing.interpreted import Interpreted, read_batches
from fugong.parsing.locate import Place
from fugong.parsing.raw_rows import raw_rows, typed_texts
from fugong.reading.model import SheetCells
from fugong.validation.checked import FINDINGS, Checked, nothing_found
from fugong.validation.explained_totals import Correction, explain_totals
from fugong.validation.first_pass import FirstPass
from fugong.validation.frame import FileDays, frame_of
from fugong.validation.localisation.constraints import Constraints, constraints_of
from fugong.validation.localisation.evidence import RowsBefore, nothing_before
from fugong.validation.localisation.localise import Budget, LocalisedRow, localise, rows_to_localise
from fugong.validation.localisation.tell import Teller
from fugong.validation.suite import Suite, render

MAX_CHECKED_CELLS = 1_500_000
"""Cells that one call of Great Expectations validates: a call costs 40 ms however few they are, and a block of memory."""


MAX_LOCALISED_IN_ONE_PASS = 10_000
"""Rows that one pass localises, at a millisecond each. Of a file with more it is asked first whether it is refused whole."""


@dataclass(frozen=True)
class TablePart:
    """One table of a file: its typed rows, where it stands in the file, and the suite that validates it."""

    interpreted: Interpreted
    place: Place
    suite: Suite
    code_lists: Mapping[str, CodeList]
    first_pass: FirstPass

    @property
    def table(self) -> Table:
        """The table of the contract."""
        return self.interpreted.table

    @property
    def headers(self) -> tuple[Header, ...]:
        """The headers of all blocks."""
        return (self.interpreted.header, *(block.header for block in self.interpreted.later))

    @cached_property
    def constraints(self) -> Constraints:
        """The rules of the suite, read as constraints of a row."""
        return constraints_of(self.suite, self.table, self.code_lists)

    @property
    def cells(self) -> SheetCells:
        """The sheet that holds the table."""
        return self.place.sheet

    def returned_lines(self, findings: FindingCollector) -> set[int]:
        """The lines of the sheet that are set aside."""
        return {line for sheet, line in findings.rows if sheet == self.interpreted.sheet}

    def raw(self, lines: set[int]) -> dict[int, list[list[str | None]]]:
        """Some lines as typed: line → [[header, text], …]."""
        found = self.interpreted
        return raw_rows(found, Path(self.cells.path), self.cells.merged, lines, self.place.given)

    def typed_texts(self, lines: set[int]) -> dict[int, Sequence[str | None]]:
        """Some lines as typed: line → text by physical column; 同上 is not filled."""
        return typed_texts(self.interpreted, Path(self.cells.path), self.cells.merged, lines)


def set_duplicates_aside(part: TablePart, findings: FindingCollector) -> None:
    """Set every row aside whose key another row of the table has, too. All rows are typed.

    Raises:
        TooManyFaults: see `FindingCollector`.
    """
    found = part.interpreted
    if any(column.name in found.table.key for header in part.headers for column in header.missing):
        return  # the whole file is rejected for the missing column; rows without a key do not duplicate each other
    lines = duplicated(found)
    if not len(lines):
        return
    table = found.table
    wanted = pa.array(lines)
    for batch in found.blocks():
        hit = batch.filter(pc.is_in(batch.column("row_number"), wanted))
        for line, key in zip(hit.column("row_number").to_pylist(), key_texts(hit, table).to_pylist(), strict=True):
            _add_duplicate(part, line, key, findings)


def duplicated(interpreted: Interpreted) -> np.ndarray:
    """The row numbers whose key occurs more than once in the file; not all of them if they exceed `MAX_FAULTY_ROWS`.

    Keys are compared by hash first, and exactly only where hashes are equal.
    """
    keys = interpreted.keys
    repeated = keys.repeated(2 * MAX_FAULTY_ROWS)  # hashes that are equal by chance are never half of them
    return np.array(keys.lines(read_batches(interpreted.rows), repeated) if len(repeated) else [], np.int64)


def refuse_common_keys(parts: Sequence[TablePart], findings: FindingCollector) -> None:
    """Reject a file in which sheets of one table have keys in common: they may be two versions. All rows are typed.

    Raises:
        TooManyFaults: see `FindingCollector`.
    """
    places = _common_keys(parts)
    if not places:
        return
    names = "、".join(f"“{name}”" for name in dict.fromkeys(part.interpreted.sheet for part, _, _ in places))
    findings.add(finding("several-sheets", sheet=places[0][0].interpreted.sheet, value=names))
    for part, line, key in places:
        reasons = findings.rows.get((part.interpreted.sheet, line), ())
        if not any(reason["code"] == "duplicate-key" for reason in reasons):
            _add_duplicate(part, line, key, findings)


def refuse_common_keys_of_one_pass(parts: Sequence[TablePart]) -> None:
    """Stop the COPY of a file in which sheets of one table have keys in common.

    Raises:
        NotInOnePass: they have.
    """
    if _common_keys(parts):
        raise NotInOnePass("keys in several sheets")


def _common_keys(parts: Sequence[TablePart]) -> list[tuple[TablePart, int, str]]:
    """Part, line and key of rows whose keys stand in several sheets of a table; not all if they exceed `MAX_FAULTY_ROWS`."""
    if len(parts) < 2:
        return []
    hashes = common([part.interpreted.keys for part in parts], 2 * MAX_FAULTY_ROWS)
    places = [
        (part, line, key)
        for part in (parts if len(hashes) else ())
        for key, line in part.interpreted.keys.keys_of(read_batches(part.interpreted.rows), hashes)
    ]
    sheets: dict[str, set[str]] = {}
    for part, _, key in places:
        sheets.setdefault(key, set()).add(part.interpreted.sheet)
    return [place for place in places if len(sheets[place[2]]) > 1]


def _add_duplicate(part: TablePart, line: int, key: str, findings: FindingCollector) -> None:
    found, table = part.interpreted, part.table
    own = found.header_at(line)
    at = own.index.get(table.key[0])
    findings.add(
        finding(
            "duplicate-key",
            sheet=found.sheet,
            row_number=line,
            cell=cell_address(at, line),
            column_name=table.key[0],
            header="、".join(table.by_name[name].header for name in table.key),
            value=key.replace(SEPARATOR, " "),
        ),
        own.sent.get(at or 0),
    )


def accepted_blocks(
    part: TablePart, days: FileDays, findings: FindingCollector, rows_before: RowsBefore = nothing_before
) -> Iterator[pa.RecordBatch]:
    """Validate a table block by block and yield the rows that may be loaded; `findings` receives the rest.

    Where the rows are not typed yet, they are typed here. This generator runs inside a COPY: exceptions are its only way to
    stop the COPY.

    Args:
        rows_before: what the rows said in the report before, as evidence which of their cells are wrong.

    Raises:
        TooManyFaults: more rows are faulty than are returned one by one.
        NotInOnePass: the rows were typed here, and keys are repeated or many rows are faulty. The file has to be evaluated again
            with all its rows typed first.
        ConfigurationError: a rule of the suite cannot be evaluated.
    """
    found = part.interpreted
    if found.is_typed:
        # Of a file that goes back whole nobody is told more cells than are kept; to localise them all took two minutes.
        budget = Budget(rows=MAX_KEPT_FINDINGS) if _is_refused_whole(part, days, findings) else Budget()
        yield from _validated(part, days, findings, rows_before, found.blocks(), budget)
        return
    try:
        budget = Budget(rows=MAX_LOCALISED_IN_ONE_PASS)
        yield from _validated(part, days, findings, rows_before, found.blocks(), budget, in_one_pass=True)
    except TooManyFaults as error:
        raise NotInOnePass("too many faults") from error
    if len(duplicated(found)):
        raise NotInOnePass("repeated keys")


def _is_refused_whole(part: TablePart, days: FileDays, findings: FindingCollector) -> bool:
    """Whether more rows fail than are returned one by one. All rows are typed."""
    n_faulty = len(findings.rows)
    if n_faulty + part.interpreted.n_data <= MAX_FAULTY_ROWS:
        return False
    for _, _, checked in _checked(part, days, findings, part.interpreted.blocks()):
        n_faulty += int(checked.set_aside.sum())
        if n_faulty > MAX_FAULTY_ROWS:
            return True
    return False


def _checked(
    part: TablePart, days: FileDays, findings: FindingCollector, typed: Iterable[pa.RecordBatch]
) -> Iterator[tuple[list[pa.RecordBatch], Any, Checked]]:
    """The rows that are not set aside yet, some blocks at a time: with their frame, None where all rules pass, and what rules find."""
    aside = pa.array(sorted(part.returned_lines(findings)), pa.int64())
    for blocks in _gathered(typed):
        if len(aside):
            blocks = [block.filter(pc.invert(pc.is_in(block.column("row_number"), aside))) for block in blocks]
        if not any(block.num_rows for block in blocks):
            continue
        if unproven := part.first_pass.unproven(blocks, days):
            frame = frame_of(blocks, part.suite, days)
            yield blocks, frame, part.suite.check(frame, unproven)
        else:
            yield blocks, None, nothing_found(sum(block.num_rows for block in blocks))


def _validated(
    part: TablePart,
    days: FileDays,
    findings: FindingCollector,
    rows_before: RowsBefore,
    typed: Iterable[pa.RecordBatch],
    budget: Budget,
    *,
    in_one_pass: bool = False,
) -> Iterator[pa.RecordBatch]:
    corrections: list[Correction] = []
    for blocks, frame, checked in _checked(part, days, findings, typed):
        if frame is not None:
            _count_in_shadow(part, checked, findings)
            if in_one_pass and len(rows_to_localise(_failing(checked), part.constraints)) > budget.rows:
                raise NotInOnePass("many faults")
            if checked.findings.num_rows:
                corrections += _record_failing(
                    part, frame, checked, days, findings, budget, partial(_values_before, part.table, blocks, rows_before)
                )
        start = 0
        for block in blocks:
            fails = checked.set_aside[start : start + block.num_rows]
            start += block.num_rows
            yield block.filter(pa.array(~fails)) if fails.any() else block
        pa.default_memory_pool().release_unused()  # else memory that one block needed stays beside that of the next
    explain_totals(part.interpreted, corrections, findings)


def _failing(checked: Checked) -> dict[int, list[int]]:
    """Position of a row → the rules that it fails."""
    failing: dict[int, list[int]] = {}
    for row, rule in zip(checked.findings.column("row").to_pylist(), checked.findings.column("rule").to_pylist(), strict=True):
        failing.setdefault(row, []).append(rule)
    return failing


def _record_failing(
    part: TablePart,
    frame: Any,
    checked: Checked,
    days: FileDays,
    findings: FindingCollector,
    budget: Budget,
    before: Callable[[Sequence[int]], Mapping[int, Mapping[str, float]]],
) -> list[Correction]:
    """Record the failing cells of a block, or the wrong cells that explain them, and give the numbers that are proposed for these."""
    totals = part.interpreted.totals
    localised = list(localise(frame, _failing(checked), part.constraints, days.report_date, budget, totals, before))
    told = _told(part, frame, localised)
    _record_findings(part, checked.findings, told, findings)
    return list(_corrections(localised, told))


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Join batches up to `MAX_CHECKED_CELLS`. The first batch stays alone, so that its COPY begins at once."""
    held: list[pa.RecordBatch] = []
    is_first = True
    for batch in batches:
        if is_first:
            is_first = False
            yield [batch]
            continue
        if held and sum(one.num_rows for one in (*held, batch)) * batch.num_columns > MAX_CHECKED_CELLS:
            yield held
            held = []
        held.append(batch)
    if held:
        yield held


def _values_before(
    table: Table, blocks: Sequence[pa.RecordBatch], rows_before: RowsBefore, rows: Sequence[int]
) -> dict[int, Mapping[str, float]]:
    """Positions of rows → position → what the same row said in the report before."""
    wanted = pa.Table.from_batches(blocks).select(list(table.key)).take(pa.array(rows)) if table.key else None
    if wanted is None:
        return {}
    texts = zip(*(pc.cast(column, pa.string()).to_pylist() for column in wanted.columns), strict=True)
    keys = {row: key for row, key in zip(rows, texts, strict=True) if None not in key}
    known = rows_before(list(dict.fromkeys(keys.values())))
    return {row: known[key] for row, key in keys.items() if key in known}


def _corrections(localised: Sequence[LocalisedRow], told: Mapping[int, tuple[set[int], list[Finding]]]) -> Iterator[Correction]:
    """The numbers that are proposed where one explanation stands out."""
    for one in localised:
        _, found = told.get(one.at, (set[int](), list[Finding]()))
        if not one.localised.is_single or not found:
            continue
        for change, item in zip(one.localised.explanations[0].changes, found, strict=True):
            typed = one.values[change.column]
            if isinstance(change.proposed, float) and isinstance(typed, float) and item.row_number is not None:
                yield Correction(item, change.column, item.row_number, change.proposed - (0.0 if typed != typed else typed))


def _told(part: TablePart, frame: Any, localised: Sequence[LocalisedRow]) -> dict[int, tuple[set[int], list[Finding]]]:
    """Position of a row → the rules that its wrong cells explain, and what is told of those cells."""
    lines = {one.at: int(frame["row_number"].iloc[one.at]) for one in localised if one.localised.explanations}
    typed = part.typed_texts(set(lines.values())) if lines else {}
    told: dict[int, tuple[set[int], list[Finding]]] = {}
    for one in localised:
        line = lines.get(one.at)
        if line is None:
            continue
        header, units = part.interpreted.read_by(line)
        teller = Teller(part.constraints, part.code_lists, part.interpreted.sheet, header, units)
        if found := teller.findings(one.localised, line, one.values, typed.get(line, ())):
            told[one.at] = ({*one.localised.broken, *one.localised.mended}, found)
    return told


def _record_findings(
    part: TablePart, failing: pa.Table, told: Mapping[int, tuple[set[int], list[Finding]]], findings: FindingCollector
) -> None:
    """Turn the failing cells of a block into findings with their sentences. What explains several rules is told once."""
    found = part.interpreted
    assert failing.schema == FINDINGS  # the order of columns below
    is_told: set[int] = set()
    for item in failing.to_pylist():
        rules, instead = told.get(item["row"], (set[int](), []))
        if item["rule"] in rules:
            if item["row"] not in is_told:
                is_told.add(item["row"])
                for one in instead:
                    own = found.header_at(item["row_number"])
                    findings.add(one, own.sent.get(own.index.get(one.column_name or "", -1)))
            continue
        rule = part.suite.rules[item["rule"]]
        column = found.table.by_name.get(rule.column)
        own = found.header_at(item["row_number"])
        at = own.index.get(rule.column)
        header = column.header if column else rule.column
        cell = cell_address(at, item["row_number"])
        value = item["value"]
        if column and column.code_list and value is not None:
            value = part.code_lists[column.code_list].name_of(value)
        zh, en = render(rule, header, value, item["row_number"], cell or "")
        findings.add(
            Finding(
                code=rule.rule.code,
                severity=rule.rule.severity,
                message_zh=zh + rule.rule.advice_zh,
                message_en=f"{en} {rule.rule.advice_en}".strip(),
                sheet=found.sheet,
                row_number=item["row_number"],
                cell=cell,
                column_name=rule.column,
                value=value,
            ),
            own.sent.get(at) if at is not None else None,
        )


def _count_in_shadow(part: TablePart, checked: Checked, findings: FindingCollector) -> None:
    """Count what the rules in shadow found in a block."""
    found = part.interpreted
    for n, reason in checked.broken.items():
        rule = part.suite.rules[n]
        findings.shadow.fail(ShadowKey(found.table.name, rule.column, rule.rule.code), rule.rule.severity, reason)
    for n in pc.unique(checked.shadow.column("rule")).to_pylist():
        rule = part.suite.rules[n]
        hit = checked.shadow.filter(pc.equal(checked.shadow.column("rule"), n))
        findings.shadow.add(
            ShadowKey(found.table.name, rule.column, rule.rule.code),
            rule.rule.severity,
            hit.num_rows,
            int((~checked.set_aside[np.asarray(hit.column("row"))]).sum()),
            (
                Example(
                    found.sheet,
                    item["row_number"],
                    cell_address(found.header_at(item["row_number"]).index.get(rule.column), item["row_number"]),
                    item["value"],
                )
                for item in hit.slice(0, EXAMPLES).to_pylist()
            ),
        )
