"""From draft to signature: once, whoever rings, and as it was drafted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import yaml

from fugong.access.account import Account, Role
from fugong.access.manage import add_account, change_account
from fugong.briefing import publishing, signing
from fugong.briefing.signing import NOBODY, Asked, Step
from fugong.contracts.load import load_contracts
from fugong.core.advisory_locks import SIGNING_LOCK
from fugong.core.errors import RefusedError
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI
from fugong.intake.obligations import missing
from fugong.validation.context import IntakeContext
from fugong.warehouse.connection import address, connect
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row

DAY = date(2020, 3, 18)


def at(hour: int, minute: int = 0, *, day: int = 19) -> datetime:
    return datetime(2020, 3, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def district(empty_warehouse: tuple[Path, str], context: IntakeContext, tmp_path_factory: pytest.TempPathFactory) -> Inbox:
    """An installation to which one department has reported, on 19 March at nine."""
    district = Inbox.create(empty_warehouse, "signing", tmp_path_factory.mktemp("signing"), context)
    with connect(district.settings) as connection:
        for account, name in (("zhang", "张三"), ("li", "李四")):
            add_account(connection, Account(account, name, "区长", None, frozenset({Role.SIGNER}), is_active=True))
        add_account(connection, Account("wang", "王五", "科员", None, frozenset({Role.VIEWER}), is_active=True))
    district.send("TAX", "20200318_R04_TAX_V1.csv", as_csv(TAX_HEADER, [tax_row(1), tax_row(2)]))
    return district


@pytest.fixture
def bounded(district: Inbox, tmp_path: Path) -> Iterator[Settings]:
    """The installation, with a folder for briefings of its own, and nothing drafted. What has come is too little for a signature."""
    yield replace(district.settings, home=tmp_path)
    with connect(district.settings) as connection:
        for table in ("signing", "published", "publication_end"):
            connection.execute(f"DELETE FROM audit.{table}")  # pyright: ignore[reportArgumentType]


@pytest.fixture
def settings(bounded: Settings) -> Settings:
    """The same of a district that signs whatever has come."""
    project = bounded.home / "unbounded"
    shutil.copytree(bounded.district / "include", project / "include", ignore=shutil.ignore_patterns("samples"))
    shutil.copytree(bounded.district / "expectations", project / "expectations")
    words = project / "include" / "briefing" / "briefing.yaml"
    content = yaml.safe_load(words.read_text(encoding="utf-8"))
    del content["publishing"]
    words.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return replace(bounded, district=project)


def steps(settings: Settings) -> list[tuple[object, ...]]:
    with connect(settings) as connection:
        return connection.execute("SELECT run, as_of, step, person, reason FROM audit.signing ORDER BY signing_id").fetchall()


def published(settings: Settings, day: date = DAY) -> list[publishing.Published]:
    with connect(settings) as connection:
        return publishing.publications(connection, day)[::-1]


def asked(**given: object) -> Asked:
    return Asked.read(
        {"as_of": None, "from": None, "to": None, "known_at": None, "as_known_then": False, "sign_by": None} | given
    )


def handed_on(drafts: list[signing.Draft]) -> list[tuple[str, str]]:
    return [(draft.as_of.isoformat(), draft.known_at.isoformat()) for draft in drafts]


def test_a_briefing_is_drafted_at_eleven_with_what_there_is_and_only_once(settings: Settings) -> None:
    assert signing.draft_due(settings, "early", at(10, 59)) == []
    [draft] = signing.draft_due(settings, "first", at(11))
    assert draft.as_of == DAY
    assert any("区工业和信息化局" in sentence for sentence in draft.missing), draft.missing
    assert signing.draft_due(settings, "second", at(11)) == []
    assert signing.draft_due(settings, "third", at(15)) == []
    assert [(run, step) for run, _, step, *_ in steps(settings)] == [("first", "drafted")]
    assert sorted(file.suffix for file in draft.files) == [".docx", ".html", ".md"]
    assert {file.parent for file in draft.files} == {settings.briefings / "2020-03-18"}
    # The run that drafted it may do so again: the same draft.
    before = [file.read_bytes() for file in draft.files]
    assert signing.draft_due(settings, "first", at(12)) == [draft]
    assert [file.read_bytes() for file in draft.files] == before


def test_a_warehouse_of_history_drafts_nothing_by_itself(settings: Settings) -> None:
    assert signing.draft_due(settings, "run", at(11) + timedelta(days=40)) == []


def test_each_day_that_was_missed_is_drafted_in_a_run_of_its_own(settings: Settings) -> None:
    assert len(signing.draft_due(settings, "first", at(11))) == 1
    assert signing.due_days(settings, at(15)) == []
    back = at(11) + timedelta(days=2)  # nothing ran for two days
    assert [draft.as_of for draft in signing.draft_due(settings, "second", back)] == [DAY + timedelta(1)]
    assert signing.due_days(settings, back) == [DAY + timedelta(2)]
    assert [draft.as_of for draft in signing.draft_due(settings, "third", back)] == [DAY + timedelta(2)]
    assert [draft.as_of for draft in signing.draft_due(settings, "second", back)] == [DAY + timedelta(1)]
    assert signing.due_days(settings, back) == []
    # Yesterday's waits for its time; what was missed does not. After weeks it is the last seven days.
    early = back + timedelta(days=2) - timedelta(hours=2)
    assert signing.due_days(settings, early) == [DAY + timedelta(3)]
    assert signing.due_days(settings, back + timedelta(days=20))[0] == DAY + timedelta(16)


def test_a_draft_need_not_wait_for_eleven_when_everything_due_has_come(settings: Settings) -> None:
    with connect(settings) as connection:
        contracts = load_contracts(settings.include / "contracts")
        owed = [one for one in missing(connection, contracts, DAY, at(9, 30)) if one.due_at <= at(11)]
        lacking = {one.report for one in owed if one.received_at is None}
        assert any(one.received_at is not None for one in owed)
    assert signing.draft_due(settings, "early", at(9, 30)) == []
    # A project in which only what has come is due.
    project = settings.home / "project"
    shutil.copytree(settings.district / "include", project / "include")
    shutil.copytree(settings.district / "expectations", project / "expectations")
    for report in lacking:
        (project / "include" / "contracts" / f"{report}.odcs.yaml").unlink()
    assert [draft.as_of for draft in signing.draft_due(replace(settings, district=project), "run", at(9, 30))] == [DAY]


def test_what_is_signed_is_what_was_drafted(settings: Settings, district: Inbox) -> None:
    drafts = signing.draft(settings, "run", asked(as_of="2020-03-18", known_at="2020-03-19T09:30:00+08:00"))
    [done] = signing.conclude(settings, "run", handed_on(drafts), "signed", person="zhang", reason="")
    assert (done.known_at, done.signer, done.is_provisional) == (at(9, 30), "区长 张三", False)
    # Whoever signs is told which figures give a firm away; the signed page does not repeat it.
    told = tuple(line for line in drafts[0].missing if line.startswith("可推知单家企业"))
    assert len(told) == 1
    assert done.missing == tuple(line for line in drafts[0].missing if line not in told)
    # Once more, as after a kill: nothing is published twice.
    assert signing.conclude(settings, "run", handed_on(drafts), "signed", person="zhang", reason="") == [done]
    assert published(settings) == [done]
    with connect(settings) as connection:
        kept = publishing.fetch(connection, done.publication_id, "html")
    assert (settings.briefings / "2020-03-18" / f"复工简报_2020-03-18_第{done.publication_id}号.html").read_bytes() == kept
    assert [row[2:4] for row in steps(settings)] == [("drafted", ""), ("signed", "zhang")]


def test_unsigned_it_goes_out_as_provisional_and_a_later_signature_adds_another(settings: Settings) -> None:
    drafts = signing.draft(settings, "run", asked(as_of="2020-03-18"))
    [first] = signing.conclude(settings, "run", handed_on(drafts), "provisional", person="", reason="")
    assert (first.signer, first.is_provisional) == (NOBODY, True)
    assert first.missing
    [second] = signing.conclude(settings, "run", handed_on(drafts), "signed", person="zhang", reason="补签")
    assert published(settings) == [replace(first, end=published(settings)[0].end), second]
    assert (second.is_provisional, second.known_at) == (False, first.known_at)
    [end] = [one.end for one in published(settings) if one.end]
    assert (end.kind, end.successor_id, end.person) == ("superseded", second.publication_id, "区长 张三")


def test_a_signature_under_too_little_goes_out_as_provisional_and_only_once(bounded: Settings) -> None:
    drafts = signing.draft(bounded, "run", asked(as_of="2020-03-18"))
    assert any(line.startswith("无法确定:“规上工业复工率”") for line in drafts[0].missing)
    [first] = signing.conclude(bounded, "run", handed_on(drafts), "signed", person="zhang", reason="")
    assert (first.signer, first.is_provisional) == ("区长 张三", True)
    assert signing.conclude(bounded, "run", handed_on(drafts), "signed", person="li", reason="补签") == [first]
    assert published(bounded) == [first]
    assert [(row[2], row[3]) for row in steps(bounded)] == [("drafted", ""), ("provisional", "zhang")]


def test_an_answer_of_somebody_who_is_no_signer_does_not_count(settings: Settings) -> None:
    drafts = signing.draft(settings, "run", asked(as_of="2020-03-18"))
    for person in ("wang", "nobody", "区长 张三"):
        with pytest.raises(RefusedError, match="not listed as a signer"):
            signing.conclude(settings, "run", handed_on(drafts), "rejected", person=person, reason="")
    [done] = signing.conclude(settings, "run", handed_on(drafts), "signed", person="wang", reason="")
    assert (done.signer, done.is_provisional) == (NOBODY, True)
    assert [row[2:4] for row in steps(settings)] == [("drafted", ""), ("provisional", "")]


def test_a_signer_who_is_disabled_signs_no_more(settings: Settings) -> None:
    drafts = signing.draft(settings, "run", asked(as_of="2020-03-18"))
    with connect(settings) as connection:
        change_account(connection, "li", is_active=False)
    [done] = signing.conclude(settings, "run", handed_on(drafts), "signed", person="li", reason="")
    assert done.is_provisional
    with connect(settings) as connection:
        change_account(connection, "li", is_active=True)
    [done] = signing.conclude(settings, "run", handed_on(drafts), "signed", person="li", reason="")
    assert (done.signer, done.is_provisional) == ("区长 李四", False)


def test_what_has_changed_since_it_was_drafted_is_not_signed(settings: Settings) -> None:
    drafts = signing.draft(settings, "run", asked(as_of="2020-03-18"))
    words = settings.include / "briefing" / "briefing.yaml"
    before = words.read_text(encoding="utf-8")
    content = yaml.safe_load(before)
    content["title"] = f"改{content['title']}"
    words.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    [done] = signing.conclude(settings, "run", handed_on(drafts), "signed", person="zhang", reason="")
    assert done.is_provisional
    words.write_text(before, encoding="utf-8")
    [done] = signing.conclude(settings, "run", handed_on(drafts), "signed", person="zhang", reason="")
    assert not done.is_provisional


@pytest.mark.parametrize("may_drafter_sign", [True, False])
def test_whoever_drafted_it_signs_only_where_the_district_allows_it(settings: Settings, may_drafter_sign: bool) -> None:
    words = settings.include / "briefing" / "briefing.yaml"
    content = yaml.safe_load(words.read_text(encoding="utf-8"))
    content["publishing"] = {"may_drafter_sign": may_drafter_sign}
    words.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    drafts = signing.draft(settings, "run", asked(as_of="2020-03-18"), drafter="zhang")
    [done] = signing.conclude(settings, "run", handed_on(drafts), "signed", person="zhang", reason="")
    assert done.is_provisional is not may_drafter_sign
    [second] = signing.conclude(settings, "run", handed_on(drafts), "signed", person="li", reason="")
    assert not second.is_provisional or may_drafter_sign


def test_a_rejection_publishes_nothing_and_keeps_the_reason(settings: Settings) -> None:
    drafts = signing.draft(settings, "run", asked(as_of="2020-03-18"))
    assert signing.conclude(settings, "run", handed_on(drafts), "rejected", person="zhang", reason="口径有误") == []
    assert published(settings) == []
    assert steps(settings)[-1] == ("run", DAY, "rejected", "zhang", "口径有误")


def test_a_range_is_drafted_day_by_day_as_known_then_and_signed_at_once(settings: Settings) -> None:
    drafts = signing.draft(settings, "run", asked(**{"from": "2020-03-16", "to": "2020-03-18", "as_known_then": True}))
    days = [date(2020, 3, day) for day in (16, 17, 18)]
    assert [(draft.as_of, draft.known_at) for draft in drafts] == [(day, signing.draft_time(day)) for day in days]
    done = signing.conclude(settings, "run", handed_on(drafts), "signed", person="zhang", reason="")
    assert [one.as_of for one in done] == days
    # A month that nobody looked at does not go out by itself.
    again = signing.draft(settings, "again", asked(**{"from": "2020-03-16", "to": "2020-03-17"}))
    assert signing.conclude(settings, "again", handed_on(again), "provisional", person="", reason="") == []
    assert [step for run, _, step, *_ in steps(settings) if run == "again"] == [Step.DRAFTED] * 2 + [Step.LAPSED] * 2
    assert len(published(settings, days[0])) == 1


def test_a_kill_between_publishing_and_writing_it_down_leaves_neither(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = signing.draft(settings, "run", asked(as_of="2020-03-18"))

    def killed(*_given: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(signing, "_record", killed)
        signing.conclude(settings, "run", handed_on(drafts), "signed", person="zhang", reason="")
    assert published(settings) == []
    assert len(signing.conclude(settings, "run", handed_on(drafts), "signed", person="zhang", reason="")) == 1


def test_parameters_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="as_of, or from and to"):
        asked(as_of="2020-03-18", **{"from": "2020-03-01"})
    with pytest.raises(ValueError, match="known_at, or each day"):
        asked(as_of="2020-03-18", known_at="2020-03-19T09:00", as_known_then=True)
    one = asked(to="2020-03-18", known_at="2020-03-19T09:00")
    assert (one.days, one.known_at) == ((DAY,), at(9))


@pytest.mark.parametrize(("now", "until"), [(at(11), at(17)), (at(16), at(18)), (at(23), at(1, day=20))])
def test_a_draft_waits_until_five_and_two_hours_at_least(now: datetime, until: datetime) -> None:
    assert signing.sign_by(now) == until


def test_two_runs_that_ring_at_once_wait_for_each_other(settings: Settings) -> None:
    impatient = replace(settings, warehouse_url=f"{settings.warehouse_url}?options=-clock_timeout%3D200")
    with psycopg.connect(address(settings)) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", (SIGNING_LOCK,))
        with pytest.raises(psycopg.errors.LockNotAvailable):
            signing.draft_due(impatient, "run", at(11))
    assert len(signing.draft_due(impatient, "run", at(11))) == 1


def test_what_people_have_decided_is_known_once_all_drafts_of_a_run_are(settings: Settings) -> None:
    sign, later = ("signed", "rejected", "provisional"), ("signed", "rejected", "lapsed")
    drafts = handed_on(signing.draft(settings, "run", asked(**{"from": "2020-03-17", "to": "2020-03-18"})))
    assert signing.decided(settings, "run", drafts, sign) is None
    signing.conclude(settings, "run", drafts[:1], "signed", person="zhang", reason="")
    assert signing.decided(settings, "run", drafts, sign) is None
    assert signing.decided(settings, "another", drafts[:1], sign) is None
    signing.conclude(settings, "run", drafts[1:], "rejected", person="li", reason="口径有误")
    # Nothing has come about the 17th: what zhang signed is out as provisional, and may still be signed later.
    assert signing.decided(settings, "run", drafts, sign) == signing.Decided(Step.PROVISIONAL, "zhang", "")
    assert signing.decided(settings, "run", drafts[1:], sign) == signing.Decided(Step.REJECTED, "li", "口径有误")
    assert signing.decided(settings, "run", drafts, later) is None


def test_what_goes_out_because_nobody_decided_is_nobodys_decision(settings: Settings) -> None:
    drafts = handed_on(signing.draft(settings, "run", asked(as_of="2020-03-18")))
    signing.conclude(settings, "run", drafts, "provisional", person="", reason="")
    assert signing.decided(settings, "run", drafts, ("signed", "rejected", "provisional")) is None
