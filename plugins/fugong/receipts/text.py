"""The text of a receipt: what was loaded, what was returned and how to mend it, what to do next and until when.

`ReceiptText` decides what to say; `phrases` has the words of each language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from fugong.core.sanitize import one_line
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Lang, PartKind, Severity, State, Verdict
from fugong.privacy.detect import mask
from fugong.receipts.answers import REFUSED
from fugong.receipts.phrases import CHINESE, PHRASES, Phrases

N_EXAMPLES = 3
"""Findings of each code and column that the text shows."""
MAX_LISTED = 20
"""Parts, tables and total lines that the text lists."""
MAX_LISTED_ANSWERS = 100


def text(document: Mapping[str, Any], lang: Lang = Lang.ZH) -> str:
    """The receipt as text."""
    phrases = PHRASES[lang]
    receipt = ReceiptText(document, phrases)
    lines = [receipt.headline(), receipt.origin(), *receipt.withdrawn(), *receipt.parts(), *receipt.tables()]
    for severity in Severity:
        findings = list(_findings(document, severity, receipt))
        if findings:
            lines += ["", receipt.section(severity), *findings]
    for heading, sentences in (
        (phrases.answers_refused, receipt.answers_refused()),
        (phrases.verified, receipt.verified()),
        (phrases.answers_taken, receipt.answers_taken()),
    ):
        if found := [f"  {one_line(sentence)}" for sentence in sentences]:
            lines += ["", phrases.set_text(heading), *found]
    lines += ["", *receipt.next_steps(), *receipt.evidence()]
    return "\n".join(lines) + "\n"


def _findings(document: Mapping[str, Any], severity: Severity, receipt: ReceiptText) -> Iterator[str]:
    """Three examples of each code and column, then how many more there are."""
    several_sheets = len(_sheets(document)) > 1
    for group in document["finding_counts"]:
        if group["severity"] != severity or group["code"] in REFUSED:
            continue
        alike = [
            finding
            for finding in document["findings"]
            if (finding["severity"], finding["code"], finding["column_name"]) == (severity, group["code"], group["column_name"])
        ][:N_EXAMPLES]
        for finding in alike:
            yield "  " + one_line(receipt.finding(finding, with_sheet=several_sheets))
        if group["n"] > len(alike):
            in_workbook = severity is Severity.SET_ASIDE and bool(document["workbook"])
            yield "  " + receipt.more(group["n"] - len(alike), in_workbook=in_workbook)


def moment_of(written: str) -> str:
    """A moment of the .json as people write it, in the district's time."""
    return datetime.fromisoformat(written).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def is_late(document: Mapping[str, Any]) -> bool:
    """Whether the file arrived after it was due."""
    return datetime.fromisoformat(document["due_at"]) < datetime.fromisoformat(document["received_at"])


def is_mendable(document: Mapping[str, Any]) -> bool:
    """Whether it is enough to mend the returned rows and to send only these back."""
    return bool(document["n_returned"]) and not any(
        count["severity"] == Severity.REJECTED for count in document["finding_counts"]
    )


