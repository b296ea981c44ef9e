"""Sends what waits in the outbox: claims, sends by apprise, marks; tries again, ever more rarely, and gives up.

The rows of a channel are locked while their message is sent, and marked before the lock goes: two senders never send the same. A sender that is
killed after the channel took the message and before the mark is committed sends it again: at least once, and nothing else is possible
with a channel that keeps no numbers of ours.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import psycopg

from fugong.core.errors import ConfigurationError, NotFoundError
from fugong.core.paths import listed
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.messages import bots, outbox
from fugong.messages.channels import FILE, Address, Channels, load_channels
from fugong.messages.compose import AT_MOST, Composed, compose, trial
from fugong.messages.event import Names
from fugong.messages.outbox import Channel, Message
from fugong.messages.rules import Rule, Rules, load_rules
from fugong.warehouse.connection import connect_as_loader

if TYPE_CHECKING:
    from apprise import NotifyBase

LOG = logging.getLogger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)
N_TRIES = 20
"""With these pauses a message is given up after about twelve hours."""
N_AT_ONCE = 8
"""Channels served at once: one that does not answer holds up no other."""
CLAIMED = 200
LOOK_AGAIN_SECONDS = 0.3
SPEAKS_OF_ADDRESSES = ("urllib3", "urllib3.connectionpool", "requests", "requests_oauthlib", "oauthlib")
"""What these log may hold addresses with their keys."""


def send_due(settings: Settings, *, linger: float = 0.0, pages: str = "") -> dict[str, int]:
    """Send what is due; safe to call again and at the same time.

    Args:
        linger: after the last message, look so many seconds for more.
        pages: address of Airflow's pages, where `include/messages.yaml` names none.

    Returns:
        How many messages were sent, failed (and wait for the next try), were given up, and were held for later.

    Raises:
        ConfigurationError: a channel is at fault; the others were served. Or a setting is, for all.
    """
    rules, given = load_rules(settings.include), load_channels(settings)
    channels, faults = _open(given)
    done: Counter[str] = Counter(dict.fromkeys(("sent", "failed", "given_up", "held"), 0))
    with connect_as_loader(settings, autocommit=True) as connection:
        take_up(connection, rules, given)
        names = outbox.load_names(connection)
        until = time.monotonic() + linger
        while True:
            due = outbox.channels_due(connection, datetime.now(SHANGHAI))
            served = [one for one in due if one in channels]
            if served:
                with ThreadPoolExecutor(N_AT_ONCE, "send") as pool:
                    tasks = [
                        pool.submit(_serve, settings, one, channels[one], rules.of(one[0]), names, rules.pages or pages)
                        for one in served
                    ]
                before = done.total() - done["held"]
                for task in tasks:
                    done += task.result()
                if done.total() - done["held"] > before:
                    until = time.monotonic() + linger
                    continue
            if time.monotonic() >= until or not channels:
                if faults:
                    raise ConfigurationError("; ".join(faults))
                return {name: done[name] for name in ("sent", "failed", "given_up", "held")}
            time.sleep(LOOK_AGAIN_SECONDS)


def send_trial(settings: Settings, audience: str) -> Mapping[str, str | None]:
    """Send a trial message on every channel of an audience, now; channel → fault, None where it was taken.

    Raises:
        NotFoundError: the audience has no channel.
    """
    rules, given = load_rules(settings.include), load_channels(settings)
    given.refuse_faults()
    mine = [one for one in given.addresses if one.audience == audience]
    if not mine:
        there = listed({one.audience for one in given.addresses})
        raise NotFoundError(f"{audience} 没有通道,有通道的是 {there} | no channel for {audience}; there is one for {there}")
    with connect_as_loader(settings) as connection:
        names = outbox.load_names(connection)
    return {one.channel: send(_channel(one), trial(audience, names, rules.of(audience))) for one in mine}


def take_up(connection: psycopg.Connection, rules: Rules, given: Channels) -> None:
    """Let the outbox know which channels there are, and what each wants to be told. While one is at fault none is taken away."""
    wanted = [
        Channel(one.audience, one.channel, tuple(sorted(map(str, rules.of(one.audience).events)))) for one in given.addresses
    ]
    outbox.keep_channels(connection, wanted, is_whole=not given.faults)


def _serve(settings: Settings, key: tuple[str, str], channel: NotifyBase, rule: Rule, names: Names, pages: str) -> Counter[str]:
    """Send what is due on one channel, a message at a time."""
    audience, name = key
    done: Counter[str] = Counter()
    is_open = False
    with connect_as_loader(settings, autocommit=True) as connection:
        while True:
            with connection.transaction():
                now = datetime.now(SHANGHAI)
                waiting = outbox.claim(connection, audience, name, CLAIMED)
                ready, held = sort_out(waiting, rule, now, is_open=is_open)
                for until, these in held.items():
                    outbox.hold(connection, these, until)
                done["held"] += sum(map(len, held.values()))
                if not (batch := ready[:AT_MOST]):
                    return done
                fault = send(channel, compose(audience, batch, names, rule, pages))
                if fault is None:
                    outbox.mark_sent(connection, batch)
                    is_open = True
                    done["sent"] += len(batch)
                    LOG.info("%s %s: %d 条已发 | sent", audience, name, len(batch))
                    continue
                for one in batch:
                    again_at = now + pause(one.n_tries + 1) if one.n_tries + 1 < N_TRIES else None
                    outbox.mark_failed(connection, one, fault, again_at)
                    done["failed" if again_at else "given_up"] += 1
                # What waits behind them waits for the same channel.
                outbox.hold(connection, [one for one in ready[AT_MOST:] if one.n_tries == 0], now + FIRST_PAUSE)
                LOG.warning("%s %s: 没有送达 | not delivered: %s", audience, name, fault)
            return done


def sort_out(
    waiting: Sequence[Message], rule: Rule, now: datetime, *, is_open: bool = False
) -> tuple[list[Message], dict[datetime, list[Message]]]:
    """What of a channel's messages is sent now, and what is held until when: for the end of quiet hours, for a digest, after a fault.

    Args:
        is_open: the channel has just taken a message, so what failed before need not wait any longer.
    """
    ready: list[Message] = []
    held: dict[datetime, list[Message]] = {}
    quiet = rule.quiet_until(now)
    patient = [one for one in waiting if one.event not in rule.despite_quiet]
    digest_at = min((one.recorded_at for one in patient), default=now) + rule.digest
    for one in waiting:
        until = one.not_before if one.n_tries and not is_open else now
        if one.event not in rule.despite_quiet:
            until = max(until, quiet or now, digest_at)
        if until > now:
            held.setdefault(until, []).append(one)
        else:
            ready.append(one)
    return ready, held


def pause(n_tries: int) -> timedelta:
    """How long to wait after so many tries that failed."""
    return min(FIRST_PAUSE * 2 ** (n_tries - 1), LONGEST_PAUSE)


def send(channel: NotifyBase, composed: Composed) -> str | None:
    """Send a message on a channel; None where it was taken, else the fault in a word or two of ours."""
    if bots.is_bot(channel):
        return bots.send(channel, composed)
    heard = _Heard()
    speaker = logging.getLogger("apprise")
    speaker.addHandler(heard)
    try:
        taken = channel.notify(body=composed.body, title=composed.title, body_format="text")
    except Exception as error:  # noqa: BLE001 (one of a hundred plug-ins; its text may hold the address)
        return f"plug-in-{type(error).__name__}"
    finally:
        speaker.removeHandler(heard)
    return None if taken else heard.fault


def send_to(address: Address, composed: Composed) -> str | None:
    """Send a message to an address, as `send`; an address that leads nowhere is a fault, too."""
    try:
        return send(_channel(address), composed)
    except ConfigurationError:
        return "no-channel"  # `send_due` says why


class _Heard(logging.Handler):
    """Hears from apprise why a message was not taken, in the thread that sends it; keeps nothing but the status."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.thread = threading.get_ident()
        self.fault = "not-taken"

    def emit(self, record: logging.LogRecord) -> None:
        """Note the status of an answer, or that there was none."""
        if record.thread != self.thread:
            return
        if status := re.search(r"\berror=(\d{3})\b", record.getMessage()):
            self.fault = f"http-{status[1]}"
        elif "connection error" in record.getMessage().lower():
            self.fault = "no-answer"


