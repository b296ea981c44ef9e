"""One file judged by its contract: which report, which day, which rows may be loaded, and everything wrong with it.

No effect on the warehouse: `settle` acts on a `Evaluation`, `fugong check` prints it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fugong.contracts.code_list import CodeList
from fugong.contracts.contract import Contract, SheetLimits, Table
from fugong.contracts.example import example_row
from fugong.core.cell_address import cell_address
from fugong.core.vocabulary import Severity
from fugong.findings.catalogue import finding
from fugong.findings.collector import MAX_FAULTY_ROWS, FindingCollector, NotInOnePass, TooManyFaults
from fugong.findings.finding import Finding
from fugong.findings.shadow import EXAMPLES, Example, ShadowKey
from fugong.parsing.dates import Origin
from fugong.parsing.duplicate_keys import SEPARATOR, key_texts
from fugong.parsing.file_name import Marks, ReportDay, marks, matching_contracts, money_unit, report_day, stem
from fugong.parsing.header import Header
from fugong.parsing.locate import Place, explain, fits_well, locate_all, report_headers, tables_of_others, titles_above
from fugong.parsing.rows import CodesOf, Interpreted, duplicated, interpret, no_codes, raw_rows
from fugong.reading.faults import refusal
from fugong.reading.model import Note, ReadingRefused, SheetCells
from fugong.receipts.resubmission import EarlierOf, Original, PriorSubmission, decide, nothing_earlier, unpack
from fugong.validation.context import IntakeContext
from fugong.validation.suite import FINDINGS, Checked, Suite, render

MIN_STREAMED_ROWS = 100_000
"""From so many rows on a file is loaded while it is typed."""
CHECKED_CELLS = 1_500_000
"""Cells that one call of Great Expectations judges: a call costs 40 ms however few they are, and a block of memory."""


@dataclass
class TablePart:
    """One table of a judged file."""

    interpreted: Interpreted
    place: Place
    suite: Suite
    code_lists: Mapping[str, CodeList]

    @property
    def table(self) -> Table:
        """The contract's table."""
        return self.interpreted.table

    @property
    def cells(self) -> SheetCells:
        """The sheet it stands in."""
        return self.place.sheet


@dataclass
class Evaluation:
    """What is known of one file before it is settled.

    Attributes:
        contract, report_date: None where they could not be known.
        original: of a repair: the submission that it mends.
        faults: bounded; file-level findings of severity `rejected` send the whole file back.
        parts: one per table found; `accepted_blocks` yields what may be loaded.
    """

    department: str
    file_name: str
    contract: Contract | None = None
    report_date: date | None = None
    marks: Marks = field(default_factory=Marks)
    original: Original | None = None
    parts: list[TablePart] = field(default_factory=list[TablePart])
    faults: FindingCollector = field(default_factory=FindingCollector)
    inner_name: str | None = None

    @property
    def inner_stem(self) -> list[str]:
        """The name of the one file in an archive, where that was read: it tells what a title tells."""
        return [] if self.inner_name is None else [stem(self.inner_name)]

    @property
    def is_rejected(self) -> bool:
        """Whether a finding sends the whole file back."""
        return any(item.severity == Severity.REJECTED for item in self.faults.findings)

    @property
    def is_quarantined(self) -> bool:
        """Whether a cell of a table holds personal data: nothing of the file is kept in the open."""
        return any(item.code == "personal-data" for item in self.faults.findings)

    def refuse(self, fault: ReadingRefused, sheet: str = "") -> None:
        """Send the file back for what reading found."""
        self.faults.add(
            Finding(fault.code, Severity.REJECTED, fault.message_zh, fault.message_en, sheet=sheet, value=self.file_name)
        )

    @property
    def rows_read(self) -> int:
        """Lines below the headers down to the last that is not blank."""
        return sum(part.interpreted.rows_read for part in self.parts)

    @property
    def n_data(self) -> int:
        """Lines that are data: loaded or set aside."""
        return sum(part.interpreted.n_data for part in self.parts)

    def tables(self) -> list[dict[str, Any]]:
        """What was taken for each table, and why; once its lines are typed."""
        return [explain(part.place, part.interpreted) for part in self.parts]

    def complete(self) -> None:
        """Type the lines that were left to be typed.

        Raises:
            NotInOnePass: there are too many faults.
        """
        for part in self.parts:
            try:
                part.interpreted.complete()
            except TooManyFaults as error:
                raise NotInOnePass("too many faults") from error

    def set_aside_lines(self, part: TablePart) -> set[int]:
        """The lines of a part that go back."""
        return {line for sheet, line in self.faults.rows if sheet == part.interpreted.sheet}

    def raw_set_aside(self) -> Iterator[tuple[TablePart, int, list[list[str | None]]]]:
        """The lines that go back, as typed."""
        for part in self.parts:
            for line, cells in self.raw(part, self.set_aside_lines(part)).items():
                yield part, line, cells

    def raw(self, part: TablePart, lines: set[int]) -> dict[int, list[list[str | None]]]:
        """Some lines of a part as typed: line → [[header, text], …]."""
        found = part.interpreted
        return raw_rows(Path(part.cells.path), found.header, part.cells.merged, found.units, lines)


