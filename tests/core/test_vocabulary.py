"""The words of the program are those that the warehouse accepts, each with its names and colours."""

from __future__ import annotations

import re
from collections.abc import Set
from pathlib import Path

import psycopg
import pytest

from fugong.access.authentication import Event as LoginEvent
from fugong.access.uploads import What
from fugong.briefing.ending import EndKind
from fugong.briefing.publishing import WRITERS
from fugong.briefing.signing import Step
from fugong.core.settings import DIGESTS
from fugong.core.vocabulary import CheckSeverity, Lang, Mode, PartKind, QuestionKind, Severity, State, Verdict, Word
from fugong.messages.event import Event
from fugong.messages.outbox import MessageState
from fugong.operations.task_result import Result
from fugong.warehouse.schema_log import Change

WORDS: dict[str, Set[str]] = {
    "intake.submission.state": set(State),
    "intake.part.kind": set(PartKind),
    "intake.part.mode": set(Mode),
    "intake.finding.severity": set(Severity),
    # A rule in shadow judges; it normalises nothing.
    "intake.shadow_finding.severity": set(Severity) - {Severity.REPAIRED},
    "intake.question.kind": set(QuestionKind),
    "intake.answer.verdict": set(Verdict),
    # Words of one package are enums there.
    "access.login_event.event": set(LoginEvent),
    "access.upload.what": set(What),
    "audit.chore.outcome": set(Result),
    "audit.log_entry.algorithm": set(DIGESTS),
    "audit.log_head.algorithm": set(DIGESTS),
    "audit.message.event": set(Event),
    "audit.message.state": set(MessageState),
    "audit.publication_end.kind": set(EndKind),
    "audit.published.format": {*WRITERS, *(f"en.{name}" for name in WRITERS)},
    "audit.schema_change.change": set(Change),
    "audit.signing.step": set(Step),
}
OTHER_LISTS = {
    "access.account_change.change",
    "ref.department.kind",
    "ref.industry.level",
    "ref.policy.benefit_class",
    "ref.size_class_rule.size_class",
    "ref.township.kind",
}
"""Columns with a list of values that no enum of the program holds."""

LISTED = re.compile(r"\bCHECK \(\(+(\w+) = ANY \(ARRAY\[(.+?)\]\)+")


@pytest.fixture(scope="module")
def lists(empty_warehouse: tuple[Path, str]) -> dict[str, set[str]]:
    """Column → the values that its CHECK lists, of all columns of the warehouse that have such a list."""
    found: dict[str, set[str]] = {}
    with psycopg.connect(empty_warehouse[1]) as connection:
        for table, check in connection.execute(
            """
            SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE contype = 'c' AND connamespace <> 'pg_catalog'::regnamespace
            ORDER BY 1, 2
            """
        ).fetchall():
            if listed := LISTED.match(check):
                found[f"{table}.{listed.group(1)}"] = set(re.findall(r"'([^']*)'::text", listed.group(2)))
    return found


def test_the_lists_of_the_warehouse_are_known(lists: dict[str, set[str]]) -> None:
    assert lists.keys() == WORDS.keys() | OTHER_LISTS


@pytest.mark.parametrize("column", WORDS)
def test_a_list_of_the_warehouse_holds_the_words_of_the_program(lists: dict[str, set[str]], column: str) -> None:
    assert lists[column] == WORDS[column]


ENUMS: tuple[type[Word], ...] = (State, Severity, CheckSeverity, Verdict)


@pytest.mark.parametrize("enum", ENUMS)
def test_every_word_has_a_name_of_its_own_in_both_languages(enum: type[Word]) -> None:
    for lang in Lang:
        names = [word.name_in(lang) for word in enum]
        assert len(set(names)) == len(names) >= 3
        assert all(names)
    assert [word.rank for word in enum] == list(range(len(enum)))


def test_normalising_is_never_called_by_the_word_for_a_replacement() -> None:
    assert Severity.REPAIRED.zh == "已代为规范"
    assert not [word for enum in ENUMS for word in enum if "更正" in word.zh]


@pytest.mark.parametrize("words", [{State.ACCEPTED, State.PARTLY_ACCEPTED, State.REJECTED}, set(Severity)])
def test_what_a_workbook_colours_has_both_colours(words: Set[Word]) -> None:
    assert all(re.fullmatch("#[0-9A-F]{6}", colour) for word in words for colour in (word.fill, word.ink))


def test_a_word_is_its_stored_value() -> None:
    assert f"{State.PARTLY_ACCEPTED}" == "partly_accepted"
    assert State("partly_accepted") is State.PARTLY_ACCEPTED
    assert (State.PARTLY_ACCEPTED.zh, State.PARTLY_ACCEPTED.en) == ("部分入库", "partly accepted")
