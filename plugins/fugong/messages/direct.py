"""Tells the engineers that the warehouse is away. The outbox lies in it, so this message goes straight to their channels.

Every part that finds the warehouse away calls `tell_warehouse_away`; a stamp in the home lets one of them tell, once in `EVERY`.
"""

from __future__ import annotations

import logging
from datetime import datetime

from filelock import FileLock

from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Lang
from fugong.messages.channels import load_channels
from fugong.messages.compose import Composed
from fugong.messages.event import ENGINEERS, Event
from fugong.messages.rules import Rule, load_rules
from fugong.messages.send import send_to
from fugong.storage.modes import private_folder

LOG = logging.getLogger(__name__)
EVERY_SECONDS = 1_800
STAMP = "warehouse-away"
TITLES = {Lang.ZH: "复工 · 数据工程师:仓库连不上", Lang.EN: "Fugong: the warehouse is away"}
TEXTS = {
    Lang.ZH: "仓库连不上({at})。报送原样等在收件夹里,仓库恢复后自动继续;通知也存在仓库里,此前其他通知发不出去。请看 docs/zh/runbooks/airflow_does_not_start.md。",
    Lang.EN: (
        "The warehouse cannot be reached ({at}). Files wait in the inbox, and work goes on when it is back; other messages lie in the warehouse and "
        "wait, too. See docs/runbooks/airflow_does_not_start.md."
    ),
}


def tell_warehouse_away(settings: Settings, *, now: datetime | None = None) -> bool:
    """Send the message on every channel of the engineers, unless some part of this installation did so within `EVERY_SECONDS`.

    As the rules say of failed tasks: not where engineers are not told of them, nor in quiet hours that hold for them.

    Returns:
        Whether a channel took it. Where none did, the next call tries again.

    Raises:
        ConfigurationError: the file of channels or the rules cannot be read.
    """
    at = now or datetime.now(SHANGHAI)
    rule = load_rules(settings.include).engineers
    is_quiet = rule.quiet_until(at) is not None and Event.TASK_FAILED not in rule.despite_quiet
    if Event.TASK_FAILED not in rule.events or is_quiet:
        return False
    channels = [one for one in load_channels(settings).addresses if one.audience == ENGINEERS]
    stamp = private_folder(settings.spool) / STAMP
    with FileLock(f"{stamp}.lock"):
        told_at = float(stamp.read_text(encoding="ascii") or 0) if stamp.exists() else 0.0
        if not channels or at.timestamp() - told_at < EVERY_SECONDS:
            return False
        stamp.write_text(f"{at.timestamp()}", encoding="ascii")  # before it is sent: a kill in between must not send it twice
        faults = {one.channel: send_to(one, composed(rule, at)) for one in channels}
        for channel, fault in faults.items():
            if fault is not None:
                LOG.warning("engineers %s: 没有送达 | not delivered: %s", channel, fault)
        is_told = None in faults.values()
        if not is_told:
            stamp.write_text(f"{told_at}", encoding="ascii")
        return is_told


def composed(rule: Rule, at: datetime) -> Composed:
    """The message in the languages of the engineers."""
    moment = f"{at.astimezone(SHANGHAI):%m-%d %H:%M}"
    title = " | ".join(TITLES[lang] for lang in rule.languages)
    return Composed(title, "\n".join(TEXTS[lang].format(at=moment) for lang in rule.languages))