def judge(
    judges: IntakeContext,
    path: Path,
    *,
    file_name: str,
    department: str,
    received_at: datetime,
    work: Path,
    department_names: Mapping[str, str] | None = None,
    earlier_of: EarlierOf = nothing_earlier,
    codes_of: CodesOf = no_codes,
    in_one_pass: bool = False,
) -> Evaluation:
    """Read a file, find its report, day and tables, and type its lines. The suites are run by `accepted_blocks`.

    Args:
        work: an empty folder for working files; the caller removes it.
        earlier_of: asks for the submission that returned rows, or a whole receipt's workbook, come back of.
        codes_of: asks the register for the credit codes of 15-digit numbers.
        in_one_pass: leave the lines of a large file to be typed by `accepted_blocks`, while what it yielded is being loaded. What
            can only be judged when all lines are typed raises `NotInOnePass` there.

    Raises:
        ConfigurationError: our contract or suite is at fault.
    """
    out = Evaluation(department, file_name)
    names = department_names or {}
    reading = judges.reader.read(path, file_name, work)
    sheets = list(reading.sheets)
    told = [stem(file_name)]
    if (parcel := unpack(sheets, file_name)) is not None:

        def holds_table(earlier: PriorSubmission, sheet: SheetCells) -> bool:
            original = earlier.original
            contracts = [judges.contracts.find(original.report)] if original else judges.contracts.of_sender(department)
            return any(locate_all(contract, [sheet], judges.code_lists, department) for contract in contracts)

        decision = decide(parcel, file_name, earlier_of, judges.reader, work, holds_table)
        if decision.earlier is not None:
            if original := decision.earlier.original:
                out.contract, out.report_date = judges.contracts.find(original.report), original.report_date
            out.original = decision.earlier.original if decision.is_repair else None
            # A new version is of the same report and day; where these were asked for, the name may tell them now.
            told = [stem(decision.earlier.file_name), *told]
        if decision.refusal is not None:
            out.faults.add(decision.refusal)
            return out
        sheets = decision.sheets
    titles = [title for sheet in sheets for title in titles_above(sheet.head, None)]
    out.inner_name = reading.inner_name
    out.marks = marks([*told, *out.inner_stem, *titles])
    if reading.refused is not None and not out.marks.is_withdrawal:
        # What the name tells is still worth recording beside the refusal.
        _identify(out, judges, told, (), [], received_at, names, is_readable=False)
        out.refuse(reading.refused)
        return out
    if out.original is None:
        chosen = _identify(out, judges, told, titles, sheets, received_at, names, is_readable=True)
    else:
        assert out.contract is not None  # the original's
        out.marks = Marks()
        chosen = locate_all(out.contract, sheets, judges.code_lists, department)
        if not chosen:
            _say_no_table(out, out.contract)
    if not chosen or out.marks.is_withdrawal:
        return out
    _add_notes(out, reading.notes, {place.sheet.name for place in chosen})
    _refuse_beyond_contract(out, [place.sheet for place in chosen])
    try:
        is_one_pass = in_one_pass and out.original is None
        _interpret(out, judges, chosen, work, codes_of, is_1904=reading.is_1904, in_one_pass=is_one_pass)
    except TooManyFaults:
        out.faults.findings.append(finding("too-many-faults", value=MAX_FAULTY_ROWS))
    return out


def _refuse_beyond_contract(out: Evaluation, sheets: Sequence[SheetCells]) -> None:
    """Send a file back whose sheet is larger than the contract lets a report be."""
    limits = out.contract.limits if out.contract else SheetLimits()
    for sheet in sheets:
        for what, found, limit in (
            ("rows", sheet.n_rows, limits.rows),
            ("columns", sheet.n_columns, limits.columns),
            ("area", sheet.n_rows * sheet.n_columns, limits.cells),
        ):
            if limit is not None and found > limit:
                out.refuse(refusal("too-large", what=what, found=found, limit=limit), sheet.name)


