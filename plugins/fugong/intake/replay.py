"""Replays past submissions: evaluates their files again after a rule was mended or put in force.

A preview does all that applying does, in a transaction that is rolled back, so the two cannot differ. What is applied is a new
submission of the same file. Its parts take the place of exactly the parts of the old one, from now on; what was known earlier
stays as it was. Each submission is loaded by itself, and a second run does only what still differs. A rule in shadow sets no
row aside here either, so a replay loads the rows that a wrong rule kept out once that rule is put in shadow.

Replay skips the duplicate-file check and the guard of kept keys; it still checks for repeated keys.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from fugong.core.errors import ConfigurationError, NotFoundError
from fugong.core.settings import Settings
from fugong.core.time import since_midnight
from fugong.core.vocabulary import State
from fugong.findings.catalogue import CATALOGUE
from fugong.intake.pipeline import lock_department
from fugong.intake.processor import SubmissionProcessor, working_folder
from fugong.intake.submissions import add_replay
from fugong.intake.types import Outcome, Submission
from fugong.storage import quarantine
from fugong.validation.context import IntakeContext
from fugong.warehouse.connection import connect_as_loader

MAX_EXAMPLES = 3


class Fate(StrEnum):
    """What a replay means for one submission."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    OTHER_RULES = "other-rules"
    """It differs, but not by the rule asked for."""
    HAS_REPAIRS = "has-repairs"
    """Some of its returned rows were repaired; a replay would supersede the repairs, too."""
    IS_REPAIR = "is-repair"
    REPORTED_ANEW = "reported-anew"
    """It was rejected, and another submission for that report and day counts since."""
    REJECTED = "rejected"
    """It would be rejected, or clash with what was loaded since; what counts stays."""
    READ_OTHERWISE = "read-otherwise"
    """It would be identified as another report or day."""
    ARCHIVE_GONE = "archive-gone"
    FAULT = "fault"
    """Our contract or suite cannot be evaluated."""


@dataclass(frozen=True)
class Change:
    """How often one rule found something before, and how often it does now.

    Attributes:
        examples: cells in which the two differ: sign, address, sentence.
    """

    code: str
    column: str
    severity: str
    before: int
    after: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Replayed:
    """One submission after its replay.

    Attributes:
        would_set_aside: rows that the rule would set aside if it were not in shadow.
        applied_as: the submission that takes its place; None in a preview.
    """

    submission_id: int
    department: str
    file_name: str
    report: str | None
    report_date: date | None
    fate: Fate
    accepted: tuple[int, int] = (0, 0)
    set_aside: tuple[int, int] = (0, 0)
    changes: tuple[Change, ...] = ()
    would_set_aside: int = 0
    why: str = ""
    applied_as: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As `fugong replay --json` prints it."""
        moved = {name: {"before": before, "after": after} for name, (before, after) in self._moved().items()}
        return asdict(self) | moved | {"report_date": self.report_date.isoformat() if self.report_date else None}

    def _moved(self) -> dict[str, tuple[int, int]]:
        return {"accepted": self.accepted, "set_aside": self.set_aside}


@dataclass(frozen=True)
class _Candidate:
    """A submission that may be replayed."""

    submission: Submission
    report: str | None
    report_date: date | None
    state: State
    accepted: int
    set_aside: int
    has_repairs: bool
    is_repair: bool
    is_reported_anew: bool


CANDIDATES = """
    SELECT
        submission_id, department_code, file_name, sha256, received_at, report, report_date, state, rows_accepted, rows_set_aside,
        EXISTS (SELECT FROM intake.submission AS mended WHERE mended.repairs = old.submission_id) AS has_repairs,
        repairs IS NOT NULL AS is_repair,
        state = 'rejected' AND EXISTS (
            SELECT FROM intake.submission AS other
            WHERE other.report = old.report AND other.report_date = old.report_date
                AND other.department_code = old.department_code AND other.state IN ('accepted', 'partly_accepted')
        ) AS is_reported_anew
    FROM intake.submission AS old
    WHERE received_at >= %(since)s
        AND (%(report)s::text IS NULL OR report = %(report)s)
        AND (
            report = ANY(%(reports)s)
            OR EXISTS (SELECT FROM intake.finding WHERE finding.submission_id = old.submission_id AND code = %(code)s)
        )
        AND (
            EXISTS (
                SELECT FROM intake.part
                WHERE part.submission_id = old.submission_id AND kind <> 'withdrawal' AND superseded_at IS NULL
            )
            OR state = 'rejected' AND EXISTS (
                SELECT FROM intake.finding WHERE finding.submission_id = old.submission_id AND code = %(code)s
            )
        )
        AND NOT EXISTS (SELECT FROM intake.submission AS again WHERE again.replays = old.submission_id)
    ORDER BY received_at, submission_id