class ReceiptText:
    """The sentences of one receipt in one language."""

    def __init__(self, document: Mapping[str, Any], phrases: Phrases = CHINESE, *, is_within: bool = False) -> None:
        """Of a receipt.

        Args:
            is_within: the sentences stand in the receipt's workbook, which they call "this workbook".
        """
        self._document, self._phrases, self._is_within = document, phrases, is_within
        self._state = State(document["state"])

    def headline(self) -> str:
        """What was loaded, in one line."""
        document, phrases = self._document, self._phrases
        report = document["report_name"] if phrases.lang is Lang.ZH else document["report_name_en"]
        what = " ".join(filter(None, (document["report_date"], report)))
        return phrases.set_text(
            phrases.headline.format(
                what=what or phrases.unnamed.format(file_name=one_line(document["file_name"])),
                state=self._state.name_in(phrases.lang),
                dry_run=phrases.dry_run if document["is_trial"] else "",
                outcome=self._outcome(),
            )
        )

    def _outcome(self) -> str:
        document = self._document
        case = self._outcome_case()
        return self._phrases.outcomes[case].format(
            accepted=document["rows_accepted"],
            returned=document["rows_set_aside"],
            numbers=self._replaced(),
            related=self._related(case),
            n_answers=len(document["answers"]),
        )

    def _outcome_case(self) -> str:
        document = self._document
        match self._state:
            case State.ACCEPTED if _is_withdrawal(document):
                return "withdrawal"
            case State.ACCEPTED if _is_of_answers(document):
                return "answers"
            case State.ACCEPTED if not document["rows_accepted"]:
                return "nothing_new" if document["rows_not_data"] else "nil_report"
            case State.REJECTED if document["rows_set_aside"]:
                return "rejected_rows"
            case state:
                return state.value

    def _related(self, case: str) -> str:
        """The submission that explains the state."""
        related = self._document["related"]
        if not related:
            return self._phrases.outcomes.get(f"{case}_unknown", "")
        return self._phrases.related.format(
            submission_id=related["submission_id"],
            file_name=one_line(related["file_name"]),
            received=moment_of(related["received_at"]),
        )

    def _replaced(self) -> str:
        """The submissions that this one replaced or withdrew."""
        numbers = self._document["replaced"]
        if not numbers:
            return self._phrases.no_numbers
        return self._phrases.numbers.format(numbers=self._phrases.comma.join(map(str, numbers)))

    def origin(self) -> str:
        """Which file the receipt answers."""
        document, phrases = self._document, self._phrases
        sheets, number = _sheets(document), document["submission_id"]
        origin = phrases.origin.format(
            file_name=one_line(document["file_name"]),
            in_sheet=phrases.in_sheet.format(sheet=one_line(sheets[0])) if len(sheets) == 1 else "",
            received=moment_of(document["received_at"]),
            its_number="" if document["is_trial"] else phrases.its_number.format(submission_id=number),
        )
        if document["repairs"]:
            origin += phrases.origin_of_repair.format(submission_id=document["repairs"])
        elif document.get("replays"):
            origin += phrases.origin_of_replay.format(submission_id=document["replays"])
        elif document["replaced"] and not _is_withdrawal(document):
            origin += phrases.origin_of_replacement.format(numbers=self._replaced())
        return phrases.set_text(origin)

    def withdrawn(self) -> Iterator[str]:
        """What a withdrawal took away, submission by submission."""
        document, phrases = self._document, self._phrases
        for one in document["withdrawn"][:MAX_LISTED]:
            sentence = phrases.withdrawn.format(
                submission_id=one["submission_id"],
                file_name=one_line(one["file_name"]),
                received=moment_of(one["received_at"]),
                day=document["report_date"],
                rows=one["rows"],
            )
            yield "  " + phrases.set_text(sentence)
        if len(document["withdrawn"]) > MAX_LISTED:
            yield "  " + phrases.more_parts.format(n=len(document["withdrawn"]) - MAX_LISTED)

    def parts(self) -> Iterator[str]:
        """How the counts of each part add up, where that says more than the headline."""
        document, phrases = self._document, self._phrases
        parts = [part for part in document["parts"] if part["kind"] != PartKind.WITHDRAWAL]
        if len(parts) < 2 and not document["rows_not_data"]:
            return
        for part in parts[:MAX_LISTED]:
            sheet = phrases.part_sheet.format(sheet=part["sheet"]) if part["sheet"] else phrases.part_text
            unit = phrases.part_unit.format(unit=part["unit"]) if part["unit"] != document["department_code"] else ""
            counts = {name: part[name] for name in ("rows_read", "rows_accepted", "rows_set_aside", "rows_not_data")}
            yield "  " + one_line(phrases.set_text(phrases.part.format(sheet=sheet, unit=unit, **counts)))
        if len(parts) > MAX_LISTED:
            yield "  " + phrases.more_parts.format(n=len(parts) - MAX_LISTED)

    def tables(self) -> Iterator[str]:
        """How each table was located, where it does not begin in the first line of the only sheet."""
        phrases = self._phrases
        for table in _tables_found(self._document):
            first, last = table["header_lines"]
            lines = phrases.comma.join(map(str, table["total_lines"][:MAX_LISTED]))
            sheets = phrases.other_sheets_joined.join(phrases.other_sheet.format(sheet=name) for name in table["other_sheets"])
            found = phrases.table.format(
                sheet=phrases.table_sheet.format(sheet=table["sheet"]) if table["sheet"] else "",
                lines=(phrases.header_line if first == last else phrases.header_lines).format(first=first, last=last),
                columns=phrases.to.join(dict.fromkeys(table["columns"])),
                n_columns=table["n_columns"],
                totals=phrases.totals.format(lines=lines) if lines else "",
                other_sheets=phrases.other_sheets.format(sheets=sheets) if sheets else "",
            )
            yield "  " + one_line(phrases.set_text(mask(found)))

    def section(self, severity: Severity) -> str:
        """The heading of the findings of a severity."""
        phrases = self._phrases
        heading = phrases.sections[severity]
        if self._state is State.REJECTED:
            heading = phrases.sections_of_rejected.get(severity, heading)
        return phrases.set_text(heading)

    def finding(self, finding: Mapping[str, Any], *, with_sheet: bool) -> str:
        """One finding and its place."""
        phrases = self._phrases
        message = finding[f"message_{phrases.lang}"]
        sentence = phrases.set_text(message)
        value = _missing_value(self._document, finding, message)
        if value:
            sentence += phrases.set_text(phrases.value.format(value=value))
        place = (
            phrases.sheet.format(sheet=finding["sheet"]) if with_sheet and finding["sheet"] else "",
            phrases.line.format(line=finding["row_number"]) if finding["row_number"] is not None else "",
            finding["cell"] or "",
        )
        return phrases.at_place(" ".join(filter(None, place)), sentence)

    def more(self, n: int, *, in_workbook: bool) -> str:
        """How many more findings of a kind there are."""
        phrases = self._phrases
        return phrases.set_text(phrases.more.format(n=n, in_workbook=phrases.in_workbook if in_workbook else ""))

    def verified(self) -> Iterator[str]:
        """The doubts that the sender settled before, which are not asked about again; of returned rows, too."""
        phrases = self._phrases
        several_sheets = len(_sheets(self._document)) > 1
        for finding in self._document["verified"][:MAX_LISTED]:
            said = self._said(finding)
            yield self.finding(finding, with_sheet=several_sheets) + phrases.set_text(phrases.verified_as.format(said=said))
        if len(self._document["verified"]) > MAX_LISTED:
            yield self.more(len(self._document["verified"]) - MAX_LISTED, in_workbook=False)

    def answers_refused(self) -> Iterator[str]:
        """The answers that were not taken, each with the reason."""
        refused = [finding for finding in self._document["findings"] if finding["code"] in REFUSED]
        for finding in refused[:MAX_LISTED_ANSWERS]:
            yield self.finding(finding, with_sheet=False)
        if len(refused) > MAX_LISTED_ANSWERS:
            yield self.more(len(refused) - MAX_LISTED_ANSWERS, in_workbook=False)

    def answers_taken(self) -> Iterator[str]:
        """The answers that the file brought."""
        phrases = self._phrases
        answers = self._document["answers"]
        for answer in answers[:MAX_LISTED_ANSWERS]:
            about = " ".join(filter(None, (answer["item"] or answer["code"], answer["row_key"], answer["value"])))
            yield phrases.set_text(
                phrases.answer_taken.format(question_id=answer["question_id"], about=mask(about), said=self._said(answer))
            )
        if len(answers) > MAX_LISTED_ANSWERS:
            yield self.more(len(answers) - MAX_LISTED_ANSWERS, in_workbook=False)

    def _said(self, answer: Mapping[str, Any]) -> str:
        word = Verdict(answer["verdict"]).name_in(self._phrases.lang)
        return f"{word}{self._phrases.colon}{answer['reason']}" if answer["reason"] else word

    def next_steps(self, *, is_page: bool = False) -> Iterator[str]:
        """What to do next, and until when; on a page with its buttons."""
        document, phrases = self._document, self._phrases
        details = {
            "workbook": phrases.this_workbook if self._is_within else phrases.workbook.format(workbook=document["workbook"]),
            "answers": phrases.or_.join(phrases.answers[word] for word in _answers(document, phrases.answers)),
            "due": self._due(),
            **{name: document[name] for name in ("repairs", "n_still_returned", "rows_accepted")},
        }
        for case in self._step_cases():
            for step in (is_page and phrases.steps_on_page.get(case)) or phrases.steps[case]:
                if sentence := step.format(**details):
                    yield phrases.set_text(sentence)

    def evidence(self) -> Iterator[str]:
        """The head of the log that contains the submission; none in a dry run."""
        if head := self._document.get("evidence_head"):
            yield self._phrases.set_text(self._phrases.evidence.format(head=head))

    def _step_cases(self) -> Iterator[str]:
        """Which of the phrases' steps apply."""
        document = self._document
        if document["is_trial"]:
            yield "dry_run_faulty" if self._state in {State.PARTLY_ACCEPTED, State.REJECTED} else "dry_run"
            return
        match self._state:
            case State.ACCEPTED:
                if _is_of_answers(document):
                    yield "answers_partly" if document["finding_counts"] else "accepted"
                    return
                if _is_withdrawal(document):
                    yield "withdrawal"
                elif document["repairs"]:
                    yield "still_returned" if document["n_still_returned"] else "repaired"
                else:
                    yield "accepted"
                if any(
                    count["severity"] == Severity.WARNING and count["code"] not in REFUSED for count in document["finding_counts"]
                ):
                    yield "warned"
                if document["n_to_verify"] and document["workbook"]:
                    yield "to_verify"
            case State.PARTLY_ACCEPTED:
                yield "partly_accepted"
                yield "true_rows"
                if document["n_to_verify"] and document["workbook"]:
                    yield "to_verify"
                if document["repairs"] and document["n_still_returned"] > document["rows_set_aside"]:
                    yield "repair_partly_accepted"
                yield "due"
            case State.REJECTED:
                if any(count["code"] == "no-answer-taken" for count in document["finding_counts"]):
                    return
                if _answers(document, self._phrases.answers):
                    yield "asked_back"
                elif is_mendable(document):
                    yield "mendable"
                else:
                    yield "resend"
                    if document["workbook"]:
                        yield "marked"
                yield "due"
            case state:
                yield state.value

    def _due(self) -> str:
        due = self._document["due_at"]
        if not due:
            return ""
        return (self._phrases.overdue if is_late(self._document) else self._phrases.due).format(due=moment_of(due))