@cache
def _keep_addresses_out_of_logs() -> None:
    """Silence in this process whatever speaks of addresses."""
    for name in SPEAKS_OF_ADDRESSES:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    speaker = logging.getLogger("apprise")
    speaker.propagate = False
    speaker.setLevel(logging.WARNING)
    speaker.addHandler(logging.NullHandler())  # without any handler Python prints warnings


def _open(given: Channels) -> tuple[dict[tuple[str, str], NotifyBase], list[str]]:
    """The channels by audience and name, and what is wrong with the others."""
    channels: dict[tuple[str, str], NotifyBase] = {}
    faults = [*given.faults]
    for one in given.addresses:
        try:
            channels[one.audience, one.channel] = _channel(one)
        except ConfigurationError as error:
            faults.append(str(error))
    return channels, faults


def _channel(address: Address) -> NotifyBase:
    """The channel of an address.

    Raises:
        ConfigurationError: apprise knows no such address; or it has several recipients, of whom one may get a message and another not.
    """
    import apprise

    _keep_addresses_out_of_logs()
    asset = apprise.AppriseAsset(app_id="Fugong", app_desc="复工", app_url="", image_url_mask="", image_url_logo="")
    channel = apprise.Apprise.instantiate(address.url, asset=asset)
    here = f"keys/{FILE}: {address.audience} {address.channel}"
    if channel is None:
        raise ConfigurationError(
            f"{here}: apprise 不认识这个地址,写法见 docs/zh/messages.md | apprise knows no such address; docs/messages.md shows how to write one"
        )
    if len(channel) != 1:
        raise ConfigurationError(
            f"{here}: 一个通道只能有一个收件人,也不要写 retry:请每人一个通道 | a channel has one recipient and no retry of its own: "
            "give every recipient a channel"
        )
    return channel
