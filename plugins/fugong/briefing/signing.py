"""Drafts the briefing when it is due, and signs, rejects or publishes drafts.

A draft fixes the moment of knowledge, so that what is signed later is what was drafted: the same day as known at the same moment.
Every step is a row of `audit.signing` under the name of the run that waits for the signature, so that a killed step can be repeated.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import psycopg

from fugong.access.account import Account, signers
from fugong.briefing import document, publishing
from fugong.briefing.publishing import NotToBeSigned
from fugong.briefing.wording import load_template
from fugong.contracts.accepted import known_contracts
from fugong.core.advisory_locks import SIGNING_LOCK
from fugong.core.errors import NotFoundError, RefusedError
from fugong.core.given import bounded_days, known_keys
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.evidence.settlement import record_rows
from fugong.intake.obligations import is_in_use, missing
from fugong.storage.atomic_file import replace_file
from fugong.storage.modes import private_folder
from fugong.warehouse.connection import connect_as_loader

LOG = logging.getLogger(__name__)
DRAFT_TIME = time(11)
"""Time on the following day at which a briefing is drafted with what there is; earlier, as soon as nothing is missing."""
SIGN_TIME = time(17)
MISSED_DAYS = 7
"""So many days back are drafted that were missed while nothing ran."""
SIGN_AT_LEAST = timedelta(hours=2)
NOBODY = "到时无人签发"


class Step(StrEnum):
    """A step in the life of a draft."""

    DRAFTED = "drafted"
    SIGNED = "signed"
    PROVISIONAL = "provisional"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    """Nobody answered, and nothing is published."""


@dataclass(frozen=True)
class Draft:
    """A briefing that waits for a signature.

    Attributes:
        missing: the gaps that page one names.
        files: copies to read, one per format.
    """

    as_of: date
    known_at: datetime
    missing: tuple[str, ...]
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Asked:
    """A request for drafts.

    Attributes:
        days: the days to draft; none for what is due.
        known_at: the moment of knowledge of all drafts; None for now.
        is_as_known_then: draft each day as known at the time at which its draft was due.
        sign_by: until when the drafts wait for a signature.
    """

    days: tuple[date, ...]
    known_at: datetime | None
    is_as_known_then: bool
    sign_by: datetime

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Asked:
        """Read the parameters of a run: `as_of`, or `from` and `to`; `known_at`, `as_known_then`, `sign_by`.

        Raises:
            RefusedError: two of them contradict each other, one is unknown or out of bounds.
        """
        known = known_keys(given, "as_of", "from", "to", "known_at", "as_known_then", "sign_by")
        first, last, as_of = known["from"], known["to"], known["as_of"]
        if (first or last) and as_of:
            raise RefusedError("截至日和一段日子只能填一样 | as_of, or from and to: not both")
        if known["known_at"] and known["as_known_then"]:
            raise RefusedError("知悉时点和“按当日所知”只能选一个 | known_at, or each day as known then: not both")
        return cls(
            days=tuple(bounded_days(as_of or first, as_of or last)),
            known_at=_moment(given.get("known_at")),
            is_as_known_then=bool(given.get("as_known_then")),
            sign_by=_moment(given.get("sign_by")) or sign_by(datetime.now(SHANGHAI)),
        )


def _moment(text: str | None) -> datetime | None:
    moment = datetime.fromisoformat(text) if text else None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


# Drafting


def draft_time(day: date) -> datetime:
    """The moment at which the briefing of a day is drafted with what there is."""
    return datetime.combine(day + timedelta(1), DRAFT_TIME, SHANGHAI)


def sign_by(now: datetime) -> datetime:
    """The deadline for signing a draft made now: 17:00 of the same day, but at least two hours."""
    return max(datetime.combine(now.astimezone(SHANGHAI).date(), SIGN_TIME, SHANGHAI), now.astimezone(SHANGHAI) + SIGN_AT_LEAST)


def draft(settings: Settings, run: str, asked: Asked, *, drafter: str = "") -> list[Draft]:
    """Draft the days of a request, whatever was drafted or published before; without days, what is due.

    Args:
        drafter: the account of whoever asks; "" where the clock does.
    """
    if not asked.days:
        return draft_due(settings, run, datetime.now(SHANGHAI))
    out: list[Draft] = []
    for day in asked.days:
        with connect_as_loader(settings) as connection:
            out.append(
                _draft(connection, settings, run, day, draft_time(day) if asked.is_as_known_then else asked.known_at, drafter)
            )
    return out


def draft_due(settings: Settings, run: str, now: datetime) -> list[Draft]:
    """Draft one briefing that is due and that no other run has drafted: the oldest of those that were missed, else yesterday's.

    Yesterday's is due at 11:00, or earlier once everything due by then has arrived. Missed are the days since the last draft, seven at most.
    A warehouse without a report about the last month holds history only; nothing is drafted there.
    """
    with connect_as_loader(settings) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (SIGNING_LOCK,))
        own = connection.execute("SELECT as_of FROM audit.signing WHERE run = %s AND step = %s", (run, Step.DRAFTED)).fetchone()
        days = [own[0]] if own else _due_days(connection, settings, now)
        return [_draft(connection, settings, run, days[0], None)] if days else []


def due_days(settings: Settings, now: datetime | None = None) -> list[date]:
    """The days whose briefing is due and not drafted, the oldest first.

    Args:
        now: None for the present.
    """
    with connect_as_loader(settings) as connection:
        return _due_days(connection, settings, now or datetime.now(SHANGHAI))


def _due_days(connection: psycopg.Connection, settings: Settings, now: datetime) -> list[date]:
    today = now.astimezone(SHANGHAI).date()
    yesterday = today - timedelta(1)
    if not is_in_use(connection, today):
        return []
    [(last,)] = connection.execute(
        "SELECT max(as_of) FROM audit.signing WHERE step = %s AND as_of < %s", (Step.DRAFTED, today)
    ).fetchall()
    first = yesterday if last is None else max(last + timedelta(1), today - timedelta(MISSED_DAYS))
    days = [first + timedelta(n) for n in range((yesterday - first).days + 1)]
    by = draft_time(yesterday)
    if days and now < by:
        owed = missing(connection, known_contracts(connection, settings.include / "contracts"), yesterday, now)
        if any(one.received_at is None and one.due_at <= by for one in owed):
            days.pop()
    return days


def _draft(
    connection: psycopg.Connection, settings: Settings, run: str, day: date, known_at: datetime | None, drafter: str = ""
) -> Draft:
    before = connection.execute(
        "SELECT known_at FROM audit.signing WHERE run = %s AND as_of = %s AND step = %s", (run, day, Step.DRAFTED)
    ).fetchone()
    found = document.compose(connection, settings.include, day, before[0] if before else known_at)
    if before is None:
        _record(connection, run, (day, found.known_at, publishing.digest_of(found)), Step.DRAFTED, person=drafter)
    name = f"草稿_{found.known_at.astimezone(SHANGHAI):%Y%m%dT%H%M%S}"
    files = _written(settings, day, name, {form: publishing.write(found, form) for form in publishing.WRITERS})
    LOG.info("草稿 | draft of %s, known at %s: %s", day, found.known_at.isoformat(), files[0].parent)
    for sentence in found.missing:
        LOG.info(sentence)
    return Draft(day, found.known_at, found.missing, files)


# Concluding


Connect = Callable[[Settings], AbstractContextManager[psycopg.Connection]]
"""Gives a connection that holds `SIGNING_LOCK`, so that drafts are concluded one after the other."""


@contextmanager
def as_flow(settings: Settings) -> Iterator[psycopg.Connection]:
    """The flow's connection for concluding drafts."""
    with connect_as_loader(settings) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (SIGNING_LOCK,))
        yield connection