def _sheets(document: Mapping[str, Any]) -> list[str]:
    """The sheets that parts and findings name, in order."""
    return list(dict.fromkeys(item["sheet"] for item in (*document["parts"], *document["findings"]) if item["sheet"]))


def _missing_value(document: Mapping[str, Any], finding: Mapping[str, Any], message: str) -> str | None:
    """The value as typed, if the sentence does not show it. The file's own name is left out: the receipt begins with it."""
    value = finding["value"]
    if not value or value == document["file_name"]:
        return None
    # A word such as 退 is in a sentence by chance; a date or a number is not.
    is_shown = f"“{value}”" in message or f'"{value}"' in message or (value.isascii() and value in message)
    return None if is_shown else value


def _tables_found(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries of `intake.submission.tables`, unless all is as any sender expects it."""
    tables = document["tables"] or []
    is_plain = (
        len(tables) == 1 and tables[0]["header_lines"] == [1, 1] and not (tables[0]["total_lines"] or tables[0]["other_sheets"])
    )
    return [] if is_plain else tables[:MAX_LISTED]


def _answers(document: Mapping[str, Any], words: Mapping[str, str]) -> Sequence[str]:
    """The words by which the sender can answer a question of ours."""
    asked = "".join(finding["message_zh"] for finding in document["findings"] if finding["severity"] == Severity.REJECTED)
    return [word for word in words if f"“{word}”" in asked]


def _is_of_answers(document: Mapping[str, Any]) -> bool:
    """Whether the file brought answers and no report: any other file is accepted as a report of some day."""
    return document["report"] is None and document["state"] == State.ACCEPTED


def _is_withdrawal(document: Mapping[str, Any]) -> bool:
    return bool(document["parts"]) and all(part["kind"] == PartKind.WITHDRAWAL for part in document["parts"])
