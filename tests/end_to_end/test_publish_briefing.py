"""A briefing under a running Airflow: a person signs it, nobody does in time, or it is sent back.

Few departments have reported there: what is signed goes out as provisional, and a later signature adds nothing.
"""

from __future__ import annotations

import hashlib
import html
import time
import urllib.error
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psutil
import pytest

from fugong.briefing import signing
from fugong.briefing.signing import NOBODY
from fugong.core.settings import Settings
from fugong.core.typesetting import set_chinese
from fugong_sign_off import AGAIN
from tests.end_to_end.conftest import OPERATOR, WITHOUT_ACCOUNT, RunningAirflow, wait_until

SIGNED, UNSIGNED, SENT_BACK, ELSEWHERE, LOST = (date(2020, 3, day) for day in (18, 17, 16, 14, 13))
SIGN, REJECT = "签发 | Sign", "退回 | Reject"


@pytest.fixture(scope="module")
def runs(airflow: RunningAirflow) -> dict[date, str]:
    """Five briefings asked for at once; the deadline of one is over before anybody can look."""

    def ask(day: date, sign_within: timedelta) -> str:
        return airflow.trigger("publish_briefing", as_of=day.isoformat(), sign_by=(datetime.now(UTC) + sign_within).isoformat())

    within = {
        UNSIGNED: timedelta(seconds=1),
        SIGNED: timedelta(hours=1),
        SENT_BACK: timedelta(hours=1),
        ELSEWHERE: timedelta(hours=1),
        LOST: timedelta(hours=1),
    }
    return {day: ask(day, sign_within) for day, sign_within in within.items()}


