"""Identifies a file: which report it is, about which day, and where its tables stand.

Name and titles come first; the headers of the sheets decide between reports that are left. `parsing.file_name.report_day` reads the
report date from name and titles together; a repair has the date of the submission that it repairs. What stays unknown becomes a finding that rejects the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fugong.contracts.contract import Contract
from fugong.findings.catalogue import finding
from fugong.findings.collector import FindingCollector
from fugong.parsing.file_name import matching_contracts
from fugong.parsing.header_guess import MAX_SHOWN, headers_seen, nearest
from fugong.parsing.locate import Place, fits_well, locate_all, locate_returned, tables_of_others, titles_above
from fugong.parsing.marks import Marks, marks
from fugong.parsing.report_day import ReportDay, report_day
from fugong.reading.model import SheetCells
from fugong.receipts.resubmission import Original
from fugong.validation.context import IntakeContext


@dataclass(frozen=True)
class Identified:
    """A file that can be loaded if nothing in it rejects it: report and report date are known.

    Attributes:
        contract: as it is on the report date (`Contract.on`).
        marks: what name and titles declare: version, correction, withdrawal, confirmation.
        places: where its tables stand; none for a withdrawal.
        original: for a repair, the submission whose returned rows it brings.
    """

    contract: Contract
    report_date: date
    marks: Marks
    places: Sequence[Place]
    original: Original | None = None


@dataclass(frozen=True)
class Refused:
    """A file that cannot be loaded: it cannot be read, or its report or report date is unknown. Its findings say why.

    Attributes:
        contract, report_date: those that are known, to be recorded with the refusal.
        places: where tables stand; their lines are counted and typed, so that the sender gets all findings at once.
    """

    contract: Contract | None
    report_date: date | None
    places: Sequence[Place] = ()


@dataclass(frozen=True)
class SentFile:
    """How a file arrived.

    Attributes:
        department_names: code → Chinese name, for sentences.
    """

    file_name: str
    department: str
    received_at: datetime
    department_names: Mapping[str, str]

    @property
    def departments(self) -> frozenset[str]:
        """The codes and names of the sender and the other departments."""
        return frozenset((self.department, *self.department_names, *self.department_names.values()))

    def name_of(self, department: str) -> str:
        """The Chinese name of a department, or its code."""
        return self.department_names.get(department, department)


@dataclass(frozen=True)
class Clues:
    """What a file offers to identify it by.

    Attributes:
        names: the name of the file; for a new version of an earlier submission the name of that one first, whose report and date hold,
            then its own name, which only adds marks.
        inner: the name of the one file in an archive; it weighs as much as a title.
        titles: the first lines of all sheets.
        sheets: none where the file cannot be read.
        known: the submission of which this file is a new version.
        words: what may stand beside a mark in a title (`parsing.marks.title_words`).
    """

    names: Sequence[str]
    inner: Sequence[str] = ()
    titles: Sequence[str] = ()
    sheets: Sequence[SheetCells] = ()
    known: Original | None = None
    words: Sequence[str] = ()

    @property
    def name(self) -> str:
        """The name that tells report and day."""
        return self.names[0] if self.known else " ".join(self.names)

    @property
    def marks(self) -> Marks:
        """What all names and titles declare."""
        return self.marks_of(self.titles)

    def marks_of(self, titles: Sequence[str]) -> Marks:
        """What all names and these titles declare."""
        return marks([*self.names, *self.inner], titles, self.words)


def identify(context: IntakeContext, sent: SentFile, clues: Clues, findings: FindingCollector) -> Identified | Refused:
    """Find report, tables and report date of a file that was read."""
    choice = _choose_report(context, sent, clues)
    contract = choice.contract
    if contract is None:
        contract = _record_unidentified(choice, sent, findings)
    places = [] if contract is None else choice.places_of(contract)
    titles = clues.titles
    if places:
        titles = [title for place in places for title in titles_above(place.sheet.head, place.header, context.code_lists)]
    day = _report_day(clues, [*clues.inner, *titles], sent, contract)
    if choice.contract is None:
        return Refused(contract, day.day, () if clues.marks.is_withdrawal else places)
    contract = choice.contract
    declared = clues.marks_of(titles)
    if declared.not_taken:
        findings.add(finding("mark-not-taken", value="”“".join(declared.not_taken[:MAX_SHOWN])))
    if declared.not_numbered:
        findings.add(finding("version-not-read", value="”“".join(declared.not_numbered[:MAX_SHOWN])))
    if day.problem:
        findings.add(finding(day.problem, value="、".join(day.written) or sent.file_name))
    if not places and not declared.is_withdrawal:
        record_no_table(context, contract, clues.sheets, sent, findings)
    taken = {place.sheet.name for place in places}
    _record_tables_of_others(contract, [sheet for sheet in clues.sheets if sheet.name not in taken], sent, findings)
    if declared.is_withdrawal:
        places = []
    if day.day is None:
        return Refused(contract, None, places)
    contract = contract.on(day.day)
    return Identified(contract, day.day, declared, [place.under(contract) for place in places])


def identify_unreadable(context: IntakeContext, sent: SentFile, clues: Clues, findings: FindingCollector) -> Refused:
    """Find what the name of a file tells that cannot be read: it is recorded with the refusal."""
    choice = _choose_report(context, sent, clues)
    contract = choice.contract
    if contract is None and choice.candidates:
        contract = _record_unidentified(choice, sent, findings)
    return Refused(contract, _report_day(clues, [*clues.inner, *clues.titles], sent, contract).day)


def identify_repair(
    context: IntakeContext, sent: SentFile, sheets: Sequence[SheetCells], original: Original, findings: FindingCollector
) -> Identified:
    """Find the tables of returned rows; report and report date are those of the original."""
    contract = context.contracts.find(original.report).on(original.report_date)
    places = locate_returned(contract, sheets, context.code_lists, sent.department)
    if not places:
        record_no_table(context, contract, sheets, sent, findings)
    return Identified(contract, original.report_date, Marks(), places, original)


@dataclass(frozen=True)
class _Choice:
    """The reports that a file may be.

    Attributes:
        candidates: those that name or titles speak of.
        own: those that the department sends.
        left: those of its own that are still possible; exactly one is the report.
        located: places found on the way, by contract id.
    """

    context: IntakeContext
    sent: SentFile
    clues: Clues
    candidates: Sequence[Contract]
    own: Sequence[Contract]
    left: Sequence[Contract]
    located: Mapping[str, list[Place]]

    @property
    def contract(self) -> Contract | None:
        """The report, if exactly one is possible."""
        return self.left[0] if len(self.left) == 1 else None

    def places_of(self, contract: Contract) -> list[Place]:
        """Where the tables of a contract stand."""
        return self.located.get(contract.id) or _locate(self.context, contract, self.sent, self.clues)


def _choose_report(context: IntakeContext, sent: SentFile, clues: Clues) -> _Choice:
    """The reports that name and titles speak of, narrowed to those of the department and, where several are left, by headers."""
    own = context.contracts.of_sender(sent.department)
    candidates = _candidates(context, clues)
    left = [contract for contract in candidates if contract in own]
    located: dict[str, list[Place]] = {}
    if len(left) > 1 or not candidates:
        for contract in left or own:
            places = _locate(context, contract, sent, clues)
            if places and fits_well(places):
                located[contract.id] = places
        scores = {
            name: sum({place.table.name: place.header.score for place in places}.values()) for name, places in located.items()
        }
        best = max(scores.values(), default=0)
        left = [contract for contract in (left or own) if scores.get(contract.id) == best] or left
    return _Choice(context, sent, clues, candidates, own, left, located)


def _candidates(context: IntakeContext, clues: Clues) -> Sequence[Contract]:
    """The reports that the name speaks of, narrowed by the first title that fits; else those of the first title that names any."""
    contracts = context.contracts
    if clues.known:
        return (contracts.find(clues.known.report),)
    named = matching_contracts(clues.name, contracts)
    titled = (matching_contracts(title, contracts) for title in (*clues.inner, *clues.titles))
    if not named:
        return next((found for found in titled if found), ())
    if len(named) == 1:
        return named
    narrower = next((both for found in titled if (both := [one for one in named if one in found])), None)
    return narrower or named


def _locate(context: IntakeContext, contract: Contract, sent: SentFile, clues: Clues) -> list[Place]:
    """Where the tables of a contract stand; of several sheets that of the day which the name gives by itself."""
    day = clues.known.report_date if clues.known else _report_day(clues, (), sent, contract).day
    return locate_all(contract, clues.sheets, context.code_lists, sent.department, day)


def _report_day(clues: Clues, titles: Sequence[str], sent: SentFile, contract: Contract | None) -> ReportDay:
    """The report date that name and titles give, or that of the submission of which the file is a new version."""
    day = report_day(clues.name, titles, sent.received_at.date(), contract.due if contract else None)
    if day.problem == "no-report-date" and clues.known is not None:
        return ReportDay(clues.known.report_date, ())
    return day


def record_no_table(
    context: IntakeContext, contract: Contract, sheets: Sequence[SheetCells], sent: SentFile, findings: FindingCollector
) -> None:
    """Reject a file without a table of the report; name the headers that it has, and another report that they fit better."""
    columns = "、".join(column.header for table in contract.tables for column in table.columns if column.required)
    own = context.contracts.of_sender(sent.department)
    headers = headers_seen(sheets, (contract, *own))
    shown = "、".join(headers[:MAX_SHOWN]) + ("……" if len(headers) > MAX_SHOWN else "")
    near = nearest(own, headers)
    other = "" if near is None or near.id == contract.id else f"{near.report} {near.name}"
    findings.add(
        finding(
            "no-table",
            value=sent.file_name,
            report=contract.name,
            columns=columns,
            id=contract.id,
            seen=f"看到的是:{shown}。" if headers else "",
            seen_en=f"It has: {shown}." if headers else "",
            near=f"这些列更像“{other}”,请核对是否放错文件。" if other else "",
            near_en=f'They look more like "{other}": is it the right file?' if other else "",
        )
    )


def _record_tables_of_others(
    contract: Contract, sheets: Sequence[SheetCells], sent: SentFile, findings: FindingCollector
) -> None:
    for table, sheet in tables_of_others(contract, sheets, sent.department):
        senders = "、".join(map(sent.name_of, table.senders))
        findings.add(finding("table-of-others", sheet=sheet.name, value=table.title, senders=senders))


def _record_unidentified(choice: _Choice, sent: SentFile, findings: FindingCollector) -> Contract | None:
    """Reject a file that no report, several reports, or another department's report fit.

    Returns:
        The report of another department, if it is certain.
    """

    def titled(contracts: Sequence[Contract]) -> str:
        return "、".join(f"{contract.report} {contract.name}" for contract in contracts) or "—"

    if choice.candidates and not choice.left:
        senders = dict.fromkeys(sender for contract in choice.candidates for sender in contract.senders)
        findings.add(
            finding(
                "wrong-department",
                value=sent.file_name,
                report=titled(choice.candidates),
                senders="、".join(map(sent.name_of, senders)),
                department=sent.name_of(sent.department),
            )
        )
        return choice.candidates[0] if len(choice.candidates) == 1 else None
    if len(choice.left) > 1:
        findings.add(finding("ambiguous-report", value=sent.file_name, reports=titled(choice.left)))
    else:
        findings.add(finding("unknown-report", value=sent.file_name, reports=titled(choice.own)))
    return None
