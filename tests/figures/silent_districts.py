"""Simulated districts in which departments and firms fall silent at random, of which the truth is known.

`make prove ARGS=silent-districts` tries a hundred; the tests try a few.

Of each district there are a register, reports of resumption by four departments for the day and for one of the thirty days before (which
is carried for three days where the day is silent), energy, and loans of three days. Two departments report services; some firms stand on the
lists of both, and they contradict each other. Some firms have more people on post than the register says. What the departments would have
said on the day is the truth. What they send is a part
of it, and it arrives one report after another: the interval has to hold the truth at every moment, to narrow with each arrival, and to be
closed where everything has come.
"""

from __future__ import annotations

import itertools
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.figures.figure import Figure, figures
from fugong.operations import setup
from fugong.warehouse.embedded import server as embedded
from tests.fixtures.given_parts import give

DAY = date(2020, 3, 18)
RATES = {"S002": "industry", "S004": "service", "S007": "site"}
PEOPLE = {"S003": "industry", "S005": "service", "S008": "site"}
FIGURES = (*RATES, *PEOPLE, "S039")
SILENT_DEPARTMENT, SILENT_FIRM, EXEMPT, WITHOUT_BASELINE = 0.35, 0.15, 0.1, 0.03
LISTED_TWICE, OVERTIME, LAST_REPORT = 0.3, 0.2, (1, 1, 1, 2, 3, 4, 5, 9, 30)


@dataclass(frozen=True)
class District:
    """One district.

    Attributes:
        parts: what is sent, in the order of arrival.
        truth: the figures as they would be if everybody had reported.
        is_silent: whether anybody in a scope, or for the loans, is silent; by figure.
    """

    seed: int
    parts: tuple[dict[str, Any], ...]
    truth: Mapping[str, Decimal | None]
    is_silent: Mapping[str, bool]


def make_district(seed: int) -> District:
    """A district; the same seed gives the same one."""
    dice = random.Random(seed)
    firms = {
        "industry": [_firm(dice, f"I{number:02d}", "B") for number in range(dice.randint(4, 14))],
        "service": [_firm(dice, f"F{number:02d}", "F") for number in range(dice.randint(2, 8))],
    }
    everybody = [*firms["industry"], *firms["service"]]
    parts = [_part("enterprise", DAY - timedelta(2), "TJJ", everybody)]
    both = [firm for firm in firms["service"][1::2] if dice.random() < LISTED_TWICE]
    senders = {"GXJ": firms["industry"], "SWJ": [*firms["service"][::2], *both], "FGW": firms["service"][1::2]}
    tables = {"GXJ": "industry_resumption", "SWJ": "service_resumption", "FGW": "service_resumption"}
    scopes = {"GXJ": "industry", "SWJ": "service", "FGW": "service"}
    true: dict[str, list[dict[str, Any]]] = {"industry": [], "service": [], "site": []}
    silent = dict.fromkeys(true, False)
    of_day: list[dict[str, Any]] = []
    most = {firm["uscc"]: firm["baseline_headcount"] or 0 for firm in everybody}
    twice = {firm["uscc"] for firm in both}
    for sender, mine in senders.items():
        # Who lists a firm that another sender lists, too, has done so before.
        if dice.random() > SILENT_DEPARTMENT or (sender == "SWJ" and both):
            before = [_row(dice, firm, has_overtime=dice.random() < OVERTIME) for firm in mine]
            most |= {row["uscc"]: max(most[row["uscc"]], row["on_post"]) for row in before}
            parts.append(_part(tables[sender], DAY - timedelta(dice.choice(LAST_REPORT)), sender, before))
    told: set[str] = set()
    for sender, mine in senders.items():
        rows = [_row(dice, firm, most[firm["uscc"]]) for firm in mine]
        true[scopes[sender]] += [row for row in rows if row["uscc"] not in told]
        told |= {row["uscc"] for row in rows}
        is_sent = dice.random() > SILENT_DEPARTMENT
        sent = [row for row in rows if row["uscc"] in twice or dice.random() > SILENT_FIRM] if is_sent else []
        silent[scopes[sender]] |= len(sent) < len(rows)
        if sent:
            of_day.append(_part(tables[sender], DAY, sender, sent))
    sites = [{"site_id": f"P{number}", "owner_uscc": "", "planned_workers": dice.randint(5, 90)} for number in range(6)]
    parts.append(_part("site_resumption", DAY - timedelta(1), "ZJJ", [_site(dice, site) for site in sites]))
    true["site"] = [_site(dice, site) for site in sites]
    silent["site"] = dice.random() < SILENT_DEPARTMENT
    if not silent["site"]:
        of_day.append(_part("site_resumption", DAY, "ZJJ", true["site"]))
    if dice.random() > SILENT_DEPARTMENT:
        energy = [{"account_no": one["uscc"], "uscc": one["uscc"], "kwh_day": dice.randint(0, 900)} for one in everybody]
        of_day.append(_part("power_daily", DAY, "GDGS", energy))
    lent, loans_silent = _loans(dice)
    parts.append(lent[0][0])
    of_day += lent[0][1:]
    dice.shuffle(of_day)
    truth: dict[str, Decimal | None] = {name: _share_resumed(true[scope]) for name, scope in RATES.items()}
    baselines = {one["uscc"]: one["baseline_headcount"] for one in everybody}
    truth |= {name: _share_on_post(true[scope], baselines) for name, scope in PEOPLE.items()}
    truth["S039"] = lent[1]
    is_silent = {name: silent[scope] for name, scope in (RATES | PEOPLE).items()} | {"S039": loans_silent}
    return District(seed, (*parts, *of_day), truth, is_silent)