def _add_notes(out: Evaluation, notes: Sequence[Note], sheets: set[str]) -> None:
    """Tell what the reader noticed: about the whole file, about hidden sheets, and about the sheets that are taken."""
    for note in notes:
        if note.sheet and note.sheet not in sheets and note.code != "hidden-sheet":
            continue
        details: dict[str, Any] = {"value": note.details.get("columns"), **note.details}
        out.faults.add(finding(note.code, sheet=note.sheet, **details))
        if note.code == "macros" and out.contract is not None and out.contract.macros == "refused":
            out.faults.add(finding("macros-refused", report=out.contract.name))


def _identify(
    out: Evaluation,
    judges: IntakeContext,
    told: Sequence[str],
    titles: Sequence[str],
    sheets: Sequence[SheetCells],
    received_at: datetime,
    names: Mapping[str, str],
    *,
    is_readable: bool,
) -> list[Place]:
    """Find report, tables and report date; what cannot be known becomes a finding that rejects the file.

    Args:
        told: the name of the file, or the name under which it was sent first and then its own, which only adds marks.
    """
    contracts = judges.contracts
    known, known_day = (out.contract, out.report_date) if out.report_date is not None else (None, None)
    name = told[0] if known else " ".join(told)
    titles = [*out.inner_stem, *titles]
    own = contracts.of_sender(out.department)
    candidates = (known,) if known else matching_contracts(name, contracts)
    if not candidates:
        candidates = next((found for title in titles if (found := matching_contracts(title, contracts))), ())
    elif len(candidates) > 1:
        narrower = next(
            (found for title in titles if (found := set(matching_contracts(title, contracts)) & set(candidates))), None
        )
        candidates = tuple(narrower) if narrower else candidates
    mine = [contract for contract in candidates if contract in own]
    located: dict[str, list[Place]] = {}
    named_day = known_day or report_day(name, (), received_at.date()).day

    def places_of(contract: Contract) -> list[Place]:
        return locate_all(contract, sheets, judges.code_lists, out.department, named_day)

    if len(mine) != 1 and not (candidates and not mine):
        fitting = {contract.id: found for contract in (mine or own) if (found := places_of(contract)) and fits_well(found)}
        best = max((sum(place.header.score for place in found) for found in fitting.values()), default=0)
        mine = [
            contract
            for contract in (mine or own)
            if contract.id in fitting and sum(place.header.score for place in fitting[contract.id]) == best
        ] or mine
        located = fitting
    if len(mine) == 1:
        out.contract = mine[0]
    elif is_readable or candidates:
        _say_unidentified(out, candidates, mine, own, names)
    is_found = len(mine) == 1
    shown = mine[0] if is_found else out.contract
    found = [] if shown is None else located.get(shown.id) or places_of(shown)
    above = titles
    if found:
        above = [*out.inner_stem, *(title for place in found for title in titles_above(place.sheet.head, place.header))]
    day = report_day(name, above, received_at.date())
    if day.problem == "no-report-date" and known_day is not None:
        day = ReportDay(known_day, ())
    out.report_date = day.day
    if not is_readable:
        return []
    if not is_found:
        return found  # it goes back, but its lines are counted
    out.marks = marks([*told, *above])
    if day.problem:
        out.faults.add(finding(day.problem, value="、".join(day.written) or out.file_name))
    if out.contract is not None and not found and not out.marks.is_withdrawal:
        _say_no_table(out, out.contract)
    if out.contract is not None:
        taken = {place.sheet.name for place in found}
        _say_others(out, out.contract, [sheet for sheet in sheets if sheet.name not in taken], names)
    return found


def _say_no_table(out: Evaluation, contract: Contract) -> None:
    columns = "、".join(column.header for table in contract.tables for column in table.columns if column.required)
    out.faults.add(finding("no-table", value=out.file_name, report=contract.name, columns=columns, id=contract.id))


def _say_others(out: Evaluation, contract: Contract, sheets: Sequence[SheetCells], names: Mapping[str, str]) -> None:
    for table, sheet in tables_of_others(contract, sheets, out.department):
        senders = "、".join(names.get(sender, sender) for sender in table.senders)
        out.faults.add(finding("table-of-others", sheet=sheet.name, value=table.title, senders=senders))


