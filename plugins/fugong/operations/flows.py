"""The DAGs, and when each last left a trace in the warehouse: that shows whether one stands still without asking Airflow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import psycopg

from fugong.core.bilingual import Bilingual


@dataclass(frozen=True)
class Flow:
    """A DAG.

    Attributes:
        trace: a SELECT of the last moment at which it did something; None where the warehouse does not tell.
    """

    dag_id: str
    name: Bilingual
    does: Bilingual
    trace: LiteralString | None


@dataclass(frozen=True)
class LastTrace:
    """When a DAG last left a trace; None where it never did."""

    flow: Flow
    at: datetime | None


FLOWS = (
    Flow(
        "receive_reports",
        Bilingual("收报入库", "intake of reports"),
        Bilingual("最近一次出回执", "last receipt"),
        "SELECT MAX(replied_at) FROM intake.submission",
    ),
    Flow(
        "build_marts",
        Bilingual("汇总重算", "building of marts"),
        Bilingual("最近一次算完汇总", "marts last built"),
        "SELECT MAX(built_at) FROM audit.mart_version",
    ),
    Flow(
        "publish_briefing",
        Bilingual("发布简报", "publishing the briefing"),
        Bilingual("最近一次签发登记", "last entry about signing"),
        "SELECT MAX(recorded_at) FROM audit.signing",
    ),
    Flow(
        "chase_reports",
        Bilingual("催报", "chasing reports"),
        Bilingual("最近一次催报", "last reminder"),
        "SELECT MAX(last_reminded_at) FROM intake.reminder",
    ),
    Flow(
        "send_messages",
        Bilingual("发送通知", "sending messages"),
        Bilingual("最近一次发出通知", "last message sent"),
        "SELECT MAX(settled_at) FROM audit.message WHERE state = 'sent'",
    ),
    Flow(
        "keep_house",
        Bilingual("夜间例行", "nightly maintenance"),
        Bilingual("最近一次例行", "last nightly task"),
        "SELECT MAX(done_at) FROM audit.chore",
    ),
    Flow("judge_again", Bilingual("规则改后重判", "judging again"), Bilingual("按需运行", "runs on demand"), None),
)


def last_traces(connection: psycopg.Connection) -> list[LastTrace]:
    """Each DAG with the last moment at which it did something."""
    found: list[LastTrace] = []
    for flow in FLOWS:
        row = connection.execute(flow.trace).fetchone() if flow.trace else None
        found.append(LastTrace(flow, row[0] if row else None))
    return found