def conclude(
    settings: Settings,
    run: str,
    drafts: Iterable[Sequence[str]],
    decision: str,
    *,
    person: str,
    reason: str,
    connect: Connect = as_flow,
) -> list[publishing.Published]:
    """Carry out a decision about drafts and record it. What this run has done before stays as it is: the first signature or rejection counts.

    Drafts of several days that nobody answered lapse, because only the briefing of the day must be published. A signature under what may
    not be signed, or of somebody who is not listed as a signer, publishes it as provisional, unless that is out already.

    Args:
        drafts: day and moment of knowledge of each, ISO 8601.
        decision: a step of `audit.signing`: `signed`, `provisional`, `rejected` or `lapsed`.
        person: the account of whoever decided; "" where nobody did by the deadline.
        connect: connects as the flow, or as that person.

    Returns:
        the publications of these drafts.
    """
    wanted = [(date.fromisoformat(day), datetime.fromisoformat(known_at)) for day, known_at in drafts]
    step = Step.LAPSED if decision == Step.PROVISIONAL and not person and len(wanted) > 1 else Step(decision)
    out: list[publishing.Published] = []
    for day, known_at in wanted:
        with connect(settings) as connection:
            number = _conclude_one(connection, settings, run, (day, known_at), step, person=person, reason=reason)
            if number is not None:
                [published] = [one for one in publishing.publications(connection, day) if one.publication_id == number]
                name = f"第{number}号{'_临时' if published.is_provisional else ''}"
                _written(settings, day, name, {form: publishing.fetch(connection, number, form) for form in published.sha256})
                out.append(published)
    return out