def _say_unidentified(
    out: Evaluation,
    candidates: Sequence[Contract],
    mine: Sequence[Contract],
    own: Sequence[Contract],
    names: Mapping[str, str],
) -> None:
    def titled(contracts: Sequence[Contract]) -> str:
        return "、".join(f"{contract.report} {contract.name}" for contract in contracts) or "—"

    if candidates and not mine:
        senders = dict.fromkeys(sender for contract in candidates for sender in contract.senders)
        out.contract = candidates[0] if len(candidates) == 1 else None
        out.faults.add(
            finding(
                "wrong-department",
                value=out.file_name,
                report=titled(candidates),
                senders="、".join(names.get(sender, sender) for sender in senders),
                department=names.get(out.department, out.department),
            )
        )
    elif len(mine) > 1:
        out.faults.add(finding("ambiguous-report", value=out.file_name, reports=titled(mine)))
    else:
        out.faults.add(finding("unknown-report", value=out.file_name, reports=titled(own)))


def _ask_nobody(numbers: Sequence[str]) -> Mapping[str, str]:
    """The warehouse cannot be asked while rows are copied into it."""
    raise NotInOnePass(f"{len(numbers)} old numbers")


def _interpret(
    out: Evaluation,
    judges: IntakeContext,
    located: Sequence[Place],
    work: Path,
    codes_of: CodesOf,
    *,
    is_1904: bool,
    in_one_pass: bool,
) -> None:
    assert out.contract is not None  # _identify found it
    for table in out.contract.tables_of(out.department) if out.original is None else ():
        if all(place.table is not table for place in located):
            out.faults.add(finding("missing-sheet", value=table.title))
    report_headers(located, out.faults)
    is_large = in_one_pass and not out.is_rejected and sum(place.sheet.n_rows for place in located) >= MIN_STREAMED_ROWS
    for order, place in enumerate(located):
        table, sheet, header, _ = place
        found = interpret(
            table,
            sheet.name,
            header,
            Path(sheet.path),
            sheet.merged,
            money_unit(titles_above(sheet.head, header)),
            judges.code_lists,
            work / f"typed-{order}.arrow",
            out.faults,
            _ask_nobody if is_large else codes_of,
            origin=Origin(out.report_date, is_1904),
            at_once=not is_large,
            example=example_row(table, judges.suites[table.name].good, judges.code_lists),
        )
        part = TablePart(found, place, judges.suites[table.name], judges.code_lists)
        out.parts.append(part)
        if not is_large:
            _set_duplicates_aside(out, part)


def _set_duplicates_aside(out: Evaluation, part: TablePart) -> None:
    found = part.interpreted
    if any(column.name in found.table.key for column in found.header.missing):
        return  # the file goes back for that; lines without a key are not like each other
    lines = duplicated(found)
    if not len(lines):
        return
    table = found.table
    header = "、".join(table.by_name[name].header for name in table.key)
    wanted = pa.array(lines)
    for batch in _typed(found.rows):
        hit = batch.filter(pc.is_in(batch.column("row_number"), wanted))
        for line, key in zip(hit.column("row_number").to_pylist(), key_texts(hit, table).to_pylist(), strict=True):
            out.faults.add(
                finding(
                    "duplicate-key",
                    sheet=found.sheet,
                    row_number=line,
                    cell=cell_address(_physical(found.header, table.key[0]), line),
                    column_name=table.key[0],
                    header=header,
                    value=key.replace(SEPARATOR, " "),
                ),
                found.header.sent.get(_physical(found.header, table.key[0]) or 0),
            )


def _physical(header: Header, name: str) -> int | None:
    return next((at for at, column in header.columns.items() if column.name == name), None)


def _typed(rows: Path) -> Iterator[pa.RecordBatch]:
    # Not mapped: pages once read would count as this process's memory until the file is closed.
    with pa.OSFile(str(rows), "rb") as source, pa.ipc.open_stream(source) as reader:
        yield from reader


def accepted_blocks(out: Evaluation, part: TablePart) -> Iterator[pa.RecordBatch]:
    """Check a part by its suite, block by block, and yield what may be loaded; the rest is recorded in `out.faults`.

    Raises:
        TooManyFaults: more rows are faulty than go back one by one.
        NotInOnePass: the lines were left to be typed here, and keys are repeated or the faults too many.
        ConfigurationError: a rule of the suite cannot be evaluated.
    """
    found = part.interpreted
    if found.is_typed:
        yield from _checked(out, part, _typed(found.rows))
        return
    try:
        yield from _checked(out, part, found.blocks())
    except TooManyFaults as error:
        raise NotInOnePass("too many faults") from error
    if len(duplicated(found)):
        raise NotInOnePass("repeated keys")