@pytest.fixture(scope="module", autouse=True)
def seconds_until_asked_again(airflow: RunningAirflow, runs: dict[date, str]) -> Iterator[Future[float]]:
    """An answer is lost while the other tests go on: Airflow takes a minute to notice."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(lose_an_answer, airflow, runs[LOST])


def steps(airflow: RunningAirflow, day: date) -> list[tuple[Any, ...]]:
    return airflow.rows(f"SELECT step, person, reason FROM audit.signing WHERE as_of = '{day}' ORDER BY signing_id")


def publications(airflow: RunningAirflow, day: date) -> list[tuple[Any, ...]]:
    return airflow.rows(
        "SELECT publication_id, signer, is_provisional, known_at, missing, sha256 FROM audit.published "
        f"WHERE as_of = '{day}' AND format = 'html' ORDER BY publication_id"
    )


def test_a_draft_can_be_read_signed_and_fetched_again(airflow: RunningAirflow, runs: dict[date, str]) -> None:
    run = runs[SIGNED]
    airflow.wait_for(run, sign="deferred")
    [asked] = airflow.api("GET", f"{run}/hitlDetails")["hitl_details"]
    assert asked["subject"] == f"签发简报 {SIGNED}"
    assert f"(/fugong/sign/{SIGNED})" in asked["body"]
    [draft] = (airflow.home / "briefings" / SIGNED.isoformat()).glob("*草稿*.html")
    assert str(draft.parent) in asked["body"]
    # The page is for those who are logged in, and who sign or propose.
    page = f"/fugong/sign/{SIGNED}/{draft.name}"
    assert b"<title>Airflow" in airflow.request("GET", page, is_logged_in=False)  # Airflow's own page to log in on
    with pytest.raises(urllib.error.HTTPError, match="403"):
        airflow.request("GET", page, who=WITHOUT_ACCOUNT)
    assert airflow.request("GET", page) == draft.read_bytes()
    assert (
        airflow.request("GET", f"/fugong/briefings/{SIGNED}/{draft.name}") == draft.read_bytes()
    )  # its address before there were pages for all
    assert "草稿" in draft.read_text(encoding="utf-8")
    assert draft.name in airflow.request("GET", f"/fugong/sign/{SIGNED}").decode()
    assert publications(airflow, SIGNED) == []

    airflow.answer(run, "sign", SIGN)
    airflow.wait_for(run, publish="success", sign_later="deferred")
    [(number, signer, is_provisional, _, missing, sha256)] = publications(airflow, SIGNED)
    assert (signer, is_provisional) == ("演示 本机管理员", True)
    assert any(line.startswith("无法确定:") for line in missing), missing
    published = airflow.request("GET", f"/fugong/briefings/published/{number}.html")
    assert hashlib.sha256(published).hexdigest() == sha256
    assert "草稿" not in published.decode().partition("</h1>")[0]
    assert steps(airflow, SIGNED) == [("drafted", "admin", ""), ("provisional", "admin", "")]


def test_what_nobody_signs_in_time_goes_out_as_provisional_and_is_signed_later_only_if_it_may_be(
    airflow: RunningAirflow, runs: dict[date, str]
) -> None:
    run = runs[UNSIGNED]
    airflow.wait_for(run, publish="success", sign_later="deferred")
    [provisional] = publications(airflow, UNSIGNED)
    _, signer, is_provisional, _, missing, _ = provisional
    assert (signer, is_provisional) == (NOBODY, True)
    assert any("税务局" in sentence for sentence in missing), missing
    content = airflow.request("GET", f"/fugong/briefings/published/{provisional[0]}.html").decode()
    assert "临时" in content
    assert [sentence for sentence in missing if set_chinese(sentence) not in html.unescape(content)] == []

    airflow.answer(run, "sign_later", SIGN, "补签")
    airflow.wait_for(run, publish_signed="success")
    assert publications(airflow, UNSIGNED) == [provisional]
    assert [step for step, *_ in steps(airflow, UNSIGNED)] == ["drafted", "provisional"]


def test_what_is_decided_on_the_pages_ends_the_question_in_airflow(
    airflow: RunningAirflow, settings: Settings, runs: dict[date, str]
) -> None:
    run = runs[ELSEWHERE]
    airflow.wait_for_question(run, "sign")
    [(known_at,)] = airflow.rows(f"SELECT known_at FROM audit.signing WHERE as_of = '{ELSEWHERE}' AND step = 'drafted'")
    drafts = [(ELSEWHERE.isoformat(), known_at.isoformat())]
    signing.conclude(settings, run.rpartition("/")[2], drafts, "rejected", person="admin", reason="口径有误")
    airflow.wait_for(run, sign="success", publish="success")
    [asked] = airflow.api("GET", f"{run}/hitlDetails")["hitl_details"]
    assert (asked["chosen_options"], asked["params_input"]) == ([REJECT], {"意见": "口径有误"})
    assert steps(airflow, ELSEWHERE) == [("drafted", "admin", ""), ("rejected", "admin", "口径有误")]


def lose_an_answer(airflow: RunningAirflow, run: str) -> float:
    """Answer, and end the process that was started to take the answer before it has: Airflow tries the task again, and the answer is gone.

    Returns:
        The seconds from the moment when Airflow has noticed (at once, or by the missing heartbeat a minute later) until it asks again.
    """
    wait_until(lambda: sign_of(airflow, run)["state"] == "deferred", 90, "nobody is asked")
    title = f"airflow worker -- {sign_of(airflow, run)['id']}"
    scheduler = psutil.Process(airflow.state[1]["airflow-scheduler"].pid)

    def takers() -> list[psutil.Process]:
        found: list[psutil.Process] = []
        for one in scheduler.children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # it has ended meanwhile
                found += [one] if title in " ".join(one.cmdline()) else []
        return found

    wait_until(lambda: not takers(), 30, "the process that asked does not end")
    answer = {"chosen_options": [REJECT], "params_input": {"意见": "先答的"}}
    airflow.api("PATCH", f"{run}/taskInstances/sign/-1/hitlDetails", answer)
    until = time.monotonic() + 60
    while not (found := takers()):
        assert time.monotonic() < until, "no process takes the answer"
        time.sleep(0.01)
    for one in found:
        with suppress(psutil.NoSuchProcess):
            one.suspend()  # it delivers nothing any more
    wait_until(lambda: sign_of(airflow, run)["state"] != "queued", 30, "the task that takes the answer does not begin")
    for one in found:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    wait_until(lambda: sign_of(airflow, run)["state"] != "running", 150, "Airflow does not notice")
    lost_at = time.monotonic()
    wait_until(lambda: sign_of(airflow, run)["state"] in {"deferred", "success"}, 60, "nobody is asked again")
    return time.monotonic() - lost_at


def sign_of(airflow: RunningAirflow, run: str) -> dict[str, Any]:
    return airflow.api("GET", f"{run}/taskInstances/sign")


@pytest.mark.attack
@pytest.mark.parametrize("who", [WITHOUT_ACCOUNT, OPERATOR])
def test_whoever_is_no_signer_signs_nothing_and_a_viewer_does_nothing(
    airflow: RunningAirflow, runs: dict[date, str], who: str
) -> None:
    run = runs[SENT_BACK]
    airflow.wait_for(run, sign="deferred")
    assert airflow.api("GET", "dags/publish_briefing", who=who)["dag_id"] == "publish_briefing"
    tried: dict[str, tuple[str, str, object]] = {
        "sign": ("PATCH", f"{run}/taskInstances/sign/-1/hitlDetails", {"chosen_options": [SIGN], "params_input": {"意见": ""}}),
        "trigger": ("POST", "dags/keep_house/dagRuns", {"logical_date": None, "conf": {}}),
        "pause": ("PATCH", "dags/chase_reports", {"is_paused": False}),
        "delete": ("DELETE", run, None),
    }
    for name, (method, path, body) in tried.items():
        if who == OPERATOR and name != "sign":
            continue
        with pytest.raises(urllib.error.HTTPError, match="403"):
            airflow.api(method, path, body, who=who)


OUT_OF_BOUNDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("build_marts", {"from": "2019-01-01", "to": "2020-12-31"}),
    ("build_marts", {"from": "2999-01-01", "to": "2999-01-02"}),
    ("build_marts", {"day": "2020-03-18"}),
    ("publish_briefing", {"as_of": "2999-01-01"}),
    ("judge_again", {"rule": "not-a-number", "since": "2020-03-01", "all": True}),
)


@pytest.fixture(scope="module")
def out_of_bounds(airflow: RunningAirflow) -> list[str]:
    """A run of each, asked for at once."""
    return [airflow.trigger(dag, **given) for dag, given in OUT_OF_BOUNDS]


@pytest.mark.attack
@pytest.mark.parametrize("number", range(len(OUT_OF_BOUNDS)), ids=[dag for dag, _ in OUT_OF_BOUNDS])
def test_a_run_refuses_what_is_out_of_bounds(airflow: RunningAirflow, out_of_bounds: list[str], number: int) -> None:
    run = out_of_bounds[number]
    wait_until(lambda: airflow.api("GET", run)["state"] == "failed", 90, "the run did not fail")


def test_what_is_sent_back_is_not_published_and_the_reason_stands(airflow: RunningAirflow, runs: dict[date, str]) -> None:
    airflow.answer(runs[SENT_BACK], "sign", REJECT, "贷款口径有误")
    airflow.wait_for(runs[SENT_BACK], publish="success", sign_later="skipped", publish_signed="skipped")
    assert publications(airflow, SENT_BACK) == []
    assert steps(airflow, SENT_BACK) == [("drafted", "admin", ""), ("rejected", "admin", "贷款口径有误")]


def test_an_answer_that_was_lost_is_asked_for_again_at_once(
    airflow: RunningAirflow, runs: dict[date, str], seconds_until_asked_again: Future[float]
) -> None:
    run, seconds = runs[LOST], seconds_until_asked_again.result()
    assert sign_of(airflow, run)["try_number"] == 2, "no answer was lost"
    print(f"asked again after {seconds:.1f} s")
    assert seconds < 20  # one second, and what Airflow needs to start a task; other tasks wait 20 s before that
    [asked] = airflow.api("GET", f"{run}/hitlDetails")["hitl_details"]
    assert asked["subject"] == f"签发简报 {LOST}"
    assert asked["responded_at"] is None
    assert AGAIN in asked["body"]
    assert [step for step, *_ in steps(airflow, LOST)] == ["drafted"]
    airflow.answer(run, "sign", REJECT, "后答的")
    airflow.wait_for(run, publish="success", sign_later="skipped")
    assert steps(airflow, LOST) == [("drafted", "admin", ""), ("rejected", "admin", "后答的")]
