"""Evaluates one file against its contract: which report, which day, its typed rows, and everything that is wrong with it.

Evaluation writes nothing: `load` acts on an `Evaluation`. What it has to know about earlier submissions it asks a
`PriorSubmissions`. The suites run later, block by block, while accepted rows are copied (`validation.run.accepted_blocks`); the
findings of an evaluation are complete only then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from fugong.contracts.contract import Contract
from fugong.contracts.example import example_row
from fugong.core.vocabulary import Severity
from fugong.findings.catalogue import finding
from fugong.findings.collector import MAX_FAULTY_ROWS, FindingCollector, NotInOnePass, TooManyFaults
from fugong.findings.finding import Finding
from fugong.intake.identify import (
    Clues,
    Identified,
    Refused,
    SentFile,
    identify,
    identify_repair,
    identify_unreadable,
)
from fugong.intake.personal import record_personal_answers, record_personal_texts
from fugong.intake.prior_submissions import DuringCopy, NoPriorSubmissions, PriorSubmissions
from fugong.parsing.blocks import Blocks, find_blocks
from fugong.parsing.dates import Origin
from fugong.parsing.file_name import stem
from fugong.parsing.locate import explain, locate_all, named_days, report_headers, report_rows_above, titles_above
from fugong.parsing.marks import title_words
from fugong.parsing.other_units import doubts_about_rows
from fugong.parsing.period_headings import report_other_periods
from fugong.parsing.rows import interpret
from fugong.parsing.twin_columns import report_twins
from fugong.parsing.unit_report import mentions_of, report_units, report_unused_units
from fugong.parsing.unit_text import Mention
from fugong.parsing.units import units_of
from fugong.reading.faults import refusal
from fugong.reading.model import Note, Reading, ReadingRefused, SheetCells
from fugong.reading.retyped import Place as PlaceOfCell
from fugong.reading.retyped import retyped
from fugong.receipts.answers import GivenAnswer
from fugong.receipts.resubmission import Decision, PriorSubmission, ReturnedWorkbook, decide, unpack
from fugong.validation.context import IntakeContext
from fugong.validation.run import TablePart, refuse_common_keys, set_duplicates_aside

MIN_STREAMED_ROWS = 100_000
"""Files with at least this many rows are streamed: parsed and loaded block by block."""
NOBODY = NoPriorSubmissions()


@dataclass(frozen=True)
class Evaluation:
    """What is known of one file before it is loaded.

    Attributes:
        identified: report, date and places, or why the file cannot be loaded.
        parts: one per table found. `validation.run.accepted_blocks` yields the rows that may be loaded.
        findings: bounded. A finding of severity `rejected` rejects the whole file.
        received_at: when the file arrived; rules compare with that day in Shanghai.
        revises: the submission whose receipt came back with the sender's own sheet changed.
        answers: what the sender answers about doubts.
        answered: the submission whose returned lines some of them name.
        is_of_answers: the file brings answers and no rows.
    """

    identified: Identified | Refused
    parts: Sequence[TablePart]
    findings: FindingCollector
    received_at: datetime
    revises: int | None = None
    answers: Sequence[GivenAnswer] = ()
    answered: int | None = None
    is_of_answers: bool = False

    @property
    def contract(self) -> Contract | None:
        """The contract of the report, if it is known."""
        return self.identified.contract

    @property
    def report_date(self) -> date | None:
        """The report date, if it is known."""
        return self.identified.report_date

    @property
    def is_rejected(self) -> bool:
        """Whether a finding rejects the whole file."""
        return _is_rejected(self.findings)

    @property
    def is_quarantined(self) -> bool:
        """Whether a cell of a table holds personal data: then nothing of the file is kept unsealed."""
        return any(item.code == "personal-data" for item in self.findings.findings)

    @property
    def rows_read(self) -> int:
        """Lines below the headers down to the last that is not blank."""
        return sum(part.interpreted.rows_read for part in self.parts)

    @property
    def n_data(self) -> int:
        """Lines that are data: loaded or set aside."""
        return sum(part.interpreted.n_data for part in self.parts)

    def tables(self) -> list[dict[str, Any]]:
        """Where each table was found, and why there. All rows are typed."""
        return [explain(part.place, part.interpreted) for part in self.parts]

    def complete(self) -> None:
        """Type the rows that are not typed yet.

        Raises:
            NotInOnePass: too many rows are faulty.
        """
        for part in self.parts:
            try:
                part.interpreted.complete()
            except TooManyFaults as error:
                raise NotInOnePass("too many faults") from error

    def returned_rows(self) -> Iterator[tuple[TablePart, int, list[list[str | None]]]]:
        """The lines that are set aside, as typed: part, line, [[header, text], …]."""
        for part in self.parts:
            for line, cells in part.raw(part.returned_lines(self.findings)).items():
                yield part, line, cells


def evaluate(
    context: IntakeContext,
    path: Path,
    *,
    file_name: str,
    department: str,
    received_at: datetime,
    work: Path,
    department_names: Mapping[str, str] | None = None,
    prior: PriorSubmissions = NOBODY,
    in_one_pass: bool = False,
    retype: Mapping[PlaceOfCell, str] | None = None,
    reading: Reading | None = None,
) -> Evaluation:
    """Read a file, find its report, date and tables, and type its rows.

    Args:
        work: an empty folder for working files; the caller removes it.
        prior: knows what was submitted before: the submission that returned rows belong to, and credit codes of 15-digit numbers.
        in_one_pass: leave the rows of a large file to be typed while they are copied. Decisions that need all rows then raise
            `NotInOnePass` during COPY.
        retype: texts to put into cells of the file first; a cell is named as the file has it.

        reading: the file's, where it was read before; its streams lie elsewhere than in `work`.

    Raises:
        ConfigurationError: our contract or suite is at fault.
    """
    sent = SentFile(file_name, department, received_at, department_names or {})
    findings = FindingCollector()
    if reading is None:
        reading = context.reader.read(path, file_name, work)
    if retype:
        reading = retyped(reading, retype, work)
    returned = unpack(reading.sheets, file_name)
    decision = None if returned is None else _decide_resubmission(context, sent, returned, prior, work)
    if decision is not None and decision.refusal is not None:
        findings.add(decision.refusal)
        record_personal_texts(file_name, reading, returned.own if returned else (), (), findings)
        known = decision.earlier.original if decision.earlier else None
        if known is None:
            return Evaluation(Refused(None, None), (), findings, received_at)
        return Evaluation(Refused(context.contracts.find(known.report), known.report_date), (), findings, received_at)
    given = () if decision is None else decision.answers
    answered = None if decision is None or decision.earlier is None else decision.earlier.submission_id
    record_personal_answers(given, findings)
    if decision is not None and not decision.sheets:
        record_personal_texts(file_name, reading, returned.own if returned else (), (), findings)
        return Evaluation(Refused(None, None), (), findings, received_at, None, given, answered, is_of_answers=True)
    sheets = reading.sheets if decision is None else decision.sheets
    identified = _identify(context, sent, reading, sheets, decision, findings)
    beside = returned.own if returned is not None and decision is not None and decision.is_repair else ()
    record_personal_texts(file_name, reading, (*sheets, *beside), identified.places, findings)
    if not identified.places or identified.contract is None:
        return Evaluation(identified, (), findings, received_at, None, given, answered)
    contract, places = identified.contract, identified.places
    _record_notes(contract, reading.notes, {place.sheet.name for place in places}, findings)
    _refuse_beyond_contract(contract, sent, [place.sheet for place in places], findings)
    is_repair = isinstance(identified, Identified) and identified.original is not None
    if not is_repair:
        for table in contract.tables_of(department):
            if all(place.table is not table for place in places):
                findings.add(finding("missing-sheet", value=table.title))
    days = named_days((), identified.report_date)
    all_mentions = [mentions_of(sheet, header, file_name, sent.departments) for _, sheet, header, *_ in places]
    all_blocks = [
        find_blocks(
            table,
            sheet,
            header,
            mentions,
            context.code_lists,
            days,
            [other for other in contract.tables if other.name != table.name],
        )
        for (table, sheet, header, *_), mentions in zip(places, all_mentions, strict=True)
    ]
    report_headers(places, all_blocks, findings)
    report_rows_above(contract, places, context.code_lists, findings)
    if identified.report_date is not None and not is_repair:
        report_other_periods(contract, places, all_blocks, identified.report_date, context.code_lists, findings)
    n_rows = sum(place.sheet.n_rows for place in places)
    is_streamed = in_one_pass and not is_repair and not _is_rejected(findings) and n_rows >= MIN_STREAMED_ROWS
    parts = _type_rows(
        context,
        identified,
        all_blocks,
        all_mentions,
        work,
        findings,
        DuringCopy() if is_streamed else prior,
        is_1904=reading.is_1904,
        is_streamed=is_streamed,
    )
    revised = None if decision is None or decision.is_repair or decision.earlier is None else decision.earlier.original
    return Evaluation(identified, parts, findings, received_at, revised.submission_id if revised else None, given, answered)


def _decide_resubmission(
    context: IntakeContext, sent: SentFile, returned: ReturnedWorkbook, prior: PriorSubmissions, work: Path
) -> Decision:
    """What comes back with a workbook of ours: returned rows, a new version, or nothing that can be loaded."""

    def holds_table(earlier: PriorSubmission, sheet: SheetCells) -> bool:
        contracts = (
            [context.contracts.find(earlier.original.report)]
            if earlier.original
            else context.contracts.of_sender(sent.department)
        )
        return any(locate_all(contract, [sheet], context.code_lists, sent.department) for contract in contracts)

    return decide(returned, sent.file_name, prior.earlier, context.reader, work, holds_table)


def _identify(
    context: IntakeContext,
    sent: SentFile,
    reading: Reading,
    sheets: Sequence[SheetCells],
    decision: Decision | None,
    findings: FindingCollector,
) -> Identified | Refused:
    earlier = None if decision is None else decision.earlier
    known = None if earlier is None else earlier.original
    if decision is not None and decision.is_repair and known is not None:
        return identify_repair(context, sent, sheets, known, findings)
    names = [stem(sent.file_name)] if earlier is None else [stem(earlier.file_name), stem(sent.file_name)]
    inner = () if reading.inner_name is None else (stem(reading.inner_name),)
    titles = [title for sheet in sheets for title in titles_above(sheet.head, None, {})]
    words = title_words(context.contracts, (*sent.department_names, *sent.department_names.values()))
    clues = Clues(names, inner, titles, sheets, known, words)
    if reading.refused is not None and not clues.marks.is_withdrawal:
        refused = identify_unreadable(context, sent, clues, findings)
        findings.add(_refusal(reading.refused, sent))
        return refused
    return identify(context, sent, clues, findings)


def _type_rows(
    context: IntakeContext,
    identified: Identified | Refused,
    all_blocks: Sequence[Blocks],
    all_mentions: Sequence[Sequence[Mention]],
    work: Path,
    findings: FindingCollector,
    prior: PriorSubmissions,
    *,
    is_1904: bool,
    is_streamed: bool,
) -> list[TablePart]:
    """Type the rows of every table, and set duplicates aside; of a streamed file prepare both.

    Returns:
        The tables; fewer when too many rows are faulty, which rejects the file.
    """
    parts: list[TablePart] = []
    try:
        for order, place in enumerate(identified.places):
            table, sheet, header = place.table, place.sheet, place.header
            suite = context.suites[table.name]
            blocks = all_blocks[order]
            mentions = all_mentions[order]
            units = units_of(table, header, [one for one in mentions if one.place not in blocks.spoken_for])
            doubts = doubts_about_rows(table, header, (*units.doubts, *blocks.doubts), sheet.batches, context.code_lists)
            report_units(sheet.name, doubts, findings)
            report_unused_units(sheet.name, units, findings)
            origin = Origin(identified.report_date, is_1904)
            every = [(header, units, 1), *((block.header, block.units, block.first_line) for block in blocks.later)]
            report_twins(table, sheet, every, context.code_lists, origin, findings)
            found = interpret(
                table,
                sheet.name,
                header,
                Path(sheet.path),
                sheet.merged,
                units,
                context.code_lists,
                work / f"typed-{order}.arrow",
                findings,
                prior.credit_codes,
                origin=origin,
                at_once=not is_streamed,
                example=example_row(table, suite.good, context.code_lists),
                widths=sheet.widths,
                format_doubts=sheet.format_doubts,
                blocks=blocks,
                given=place.given,
            )
            part = TablePart(found, place.with_units(units.declared), suite, context.code_lists, context.first_pass(table))
            parts.append(part)
            if not is_streamed:
                set_duplicates_aside(part, findings)
        for name in {part.table.name for part in parts} if not is_streamed else ():
            refuse_common_keys([part for part in parts if part.table.name == name], findings)
    except TooManyFaults:
        findings.findings.append(finding("too-many-faults", value=MAX_FAULTY_ROWS))
    return parts


def _is_rejected(findings: FindingCollector) -> bool:
    return any(item.severity == Severity.REJECTED for item in findings.findings)


def _refusal(found: ReadingRefused, sent: SentFile, sheet: str = "") -> Finding:
    """The finding that rejects a file for what the reader found."""
    return Finding(found.code, Severity.REJECTED, found.message_zh, found.message_en, sheet=sheet, value=sent.file_name)


def _refuse_beyond_contract(contract: Contract, sent: SentFile, sheets: Sequence[SheetCells], findings: FindingCollector) -> None:
    """Reject a file with a sheet that is larger than the contract allows."""
    limits = contract.limits
    for sheet in sheets:
        for what, found, limit in (
            ("rows", sheet.n_rows, limits.rows),
            ("columns", sheet.n_columns, limits.columns),
            ("area", sheet.n_rows * sheet.n_columns, limits.cells),
        ):
            if limit is not None and found > limit:
                findings.add(_refusal(refusal("too-large", what=what, found=found, limit=limit), sent, sheet.name))


def _record_notes(contract: Contract, notes: Sequence[Note], sheets: set[str], findings: FindingCollector) -> None:
    """Record what the reader noticed: about the whole file, about hidden sheets, and about the sheets that hold tables."""
    for note in notes:
        if note.sheet and note.sheet not in sheets and note.code != "hidden-sheet":
            continue
        details: dict[str, Any] = {"value": note.details.get("columns"), **note.details}
        findings.add(finding(note.code, sheet=note.sheet, **details))
        if note.code == "macros" and contract.macros == "refused":
            findings.add(finding("macros-refused", report=contract.name))