@dataclass(frozen=True)
class Decided:
    """What was decided about the drafts of a run, elsewhere than in Airflow.

    Attributes:
        step: `provisional` where one of several drafts became provisional only.
        person: the account of whoever decided last.
    """

    step: Step
    person: str
    reason: str


def decided(
    settings: Settings, run: str, drafts: Iterable[Sequence[str]], steps: Collection[str], *, connect: Connect = connect_as_loader
) -> Decided | None:
    """What people have decided about all drafts of a run; None while one of them waits.

    Args:
        drafts: day and moment of knowledge of each, ISO 8601.
        steps: those that end the question.
    """
    days = {date.fromisoformat(day) for day, _ in drafts}
    with connect(settings) as connection:
        rows = connection.execute(
            "SELECT as_of, step, person, reason FROM audit.signing"
            " WHERE run = %s AND as_of = ANY(%s) AND step = ANY(%s) AND person <> '' ORDER BY signing_id",
            (run, [*days], [*steps]),
        ).fetchall()
    if {row[0] for row in rows} != days:
        return None
    last = {day: Decided(Step(step), person, reason) for day, step, person, reason in rows}
    newest = last[rows[-1][0]]
    return next((one for one in last.values() if one.step is Step.PROVISIONAL), newest)


@dataclass(frozen=True)
class Waiting:
    """A draft that nobody has signed or rejected.

    Attributes:
        run: the run of the flow that drafted it.
        is_provisional_out: the deadline has published it as provisional: it may still be signed.
    """

    run: str
    as_of: date
    known_at: datetime
    digest: str | None
    drafted_at: datetime
    is_provisional_out: bool


def draft_files(settings: Settings, day: date) -> list[Path]:
    """The drafts of a day that lie in its folder, the newest first."""
    return sorted((settings.briefings / day.isoformat()).glob("*草稿_*"), reverse=True)


def waiting(connection: psycopg.Connection) -> list[Waiting]:
    """The newest draft of each day that waits for a signature, the newest day first."""
    rows = connection.execute(
        """
        SELECT DISTINCT ON (draft.as_of)
            draft.run, draft.as_of, draft.known_at, draft.digest, draft.recorded_at,
            EXISTS (
                SELECT FROM audit.signing AS done
                WHERE done.run = draft.run AND done.as_of = draft.as_of AND done.step = 'provisional'
            )
        FROM audit.signing AS draft
        WHERE draft.step = 'drafted'
        ORDER BY draft.as_of DESC, draft.signing_id DESC
        """
    ).fetchall()
    found = [Waiting(*row) for row in rows]
    ended = {
        (run, day)
        for run, day in connection.execute(
            "SELECT run, as_of FROM audit.signing WHERE step IN ('signed', 'rejected', 'lapsed')"
        ).fetchall()
    }
    return [one for one in found if (one.run, one.as_of) not in ended]


