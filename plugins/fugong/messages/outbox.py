"""The outbox: `audit.message` holds one row per event and channel, `audit.message_channel` the channels that want to be told.

A row is written in the transaction that settles what it tells, so that neither exists without the other; a second row for the same event and
channel is not written. Addresses are in neither table. Whoever settles something needs no setting and reads no secret: where nobody wants to
be told, no row is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from fugong.messages.event import FACTS, Event, Facts, Names


class MessageState(StrEnum):
    """What has become of a message (`audit.message.state`)."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"


@dataclass(frozen=True)
class Channel:
    """A channel of an audience, and what it wants to be told. Its address is elsewhere."""

    audience: str
    channel: str
    events: tuple[str, ...]


@dataclass(frozen=True)
class Message:
    """A row of the outbox.

    Attributes:
        not_before: when it may be sent: later than now in quiet hours, in a digest, or after a fault.
        fault: why the last try failed; never what a server answered.
    """

    message_id: int
    event: str
    audience: str
    channel: str
    facts: Facts
    recorded_at: datetime
    not_before: datetime
    n_tries: int
    state: str
    settled_at: datetime | None
    fault: str | None

    def to_json(self) -> dict[str, Any]:
        """As `fugong messages --json` prints it."""
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(self).items()}


COLUMNS = "message_id, event, audience, channel, facts, recorded_at, not_before, n_tries, state, settled_at, fault"


def record_message(connection: psycopg.Connection, event: Event, key: str, facts: Facts, *, department: str | None = None) -> int:
    """Tell everybody who wants to hear of an event, once. Called in the transaction that settles what the event is about.

    Args:
        key: names the event among those of its kind; the same event has the same key whoever records it, and whenever.
        department: the department that it is about; others' channels are not told.

    Returns:
        How many channels are told that were not told before.
    """
    if unknown := set(facts) - FACTS:
        raise ValueError(f"no facts of a message: {', '.join(sorted(unknown))}")
    return connection.execute(
        """
        INSERT INTO audit.message (event, event_key, audience, channel, facts)
        SELECT %(event)s, %(key)s, audience, channel, %(facts)s
        FROM audit.message_channel
        WHERE %(event)s = ANY(events) AND (audience IN ('engineers', 'signers') OR audience = %(department)s)
        ON CONFLICT (event, event_key, audience, channel) DO NOTHING
        """,
        {"event": event, "key": key, "facts": Jsonb(dict(facts)), "department": department},
    ).rowcount


def keep_channels(connection: psycopg.Connection, wanted: Collection[Channel], *, is_whole: bool = True) -> None:
    """Take up the channels of the setting. What waits for a channel that is gone is given up.

    Args:
        is_whole: these are all. Else those that are not named stay.
    """
    with connection.transaction():
        known = connection.cursor(row_factory=class_row(Channel)).execute(
            "SELECT audience, channel, events FROM audit.message_channel FOR UPDATE"
        )
        there = {(one.audience, one.channel): tuple(one.events) for one in known}
        for one in wanted:
            if there.get((one.audience, one.channel)) != one.events:
                connection.execute(
                    """
                    INSERT INTO audit.message_channel (audience, channel, events) VALUES (%s, %s, %s)
                    ON CONFLICT (audience, channel) DO UPDATE SET events = excluded.events
                    """,
                    (one.audience, one.channel, list(one.events)),
                )
        if not is_whole:
            return
        for audience, channel in there.keys() - {(one.audience, one.channel) for one in wanted}:
            connection.execute("DELETE FROM audit.message_channel WHERE audience = %s AND channel = %s", (audience, channel))
        connection.execute(
            """
            UPDATE audit.message SET state = 'given_up', settled_at = clock_timestamp(), fault = 'no-channel'
            WHERE
                state = 'waiting'
                AND NOT EXISTS (
                    SELECT FROM audit.message_channel AS there
                    WHERE there.audience = message.audience AND there.channel = message.channel
                )
            """
        )


def channels_due(connection: psycopg.Connection, now: datetime) -> list[tuple[str, str]]:
    """The channels for which a message is due, the longest waiting first."""
    rows = connection.execute(
        """
        SELECT audience, channel FROM audit.message
        WHERE state = 'waiting' AND not_before <= %s
        GROUP BY audience, channel ORDER BY MIN(message_id)
        """,
        (now,),
    )
    return [(str(audience), str(channel)) for audience, channel in rows]


