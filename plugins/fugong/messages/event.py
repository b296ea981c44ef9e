"""What people are told: a closed list of events, the facts that each may hold, and its sentence in both languages.

A fact is a code, a number, a day, a moment, a place in a file of ours or a part of Airflow. Every fact is checked once more when the
sentence is composed, so that nothing else can leave the installation, whoever wrote the row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import quote

from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Lang, State, Word

ENGINEERS, SIGNERS = "engineers", "signers"
"""Audiences beside the departments, whose audience is their code. No department has such a code: codes are upper-case."""
NOTHING = "–"
Facts = Mapping[str, str | int]


class Event(Word):
    """What people are told about (`audit.message.event`)."""

    RECEIPT_OUT = "receipt_out", "回执已出", "receipt is out"
    REPORT_DUE = "report_due", "报表将到期", "report is due"
    REPORT_OVERDUE = "report_overdue", "报表已到期未收到", "report is overdue"
    DRAFT_WAITS = "draft_waits", "草稿待签发", "draft waits for a signature"
    SIGNATURE_LOST = "signature_lost", "签发没有送达", "signature was lost"
    CHECK_FAILED = "check_failed", "夜间例行发现问题", "nightly check failed"
    TASK_FAILED = "task_failed", "任务失败", "task failed"
    CONFIGURATION_REFUSED = "configuration_refused", "配置有误", "configuration refused"
    GIVEN_UP = "given_up", "通知没有送达", "message was given up"


OF_DEPARTMENTS = (Event.RECEIPT_OUT, Event.REPORT_DUE, Event.REPORT_OVERDUE)
OF_SIGNERS = (Event.DRAFT_WAITS, Event.SIGNATURE_LOST)
OF_ENGINEERS = (Event.CHECK_FAILED, Event.TASK_FAILED, Event.CONFIGURATION_REFUSED, Event.SIGNATURE_LOST, Event.GIVEN_UP)
"""What each audience is told where `include/messages.yaml` says nothing else."""


@dataclass(frozen=True)
class Names:
    """Names of departments and reports, from our own reference data and contracts: code → Chinese and English name."""

    departments: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    reports: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])


def _named(names: Mapping[str, tuple[str, str]], code: object, lang: Lang) -> str:
    zh, en = names.get(str(code), (NOTHING, NOTHING))
    return zh if lang is Lang.ZH else en


def _word(kind: type[Word], given: object, lang: Lang) -> str:
    return kind(str(given)).name_in(lang) if str(given) in {*kind} else NOTHING


def _number(given: object) -> str:
    return str(given) if type(given) is int and given >= 0 else NOTHING


def _day(given: object) -> str:
    try:
        return date.fromisoformat(str(given)).isoformat()
    except ValueError:
        return NOTHING


def _moment(given: object) -> str:
    try:
        return f"{datetime.fromisoformat(str(given)).astimezone(SHANGHAI):%m-%d %H:%M}"
    except ValueError:
        return NOTHING


def _matching(pattern: str) -> Callable[[object], str]:
    shape = re.compile(pattern)
    return lambda given: str(given) if shape.fullmatch(str(given)) else NOTHING


_WORD = r"[a-z][a-z0-9_-]{0,49}"
_PLAIN: Mapping[str, Callable[[object], str]] = {
    "submission": _number,
    "message": _number,
    "report_date": _day,
    "from": _day,
    "to": _day,
    "received_at": _moment,
    "due_at": _moment,
    "sign_by": _moment,
    "at": _moment,
    "task": _matching(_WORD),
    "dag": _matching(_WORD),
    # Named by program and schema, never by what somebody typed: messages.refused looks whether the file is ours.
    "place": _matching(r"(include|expectations|keys)/[A-Za-z0-9_./-]{1,120}(:\d{1,6})?"),
    "link": _matching(r"/[A-Za-z0-9_./?=&%:+-]{1,600}"),
}
_RUN = re.compile(r"(manual|scheduled|asset_triggered|asset_materialization|backfill)__[0-9T:.+Z-]{10,40}(_[A-Za-z0-9]{1,16})?")
"""The names that Airflow gives to runs."""
FACTS = frozenset({*_PLAIN, "department", "report", "state", "event", "audience"})

SENTENCES: Mapping[Event, Mapping[Lang, str]] = {
    Event.RECEIPT_OUT: {
        Lang.ZH: "{department}第 {submission} 号报送({report},统计日 {report_date},{received_at} 收到)回执已出:{state}。请看发件夹里的回执。",
        Lang.EN: (
            "{department}: the receipt of submission {submission} ({report}, about {report_date}, received {received_at}) is out: "
            "{state}. It lies in the outbox."
        ),
    },
    Event.REPORT_DUE: {
        Lang.ZH: "{department}的{report}(统计日 {report_date})应于 {due_at} 前报送,还没有收到。",
        Lang.EN: "{department}: {report} about {report_date} is due at {due_at} and has not arrived.",
    },
    Event.REPORT_OVERDUE: {
        Lang.ZH: "{department}的{report}(统计日 {report_date})应于 {due_at} 前报送,已到期,还没有入库。详见发件夹里的催报.txt。",
        Lang.EN: "{department}: {report} about {report_date} was due at {due_at} and is not loaded. See 催报.txt in the outbox.",
    },
    Event.DRAFT_WAITS: {
        Lang.ZH: "{from} 至 {to} 的简报草稿待签发,请于 {sign_by} 前签发或退回。",
        Lang.EN: "The draft of the briefing of {from} to {to} waits for a signature until {sign_by}.",
    },
    Event.SIGNATURE_LOST: {
        Lang.ZH: "{from} 至 {to} 的简报重新请求签发:如果刚才已经答过,那次回答没有送达,请在 {sign_by} 前再答一次。",
        Lang.EN: (
            "The signature of the briefing of {from} to {to} is asked for again: an answer that was given before did not arrive. "
            "Please answer again until {sign_by}."
        ),
    },
    Event.CHECK_FAILED: {
        Lang.ZH: "夜间例行“{task}”于 {at} 发现问题,需要处理。详情:fugong maintenance,或看任务日志。",
        Lang.EN: 'The nightly task "{task}" found at {at} what somebody has to act on. Run fugong maintenance, or read the log of the task.',
    },
    Event.TASK_FAILED: {
        Lang.ZH: "任务 {dag}.{task} 于 {at} 失败。详情见任务日志。",
        Lang.EN: "The task {dag}.{task} failed at {at}. Its log says why.",
    },
    Event.CONFIGURATION_REFUSED: {
        Lang.ZH: "配置有误:{place}({at})。改好以前,有关文件原样等着。详情:fugong init,或看任务日志。",
        Lang.EN: "Configuration refused: {place} ({at}). Files that need it wait. fugong init says more, or the log of the task.",
    },
    Event.GIVEN_UP: {
        Lang.ZH: "发给 {audience} 的第 {message} 号通知({event})多次没有送达,不再发。详情:fugong messages。",
        Lang.EN: "Message {message} to {audience} ({event}) could not be delivered and is given up. fugong messages says more.",
    },
}


def sentence(event: Event, facts: Facts, names: Names, lang: Lang) -> str:
    """The sentence of an event. What is no fact of its kind is printed as a dash, never as it came."""
    shown = {name: check(facts.get(name)) for name, check in _PLAIN.items()}
    shown["department"] = _named(names.departments, facts.get("department"), lang)
    shown["report"] = _named(names.reports, facts.get("report"), lang)
    shown["state"] = _word(State, facts.get("state"), lang)
    shown["event"] = _word(Event, facts.get("event"), lang)
    shown["audience"] = audience_name(str(facts.get("audience")), names, lang)
    text = SENTENCES[event][lang].format_map(shown)
    if shown["from"] == shown["to"]:
        day = shown["from"]
        text = text.replace(f"{day} 至 {day}", day).replace(f"{day} to {day}", day)
    return text


def link(facts: Facts, pages: str) -> str:
    """The address that a message leads to; "" where it leads nowhere, or nobody said where the pages are."""
    path = _PLAIN["link"](facts.get("link", ""))
    return f"{pages.rstrip('/')}{path}" if pages and path != NOTHING else ""


def page_of_task(dag: str, run: str, task: str, map_index: int, *, asks: bool = False) -> str:
    """The path of a task's page in Airflow; of a question, where it is answered. Of a run that a person named, the page of its DAG."""
    if not _RUN.fullmatch(run):
        return f"/dags/{quote(dag, safe='')}"
    page = f"/dags/{quote(dag, safe='')}/runs/{quote(run, safe='')}/tasks/{quote(task, safe='')}"
    if asks:
        return f"{page}/required_actions?map_index={map_index}"
    return page if map_index < 0 else f"{page}/mapped/{map_index}"


def audience_name(audience: str, names: Names, lang: Lang) -> str:
    """How an audience is called."""
    if audience == ENGINEERS:
        return "数据工程师" if lang is Lang.ZH else "engineers"
    if audience == SIGNERS:
        return "签发人" if lang is Lang.ZH else "signers"
    return _named(names.departments, audience, lang)