def _conclude_one(
    connection: psycopg.Connection,
    settings: Settings,
    run: str,
    draft: tuple[date, datetime],
    step: Step,
    *,
    person: str,
    reason: str,
) -> int | None:
    """Carry out a decision about one draft, unless this run has done so; return the publication, if there is one."""
    day, known_at = draft
    for decided in dict.fromkeys((Step.SIGNED, Step.REJECTED, step)):
        if (done := _done(connection, run, day, decided)) is not None:
            if decided is not step:
                LOG.warning(
                    "%s: %s 已是 %s,这次的 %s 不算 | it is %s already: %s does not count", day, run, decided, step, decided, step
                )
            return done[0]
    signer, drafted = _signer(connection, settings, run, day, person, step)
    taken, number = step, None
    fixed = (day, known_at, drafted)
    account = signer.account if signer else None
    printed = signer.printed if signer else NOBODY
    if step is Step.SIGNED and signer is not None:
        try:
            number = publishing.publish(
                connection, settings, day, known_at, signer=printed, account=account, digest=drafted, reason=reason
            ).publication_id
        except NotToBeSigned as refused:
            LOG.warning("%s: %s", day, refused)
    if step is Step.REJECTED and signer is None:
        raise RefusedError(f"{person} 不在签发人名单,退回无效 | {person} is not listed as a signer: nothing is rejected")
    if number is None and step in {Step.SIGNED, Step.PROVISIONAL}:
        taken = Step.PROVISIONAL
        if (done := _done(connection, run, day, taken)) is not None:
            return done[0]
        number = publishing.publish(
            connection, settings, day, known_at, signer=printed, account=account, is_provisional=True, reason=reason
        ).publication_id
    _record(connection, run, fixed, taken, person=account or "", account=account, reason=reason, publication_id=number)
    LOG.info("%s %s: %s %s", day, taken, printed, reason)
    return number


def _signer(
    connection: psycopg.Connection, settings: Settings, run: str, day: date, person: str, step: Step
) -> tuple[Account | None, str | None]:
    """The signer of this account, None where nobody is listed under it or may sign this draft; and the digest of the draft."""
    row = connection.execute(
        "SELECT person, digest FROM audit.signing WHERE run = %s AND as_of = %s AND step = %s", (run, day, Step.DRAFTED)
    ).fetchone()
    if row is None:
        raise NotFoundError(f"{run} 没有起草过 {day} 的简报 | {run} has drafted no briefing of {day}")
    drafter, digest = row
    if not person:
        return None, digest
    listed = {one.account: one for one in signers(connection)}
    if (signer := listed.get(person)) is None:
        names = ", ".join(one.printed for one in listed.values()) or "–"
        LOG.warning(
            "%s 不在签发人名单(%s),其签发不算;fugong account add | %s is not among the signers (%s): the answer does not count",
            person,
            names,
            person,
            names,
        )
    elif step is Step.SIGNED and drafter == person:
        LOG.warning("%s: 起草与签发为同一人 %s | drafted and signed by the same person", day, person)
        if not load_template(settings.include).bounds.may_drafter_sign:
            return None, digest
    return signer, digest


def _done(connection: psycopg.Connection, run: str, day: date, step: Step) -> tuple[int | None] | None:
    """The publication of a step that a run has done before; None where it has not."""
    return connection.execute(
        "SELECT publication_id FROM audit.signing WHERE run = %s AND as_of = %s AND step = %s", (run, day, step)
    ).fetchone()


def _record(
    connection: psycopg.Connection,
    run: str,
    draft: tuple[date, datetime, str | None],
    step: Step,
    *,
    person: str = "",
    account: str | None = None,
    reason: str = "",
    publication_id: int | None = None,
) -> None:
    """Record a step. The draft is its day, its moment of knowledge and its digest."""
    row = connection.execute(
        """
        INSERT INTO audit.signing (run, as_of, known_at, digest, step, person, account, reason, publication_id)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        RETURNING signing_id
        """,
        (run, *draft, step, person, account, reason, publication_id),
    ).fetchone()
    assert row is not None  # just inserted
    record_rows(connection, "signing", draft[0].isoformat(), {"signing": [row[0]]})


def _written(settings: Settings, day: date, name: str, contents: dict[str, bytes]) -> tuple[Path, ...]:
    """Write copies for the pages; the warehouse keeps the originals."""
    folder = private_folder(private_folder(settings.briefings) / day.isoformat())
    files = {folder / f"复工简报_{day}_{name}.{form}": content for form, content in contents.items()}
    for file, content in files.items():
        replace_file(file, content)
    return tuple(files)
