"""Composes what is sent: a title and one line per event, in the languages of the audience."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fugong.core.vocabulary import Lang
from fugong.messages.event import Event, Names, audience_name, link, sentence
from fugong.messages.outbox import Message
from fugong.messages.rules import Rule

AT_MOST = 15
"""Events in one message: bots of chats cut what is longer than some 2,000 bytes."""


@dataclass(frozen=True)
class Composed:
    """What a channel sends."""

    title: str
    body: str


def compose(audience: str, messages: Sequence[Message], names: Names, rule: Rule, pages: str) -> Composed:
    """One message about several events. The numbers at the end are those of `fugong messages`: who reads one twice knows it by them."""
    title: list[str] = []
    body: list[str] = []
    for lang in rule.languages:
        what = Event(messages[0].event).name_in(lang)
        if len(messages) > 1:
            what = f"{len(messages)} 件事" if lang is Lang.ZH else f"{len(messages)} things"
        prefix = "复工" if lang is Lang.ZH else "Fugong"
        title.append(f"{prefix} · {audience_name(audience, names, lang)}:{what}")
        body += [sentence(Event(one.event), one.facts, names, lang) for one in messages]
    body += dict.fromkeys(address for one in messages if (address := link(one.facts, pages)))
    numbers = f"{messages[0].message_id}" + (f"–{messages[-1].message_id}" if len(messages) > 1 else "")
    return Composed(" | ".join(title), "\n".join([*body, f"#{numbers}"]))


def trial(audience: str, names: Names, rule: Rule) -> Composed:
    """A message that tells nothing."""
    title = " | ".join(
        f"复工 · {audience_name(audience, names, lang)}:试发" if lang is Lang.ZH else "Fugong: a trial" for lang in rule.languages
    )
    return Composed(title, "这是一次试发,不用处理。 | This is a trial; nothing has to be done.")