def _firm(dice: random.Random, uscc: str, scale_code: str) -> dict[str, Any]:
    return {
        "uscc": uscc,
        "scale_code": scale_code,
        "baseline_headcount": None if dice.random() < WITHOUT_BASELINE else dice.randint(1, 500),
        "baseline_daily_kwh": dice.choice([None, 500]),
    }


def _row(dice: random.Random, firm: Mapping[str, Any], most: int = 0, *, has_overtime: bool = False) -> dict[str, Any]:
    """What is said of a firm.

    Args:
        most: people on post at most; 0 for the headcount, or half as many more with overtime.
    """
    headcount = firm["baseline_headcount"] or dice.randint(1, 500)
    most = most or (headcount * 3 // 2 if has_overtime else headcount)
    exempt, resumed = dice.random() < EXEMPT, dice.random() < 0.7
    return {
        "uscc": firm["uscc"],
        "should_resume": not exempt,
        "exempt_code": "X05" if exempt else None,
        "resumed": resumed and not exempt,
        "normal_headcount": headcount,
        "on_post": dice.randint(most // 2 if has_overtime else 0, most) if resumed and not exempt else 0,
    }


def _site(dice: random.Random, site: Mapping[str, Any]) -> dict[str, Any]:
    exempt, resumed = dice.random() < EXEMPT, dice.random() < 0.7
    return {
        **site,
        "should_resume": not exempt,
        "exempt_code": "X05" if exempt else None,
        "resumed": resumed and not exempt,
        "on_site": dice.randint(0, site["planned_workers"]) if resumed and not exempt else 0,
    }


def _loans(dice: random.Random) -> tuple[tuple[list[dict[str, Any]], Decimal], bool]:
    """The loans sent, the sum of all, and whether a day of them is missing. The first day always comes: nobody owes before it."""
    parts: list[dict[str, Any]] = []
    total = 0
    for back in (2, 1, 0):
        day = DAY - timedelta(back)
        rows = [
            {
                "loan_id": f"L{back}{number}",
                "uscc": "I00",
                "nature": "新增",
                "disbursed_date": day,
                "disbursed": dice.randint(1, 999),
            }
            for number in range(dice.randint(0, 4))
        ]
        total += sum(row["disbursed"] for row in rows)
        if back == 2 or dice.random() > SILENT_DEPARTMENT:
            parts.append(_part("loan", day, "JRB", rows))
    return (parts, Decimal(total)), len(parts) < 3


def _part(table: str, day: date, department: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"table": table, "date": day, "department": department, "rows": [dict(row) for row in rows]}


def _share_resumed(rows: Sequence[Mapping[str, Any]]) -> Decimal | None:
    counted = [row for row in rows if row["should_resume"]]
    return Decimal(sum(row["resumed"] for row in counted)) / len(counted) if counted else None


def _share_on_post(rows: Sequence[Mapping[str, Any]], baselines: Mapping[str, int | None]) -> Decimal | None:
    counted = [row for row in rows if row["should_resume"]]
    normal = sum(row.get("planned_workers") or baselines[row["uscc"]] or row["normal_headcount"] for row in counted)
    on_post = Decimal(sum(row["on_site"] if "on_site" in row else row["on_post"] for row in counted))
    return min(on_post / normal, Decimal(1)) if normal else None


# Trying


@contextmanager
def warehouse() -> Iterator[psycopg.Connection[Any]]:
    """A warehouse without a report, as long as the block."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), district=PROJECT, warehouse_url=embedded.start(Path(folder) / "server"))
        try:
            setup.init(settings)
            with psycopg.connect(settings.warehouse_url or "") as connection:
                connection.execute("SET TIME ZONE 'Asia/Shanghai'")
                connection.commit()
                yield connection
        finally:
            embedded.remove(Path(folder) / "server")


@contextmanager
def settled(connection: psycopg.Connection[Any], district: District) -> Iterator[list[datetime]]:
    """A district's parts, settled within the block minute by minute; yields when."""
    first = datetime(2020, 3, 19, 0, tzinfo=SHANGHAI)
    arrivals = [first + timedelta(minutes=number) for number in range(len(district.parts))]
    parts = [part | {"settled_at": at} for part, at in zip(district.parts, arrivals, strict=True)]
    try:
        give(connection, load_contracts(PROJECT / "include" / "contracts"), {"parts": parts})
        yield arrivals
    finally:
        connection.rollback()


def faults(connection: psycopg.Connection[Any], district: District, *, is_stepwise: bool) -> list[str]:
    """What is wrong with the intervals of a district, as sentences; nothing is kept.

    Args:
        is_stepwise: whether to look after each arrival, instead of after the last one alone.
    """
    with settled(connection, district) as arrivals:
        moments = [at for at, part in zip(arrivals, district.parts, strict=True) if part["date"] == DAY] if is_stepwise else []
        seen = [_figures(connection, at) for at in dict.fromkeys([*moments, arrivals[-1]])]
    found: list[str] = []
    for name, truth in district.truth.items():
        spans = [one[name].interval.span for one in seen if one[name].interval]  # pyright: ignore[reportOptionalMemberAccess]
        for span in spans:
            if truth is not None and not (span.least <= truth and (span.most is None or truth <= span.most)):
                found.append(f"{district.seed} {name}: {truth} is not in {span}")
        for before, after in itertools.pairwise(spans):
            if after.least < before.least or (before.most is not None and (after.most is None or after.most > before.most)):
                found.append(f"{district.seed} {name}: {before} widens to {after}")
        last = seen[-1][name]
        if not district.is_silent[name] and truth is not None:
            if not last.interval or not last.interval.is_closed or last.value != truth:
                found.append(f"{district.seed} {name}: everything has come, {truth} is {last.value} in {last.interval}")
        elif last.interval and last.interval.is_closed and last.value != truth:
            found.append(f"{district.seed} {name}: closed at {last.value}, although somebody is silent and the truth is {truth}")
        found += _estimate_faults(district, last)
    return found


def _figures(connection: psycopg.Connection[Any], known_at: datetime) -> dict[str, Figure]:
    found = figures(connection, PROJECT / "include", DAY, known_at, ids=FIGURES, checks=False)
    return {figure.id: figure for figure in found}


def _estimate_faults(district: District, figure: Figure) -> list[str]:
    """An estimate lies within the interval."""
    if not figure.interval or not (estimate := figure.interval.estimate):
        return []
    span = figure.interval.span
    assert span.most is not None
    assert estimate.most is not None
    is_within = span.least <= estimate.least <= estimate.most <= span.most
    return [] if is_within else [f"{district.seed} {figure.id}: the estimate {estimate} is not within {span}"]