def _checked(out: Evaluation, part: TablePart, typed: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    aside = pa.array(sorted(out.set_aside_lines(part)), pa.int64())
    for blocks in _gathered(typed):
        if len(aside):
            blocks = [block.filter(pc.invert(pc.is_in(block.column("row_number"), aside))) for block in blocks]
        rows = pa.Table.from_batches(blocks)
        if not rows.num_rows:
            continue
        checked = part.suite.check(_frame(rows, part, out.report_date))
        if checked.findings.num_rows:
            _record_checked(out, part, checked.findings)
        _count_in_shadow(out, part, checked)
        start = 0
        for block in blocks:
            fails = checked.set_aside[start : start + block.num_rows]
            start += block.num_rows
            yield block.filter(pa.array(~fails)) if fails.any() else block
        pa.default_memory_pool().release_unused()  # or what one block needed once is kept beside what the next needs


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Batches together as long as they have no more than `CHECKED_CELLS`; the first alone, so that its COPY begins at once."""
    held: list[pa.RecordBatch] = []
    is_first = True
    for batch in batches:
        if is_first:
            is_first = False
            yield [batch]
            continue
        if held and sum(one.num_rows for one in (*held, batch)) * batch.num_columns > CHECKED_CELLS:
            yield held
            held = []
        held.append(batch)
    if held:
        yield held


def _frame(rows: pa.Table, part: TablePart, report_date: date | None) -> Any:
    """Typed rows as the suites want them: numbers float64, dates datetime64, the rest as pandas has it."""
    wanted = [name for name in part.suite.columns if name != "report_date"]
    columns: dict[str, pa.ChunkedArray] = {}
    for name in dict.fromkeys([*wanted, "row_number"]):
        values = rows.column(name)
        if pa.types.is_decimal(values.type) or (pa.types.is_integer(values.type) and name != "row_number"):
            values = pc.cast(values, pa.float64())
        elif pa.types.is_date(values.type):
            values = pc.cast(values, pa.timestamp("s"))
        columns[name] = values
    frame = pa.table(columns).to_pandas(types_mapper=_BOOLEANS.get)
    if "report_date" in part.suite.columns:
        frame["report_date"] = np.datetime64(report_date, "s")
    return frame


class _LazyBooleans:
    """pandas' nullable booleans, without importing pandas before it is needed."""

    def get(self, kind: pa.DataType) -> Any:
        if pa.types.is_boolean(kind):
            import pandas as pd

            return pd.BooleanDtype()
        return None


_BOOLEANS = _LazyBooleans()


def _record_checked(out: Evaluation, part: TablePart, findings: pa.Table) -> None:
    found = part.interpreted
    assert findings.schema == FINDINGS  # the order of columns below
    for item in findings.to_pylist():
        rule = part.suite.rules[item["rule"]]
        column = found.table.by_name.get(rule.column)
        at = _physical(found.header, rule.column)
        header = column.header if column else rule.column
        cell = cell_address(at, item["row_number"])
        value = item["value"]
        if column and column.code_list and value is not None:
            value = part.code_lists[column.code_list].name_of(value)
        zh, en = render(rule, header, value, item["row_number"], cell or "")
        out.faults.add(
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
            found.header.sent.get(at) if at is not None else None,
        )


def _count_in_shadow(out: Evaluation, part: TablePart, checked: Checked) -> None:
    found = part.interpreted
    for n, reason in checked.broken.items():
        rule = part.suite.rules[n]
        out.faults.shadow.fail(ShadowKey(found.table.name, rule.column, rule.rule.code), rule.rule.severity, reason)
    for n in pc.unique(checked.shadow.column("rule")).to_pylist():
        rule = part.suite.rules[n]
        hit = checked.shadow.filter(pc.equal(checked.shadow.column("rule"), n))
        at = _physical(found.header, rule.column)
        out.faults.shadow.add(
            ShadowKey(found.table.name, rule.column, rule.rule.code),
            rule.rule.severity,
            hit.num_rows,
            int((~checked.set_aside[np.asarray(hit.column("row"))]).sum()),
            (
                Example(found.sheet, item["row_number"], cell_address(at, item["row_number"]), item["value"])
                for item in hit.slice(0, EXAMPLES).to_pylist()
            ),
        )