"""
"""Submissions that count, and rejected ones in which the rule found something."""

OnReplayed = Callable[[Replayed, int, int], None]
"""Called with each submission, how many are done, and how many there are."""


def replay(
    settings: Settings,
    code: str,
    since: date,
    *,
    report: str | None = None,
    is_applied: bool = False,
    on_replayed: OnReplayed | None = None,
) -> list[Replayed]:
    """Evaluate again what arrived since a day, by the rules as they are now.

    Args:
        code: the rule; submissions that differ only by other rules are listed and stay as they are.
        report: replay this report only, by id, number or name.
        is_applied: load what differs; else nothing changes.

    Raises:
        NotFoundError: there is no such rule or report.
    """
    out: list[Replayed] = []
    with SubmissionProcessor.open(settings) as processor, connect_as_loader(settings, autocommit=True) as holder:
        run = Replay(settings, processor, holder, code, is_applied)
        candidates = run.candidates(since, report)
        for n, candidate in enumerate(candidates, start=1):
            with lock_department(holder, candidate.submission.department):
                done = run.again(candidate)
            out.append(done)
            if on_replayed is not None:
                on_replayed(done, n, len(candidates))
    return out


@dataclass
class Replay:
    """One replay: the rule, the processor that loads, and the connection that holds the locks."""

    settings: Settings
    processor: SubmissionProcessor
    holder: psycopg.Connection
    code: str
    is_applied: bool

    def candidates(self, since: date, wanted: str | None) -> list[_Candidate]:
        """The submissions to replay, in the order of arrival.

        Raises:
            NotFoundError: there is no such rule or report.
        """
        context = self.processor.context
        known = _known_codes(context)
        seen = self.holder.execute("SELECT FROM intake.finding WHERE code = %s LIMIT 1", (self.code,)).fetchone()
        if self.code not in known and seen is None:
            raise NotFoundError(
                f"没有规则 {self.code!r},也从未有过这种问题。 | No rule {self.code!r}. There is: {', '.join(sorted(known))}"
            )
        report = context.contracts.find(wanted).id if wanted else None
        reports = [
            contract.id
            for contract in context.contracts
            if report in {None, contract.id} and _has(context, contract.id, self.code)
        ]
        given = {"since": since_midnight(since), "report": report, "reports": reports, "code": self.code}
        rows = self.holder.execute(CANDIDATES, given).fetchall()
        return [_Candidate(Submission(*row[:5], is_history=False), row[5], row[6], State(row[7]), *row[8:]) for row in rows]

    def again(self, old: _Candidate) -> Replayed:
        """Replay one submission; the caller has locked its department."""
        reason = (
            (old.has_repairs and Fate.HAS_REPAIRS)
            or (old.is_repair and Fate.IS_REPAIR)
            or (old.is_reported_anew and Fate.REPORTED_ANEW)
        )
        if reason:
            return self._unchanged(old, reason)
        with working_folder(self.settings) as work:
            original = quarantine.original(self.settings, old.submission.sha256, work)
            done = self._unchanged(old, Fate.ARCHIVE_GONE) if original is None else self._replay(old, original)
        if done.applied_as is not None:
            self.processor.write_receipt(done.applied_as)
        return done

    def _replay(self, old: _Candidate, original: Path) -> Replayed:
        """Evaluate and load the original of a submission; roll back unless it is to be applied."""
        try:
            self.processor.context.require_sound(old.submission.department)
            with self.processor.connection.transaction() as transaction:
                outcome = self.processor.load(add_replay(self.processor.connection, old.submission), original)
                done = self._compare(old, outcome)
                if done.fate is Fate.CHANGED and self.is_applied:
                    done = replace(done, applied_as=outcome.submission_id)
                else:
                    transaction.force_rollback = True
        except ConfigurationError as error:
            return self._unchanged(old, Fate.FAULT, why=str(error))
        return done

    def _compare(self, old: _Candidate, outcome: Outcome) -> Replayed:
        """What the replayed submission, loaded but not committed, changes."""
        number = outcome.submission_id
        changes = self._changes(old.submission.submission_id, number)
        if outcome.state is State.REJECTED:
            found_now = {change.code for change in changes if change.after > change.before}
            fate = Fate.UNCHANGED if old.state is State.REJECTED else Fate.REJECTED
            return self._unchanged(old, fate, changes=changes, why="、".join(sorted(found_now)))
        if old.report is not None and (outcome.report, outcome.report_date) != (old.report, old.report_date):
            return self._unchanged(old, Fate.READ_OTHERWISE, why=f"{outcome.report} {outcome.report_date}")
        accepted = 0 if old.state is State.REJECTED else old.accepted
        differs = bool(changes) or outcome.rows_accepted != accepted
        is_by_rule = any(change.code == self.code for change in changes)
        would = self.processor.connection.execute(
            "SELECT COALESCE(SUM(n_only_cause), 0)::bigint FROM intake.shadow_finding WHERE submission_id = %s AND code = %s",
            (number, self.code),
        ).fetchone()
        assert would is not None  # a sum always answers
        return Replayed(
            submission_id=old.submission.submission_id,
            department=old.submission.department,
            file_name=old.submission.file_name,
            report=outcome.report,
            report_date=outcome.report_date,
            fate=Fate.CHANGED if is_by_rule else Fate.OTHER_RULES if differs else Fate.UNCHANGED,
            accepted=(accepted, outcome.rows_accepted),
            set_aside=(old.set_aside, outcome.rows_set_aside),
            changes=changes,
            would_set_aside=int(would[0]),
        )

    def _changes(self, old: int, new: int) -> tuple[Change, ...]:
        with self.processor.connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(CHANGES, {"old": old, "new": new, "examples": MAX_EXAMPLES}).fetchall()
        return tuple(
            Change(
                row["code"], row["column_name"], row["severity"], row["n_before"], row["n_after"], tuple(row["examples"] or ())
            )
            for row in rows
        )

    def _unchanged(self, old: _Candidate, fate: Fate, *, changes: tuple[Change, ...] = (), why: str = "") -> Replayed:
        """A submission that stays as it is."""
        return Replayed(
            submission_id=old.submission.submission_id,
            department=old.submission.department,
            file_name=old.submission.file_name,
            report=old.report,
            report_date=old.report_date,
            fate=fate,
            accepted=(old.accepted, old.accepted),
            set_aside=(old.set_aside, old.set_aside),
            changes=changes,
            why=why,
        )


CHANGES = """
    WITH found AS (
        SELECT submission_id = %(new)s AS is_new, code, COALESCE(column_name, '') AS column_name, severity, sheet, row_number, cell, value,
            message_zh, n_same
        FROM intake.finding WHERE submission_id IN (%(old)s, %(new)s)
    ),

    counted AS (
        SELECT code, column_name, severity,
            COALESCE(SUM(n_same) FILTER (WHERE NOT is_new), 0)::bigint AS n_before,
            COALESCE(SUM(n_same) FILTER (WHERE is_new), 0)::bigint AS n_after
        FROM found GROUP BY code, column_name, severity
    ),

    differing AS (
        SELECT code, column_name, severity, bool_or(is_new) AS is_new, MIN(row_number) AS row_number,
            MIN(concat_ws(' ', NULLIF(sheet, ''), COALESCE(cell, row_number::text), message_zh)) AS said
        FROM found
        GROUP BY code, column_name, severity, sheet, row_number, value
        HAVING COUNT(*) FILTER (WHERE is_new) <> COUNT(*) FILTER (WHERE NOT is_new)
    ),

    numbered AS (
        SELECT *, row_number() OVER (PARTITION BY code, column_name, severity ORDER BY is_new, row_number) AS place FROM differing
    )

    SELECT counted.*, array_agg(CASE WHEN is_new THEN '+ ' ELSE '- ' END || said ORDER BY place) AS examples
    FROM counted INNER JOIN numbered USING (code, column_name, severity)
    WHERE place <= %(examples)s
    GROUP BY code, column_name, severity, n_before, n_after
    UNION ALL
    SELECT counted.*, NULL FROM counted
    WHERE n_before <> n_after AND NOT EXISTS (
        SELECT FROM differing
        WHERE (differing.code, differing.column_name, differing.severity) = (counted.code, counted.column_name, counted.severity)
    )
    ORDER BY code, column_name
"""
"""By rule, what the replay finds in addition (+) and no longer (-)."""


def _known_codes(context: IntakeContext) -> set[str]:
    return CATALOGUE.keys() | {rule.rule.code for suite in context.suites.values() for rule in suite.rules}


def _has(context: IntakeContext, contract_id: str, code: str) -> bool:
    """Whether a report has the rule: every report has those of the catalogue."""
    contract = context.contracts.by_id[contract_id]
    return code in CATALOGUE or any(
        rule.rule.code == code for table in contract.tables for rule in context.suites[table.name].rules
    )
