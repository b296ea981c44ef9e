"""Who is told what, in which language, at which hours and how often. Loads `include/messages.yaml`; the defaults have their one home here."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from fugong.core.paths import listed, where
from fugong.core.schema import Document, parse_yaml, read_text, validate
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Lang
from fugong.messages.event import ENGINEERS, OF_DEPARTMENTS, OF_ENGINEERS, OF_SIGNERS, SIGNERS, Event

FILE = "messages.yaml"


@dataclass(frozen=True)
class Rule:
    """What holds for one audience.

    Attributes:
        events: what it is told.
        languages: one, or both, the first above.
        quiet_from, quiet_to: between these times of the day nothing is sent; what is held is sent at the end. Equal: never quiet.
        despite_quiet: what is sent in quiet hours, too, and is not held for a digest.
        digest: how long messages are collected, from the first on, before they go out as one.
    """

    events: tuple[Event, ...]
    languages: tuple[Lang, ...] = (Lang.ZH,)
    quiet_from: time = time(0)
    quiet_to: time = time(0)
    despite_quiet: tuple[Event, ...] = ()
    digest: timedelta = timedelta(0)

    def quiet_until(self, now: datetime) -> datetime | None:
        """The end of the quiet hours that a moment lies in; None outside of them."""
        at = now.astimezone(SHANGHAI)
        begin, end = self.quiet_from, self.quiet_to
        if not ((begin <= at.time() < end) if begin <= end else (at.time() >= begin or at.time() < end)):
            return None
        day = at.date() if at.time() < end else at.date() + timedelta(1)
        return datetime.combine(day, end, SHANGHAI)


@dataclass(frozen=True)
class Rules:
    """The rules of a district.

    Attributes:
        pages: address under which people reach Airflow's pages; "" for that of its configuration.
        due_before: how long before its time a report that has not arrived is called due; zero: never.
    """

    engineers: Rule = Rule(OF_ENGINEERS)
    signers: Rule = Rule(OF_SIGNERS)
    every_department: Rule = Rule(OF_DEPARTMENTS)
    departments: Mapping[str, Rule] = field(default_factory=dict[str, Rule])
    pages: str = ""
    due_before: timedelta = timedelta(hours=1)

    def of(self, audience: str) -> Rule:
        """The rule of an audience."""
        if audience in {ENGINEERS, SIGNERS}:
            return self.engineers if audience == ENGINEERS else self.signers
        return self.departments.get(audience, self.every_department)


def load_rules(include: Path) -> Rules:
    """Read `include/messages.yaml`; without the file the defaults hold.

    Raises:
        ConfigurationError: it does not fit its schema, or names a department that is not in `reference/department.csv`. The message names file
            and line.
    """
    file = include / FILE
    if not file.exists():
        return Rules()
    document = parse_yaml(read_text(file), where(file))
    validate(document, "messages")
    content = document.content or {}
    given: Mapping[str, Mapping[str, Any]] = content.get("departments", {})
    known = known_departments(include)
    for code in given:
        if code not in known:
            raise document.fault(("departments", code), f"no department {code!r}. There is: {listed(known)}")
    plain = Rules()
    every = _rule(document, ("every_department",), plain.every_department)
    return Rules(
        engineers=_rule(document, ("engineers",), plain.engineers),
        signers=_rule(document, ("signers",), plain.signers),
        every_department=every,
        departments={code: _rule(document, ("departments", code), every) for code in given},
        pages=content.get("pages", plain.pages),
        due_before=timedelta(minutes=content["due_before_minutes"]) if "due_before_minutes" in content else plain.due_before,
    )


def known_departments(include: Path) -> set[str]:
    """The departments of `reference/department.csv`."""
    with (include / "reference" / "department.csv").open(encoding="utf-8-sig", newline="") as lines:
        return {line["department_code"] for line in csv.DictReader(lines)}


def _rule(document: Document, at: tuple[str, ...], otherwise: Rule) -> Rule:
    """The rule that stands at a place of the document; what is not written there is as in `otherwise`."""
    given: Any = document.content or {}
    for key in at:
        given = given.get(key, {})
    out = otherwise
    if "events" in given:
        if "department" in at[0] and (strange := set(given["events"]) - {*OF_DEPARTMENTS}):
            raise document.fault((*at, "events"), f"departments are told {listed(OF_DEPARTMENTS)}, found {listed(strange)}")
        out = replace(out, events=tuple(map(Event, given["events"])))
    if "language" in given:
        out = replace(out, languages=(Lang.ZH, Lang.EN) if given["language"] == "both" else (Lang(given["language"]),))
    if "quiet" in given:
        out = replace(
            out, quiet_from=time.fromisoformat(given["quiet"]["from"]), quiet_to=time.fromisoformat(given["quiet"]["to"])
        )
    if "despite_quiet" in given:
        out = replace(out, despite_quiet=tuple(map(Event, given["despite_quiet"])))
    if "digest_minutes" in given:
        out = replace(out, digest=timedelta(minutes=given["digest_minutes"]))
    return out