def claim(connection: psycopg.Connection, audience: str, channel: str, at_most: int) -> list[Message]:
    """Lock what waits for a channel until the end of the transaction; rows that another sender has in hand are left to it."""
    return (
        connection.cursor(row_factory=class_row(Message))
        .execute(
            f"""
            SELECT {COLUMNS} FROM audit.message
            WHERE state = 'waiting' AND audience = %s AND channel = %s
            ORDER BY message_id LIMIT %s
            FOR UPDATE SKIP LOCKED
            """,
            (audience, channel, at_most),
        )
        .fetchall()
    )


def hold(connection: psycopg.Connection, messages: Iterable[Message], until: datetime) -> None:
    """Let messages wait until a moment."""
    ids = [one.message_id for one in messages if one.not_before != until]
    connection.execute("UPDATE audit.message SET not_before = %s WHERE message_id = ANY(%s)", (until, ids))


def mark_sent(connection: psycopg.Connection, messages: Sequence[Message]) -> None:
    """Mark messages as sent."""
    connection.execute(
        """
        UPDATE audit.message SET state = 'sent', settled_at = clock_timestamp(), n_tries = n_tries + 1, fault = NULL
        WHERE message_id = ANY(%s)
        """,
        ([one.message_id for one in messages],),
    )


def mark_failed(connection: psycopg.Connection, one: Message, fault: str, again_at: datetime | None) -> None:
    """Mark a try that failed; without a moment to try again the message is given up, and the engineers are told."""
    connection.execute(
        """
        UPDATE audit.message
        SET n_tries = n_tries + 1, fault = %(fault)s, not_before = COALESCE(%(again_at)s, not_before),
            state = CASE WHEN %(again_at)s::timestamptz IS NULL THEN 'given_up' ELSE state END,
            settled_at = CASE WHEN %(again_at)s::timestamptz IS NULL THEN clock_timestamp() END
        WHERE message_id = %(id)s
        """,
        {"fault": fault, "again_at": again_at, "id": one.message_id},
    )
    if again_at is None and Event(one.event) is not Event.GIVEN_UP:
        facts: Facts = {"message": one.message_id, "event": one.event, "audience": one.audience}
        record_message(connection, Event.GIVEN_UP, str(one.message_id), facts)


def messages(connection: psycopg.Connection, states: Sequence[str], at_most: int) -> list[Message]:
    """The newest messages in these states."""
    return (
        connection.cursor(row_factory=class_row(Message))
        .execute(
            f"SELECT {COLUMNS} FROM audit.message WHERE state = ANY(%s) ORDER BY message_id DESC LIMIT %s",
            (list(states), at_most),
        )
        .fetchall()
    )


def counts(connection: psycopg.Connection) -> dict[str, int]:
    """How many messages are in each state."""
    rows = connection.execute("SELECT state, COUNT(*) FROM audit.message GROUP BY state")
    return dict.fromkeys(map(str, MessageState), 0) | {str(state): int(n) for state, n in rows}


def next_due(connection: psycopg.Connection) -> tuple[int, int]:
    """How many messages are due now, and the number of the newest of them. For whoever wakes the sender."""
    row = connection.execute(
        "SELECT COUNT(*), COALESCE(MAX(message_id), 0) FROM audit.message WHERE state = 'waiting' AND not_before <= now()"
    ).fetchone()
    assert row is not None  # an aggregate has one row
    return int(row[0]), int(row[1])


def delete_old(connection: psycopg.Connection, days: int) -> int:
    """Delete what was sent or given up so many days ago; return how many."""
    return connection.execute(
        "DELETE FROM audit.message WHERE state <> 'waiting' AND settled_at < now() - make_interval(days => %s)", (days,)
    ).rowcount


def load_names(connection: psycopg.Connection) -> Names:
    """The names of departments and reports, as `init` has loaded them: also while a contract is being mended."""
    departments = connection.execute("SELECT department_code, name_zh, name_en FROM ref.department").fetchall()
    reports = connection.execute("SELECT report, MIN(report_name) FROM ref.report_due GROUP BY report").fetchall()
    return Names(
        {str(code): (str(zh), str(en)) for code, zh, en in departments},
        {str(code): (str(name), str(code)) for code, name in reports},
    )
