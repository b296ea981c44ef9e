"""People are told: once, on every channel that wants it, also after faults and kills, and never what a department wrote."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue
from random import Random
from typing import Any

import psycopg
import pytest

from fugong.core.errors import ConfigurationError
from fugong.core.settings import PROJECT, Settings
from fugong.core.time import SHANGHAI
from fugong.core.vocabulary import Lang
from fugong.messages import outbox, send
from fugong.messages.channels import Address, Channels, load_channels
from fugong.messages.event import NOTHING, SENTENCES, Event, Names, page_of_task, sentence
from fugong.messages.outbox import record_message
from fugong.messages.rules import Rule, Rules
from fugong.messages.send import send_due, send_trial, sort_out, take_up
from fugong.operations.reminders import tell
from fugong.operations.task_result import Result, TaskResult, record
from fugong.warehouse.connection import connect_as_loader
from tests.fixtures.channels import Taken, http_double, name_channels, said, smtp_double
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row
from tests.fixtures.planted_files import tell_of_planted_files

NOW = datetime(2020, 3, 18, 23, tzinfo=SHANGHAI)
FIRMS = ("示例甲有限公司", "91410106MA3X0000XA", "张三丰", "1234567.89", "13800001234")


@pytest.fixture
def http() -> Iterator[Taken]:
    with http_double() as taken:
        yield taken


def webhook(taken: Taken, path: str = "hook") -> str:
    return f"json://127.0.0.1:{taken.port}/{path}-s3cret-key"


def configure(inbox: Inbox, content: dict[str, Any], rules: Rules | None = None) -> None:
    """Name channels, and let the outbox know them."""
    name_channels(inbox.settings, content)
    with connect_as_loader(inbox.settings) as connection:
        take_up(connection, rules or Rules(), load_channels(inbox.settings))


def tell_engineers(inbox: Inbox, *keys: str) -> None:
    with connect_as_loader(inbox.settings) as connection:
        for key in keys:
            record_message(connection, Event.CHECK_FAILED, key, {"task": "archive", "at": "2020-03-18T03:30+08:00"})


def states(inbox: Inbox) -> list[tuple[Any, ...]]:
    return inbox.rows("SELECT event, audience, channel, state, n_tries, fault FROM audit.message ORDER BY message_id")


# From events to messages


def test_a_receipt_is_told_to_its_department_once_on_each_channel_and_to_nobody_else(inbox: Inbox, http: Taken) -> None:
    with smtp_double() as mail:
        configure(
            inbox,
            {
                "engineers": {"hook": webhook(http, "engineers")},
                "departments": {
                    "TAX": {
                        "网页": webhook(http, "tax"),
                        "邮件": f"mailto://127.0.0.1:{mail.port}/?from=fugong@example.cn&to=tax@example.cn&mode=insecure",
                    },
                    "GXJ": {"hook": webhook(http, "gxj")},
                },
            },
        )
        inbox.drop("TAX", f"R04 2020-03-18 {FIRMS[0]}.csv", as_csv(TAX_HEADER, [tax_row(1), tax_row(2, FIRMS[3] + "约")]))
        [outcome] = inbox.ingest()
        assert send_due(inbox.settings) == {"sent": 2, "failed": 0, "given_up": 0, "held": 0}
        assert send_due(inbox.settings) == {"sent": 0, "failed": 0, "given_up": 0, "held": 0}
    wanted = f"税务局第 {outcome.submission_id} 号报送(税费减免退日报,统计日 2020-03-18,"
    assert [line.split("约")[0][: len(wanted)] for line in (*said(http), *said(mail))] == [wanted, wanted]
    assert said(http)[0].endswith("回执已出:部分入库。请看发件夹里的回执。")
    assert http.texts[0].startswith("复工 · 税务局:回执已出\n")
    assert [path.split("-")[0] for path in http.paths] == ["/tax"]
    assert states(inbox) == [("receipt_out", "TAX", channel, "sent", 1, None) for channel in ("网页", "邮件")]


def test_nobody_is_told_without_a_channel_nor_of_what_is_rolled_back_nor_of_history(inbox: Inbox, http: Taken) -> None:
    tell_engineers(inbox, "1")
    assert send_due(inbox.settings) == {"sent": 0, "failed": 0, "given_up": 0, "held": 0}
    assert states(inbox) == []
    configure(inbox, {"engineers": {"hook": webhook(http)}, "departments": {"TAX": {"hook": webhook(http)}}})
    with pytest.raises(RuntimeError, match="undone"), connect_as_loader(inbox.settings) as connection:
        record_message(connection, Event.CHECK_FAILED, "1", {"task": "archive"})
        raise RuntimeError("undone")
    inbox.send("TAX", "R04 2020-03-18.csv", as_csv(TAX_HEADER, [tax_row(1)]))
    assert states(inbox) == []
    assert send_due(inbox.settings)["sent"] == 0
    assert http.texts == []


def test_a_nightly_fault_a_due_report_and_a_channel_that_is_gone(inbox: Inbox, http: Taken) -> None:
    from fugong.intake.obligations import Obligation

    configure(
        inbox, {"engineers": {"hook": webhook(http), "old": webhook(http)}, "departments": {"TAX": {"hook": webhook(http)}}}
    )
    with connect_as_loader(inbox.settings) as connection:
        bad = TaskResult("archive", Result.BAD, 1, f"缺 {FIRMS[0]}", f"{FIRMS[0]} is missing")
        record(connection, [bad, TaskResult("parts", Result.WELL, 1, "好", "well")])
        owed = Obligation("TAX", "tax_relief", FIRMS[0], date(2020, 3, 17), NOW, None, is_late=True)
        for _ in range(2):
            tell(connection, Event.REPORT_DUE, [owed])
            tell(connection, Event.REPORT_OVERDUE, [owed])
    configure(inbox, {"engineers": {"hook": webhook(http)}, "departments": {"TAX": {"hook": webhook(http)}}})
    assert send_due(inbox.settings)["sent"] == 3
    assert sorted(one[:3] + one[-1:] for one in states(inbox) if one[3] == "given_up") == [
        ("check_failed", "engineers", "old", "no-channel")
    ]
    assert sorted(line[:26] for line in said(http)) == [
        "夜间例行“archive”于 " + datetime.now(SHANGHAI).strftime("%m-%d %H:%M"),
        "税务局的税费减免退日报(统计日 2020-03-17",
        "税务局的税费减免退日报(统计日 2020-03-17",
    ]


# Faults, kills and crowds


def test_a_channel_that_is_away_is_tried_again_later_and_given_up_at_the_end(
    inbox: Inbox, http: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(inbox, {"engineers": {"hook": webhook(http), "spare": webhook(http, "spare")}})
    tell_engineers(inbox, "1")
    http.status = 503
    assert send_due(inbox.settings) == {"sent": 0, "failed": 2, "given_up": 0, "held": 0}
    assert {one[3:] for one in states(inbox)} == {("waiting", 1, "http-503")}
    [(wait,)] = inbox.rows("SELECT DISTINCT round(extract(epoch FROM not_before - now())) FROM audit.message")
    assert 10 <= wait <= 15
    assert send_due(inbox.settings)["failed"] == 0  # not yet
    monkeypatch.setattr(send, "N_TRIES", 2)
    inbox_execute(inbox, "UPDATE audit.message SET not_before = now() - interval '1 s'")
    assert send_due(inbox.settings)["given_up"] == 2
    http.status = 200
    inbox_execute(inbox, "UPDATE audit.message SET not_before = now() WHERE state = 'waiting'")
    # Each channel hears that the other one's message was given up.
    assert send_due(inbox.settings)["sent"] == 4
    assert ["没有送达,不再发" in line for line in said(http)[-4:]] == [True] * 4


def test_the_pauses_grow_and_a_message_is_given_up_after_half_a_day() -> None:
    pauses = [send.pause(n) for n in range(1, send.N_TRIES)]
    assert pauses[:4] == [timedelta(seconds=15), timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert max(pauses) == timedelta(hours=1)
    assert timedelta(hours=10) < sum(pauses, timedelta(0)) < timedelta(hours=14)


def test_what_waited_goes_out_with_the_next_message_that_the_channel_takes(inbox: Inbox, http: Taken) -> None:
    configure(inbox, {"engineers": {"hook": webhook(http)}})
    tell_engineers(inbox, "1")
    http.status = 404
    send_due(inbox.settings)
    http.status = 200
    tell_engineers(inbox, "2")
    assert send_due(inbox.settings)["sent"] == 2


def test_two_senders_at_once_never_send_the_same(inbox: Inbox, http: Taken) -> None:
    configure(inbox, {"engineers": {f"hook{n}": webhook(http, f"hook{n}") for n in range(3)}})
    http.delay = 0.05
    with ThreadPoolExecutor(4) as pool:
        senders = [pool.submit(send_due, inbox.settings, linger=1) for _ in range(3)]
        for number in range(40):
            tell_engineers(inbox, str(number))
        done = [one.result() for one in senders]
    assert sum(one["sent"] for one in done) == 120
    told = [line.rpartition("#")[2] for text in http.texts for line in text.splitlines() if line.startswith("#")]
    assert len(said(http)) == 120
    assert len(told) == len(set(told))
    assert sum(one["sent"] > 0 for one in done) > 1  # they did work at the same time


SENDER = """
import sys
from pathlib import Path
from fugong.core.settings import Settings
from fugong.messages import outbox
from fugong.messages.send import send_due
outbox.mark_sent = lambda *_: (print("sent", flush=True), sys.stdin.read())
send_due(Settings(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
"""


def test_a_sender_killed_between_sending_and_marking_sends_again_and_loses_nothing(inbox: Inbox, http: Taken) -> None:
    configure(inbox, {"engineers": {"hook": webhook(http)}})
    tell_engineers(inbox, "1")
    given = [str(inbox.settings.home), str(PROJECT), str(inbox.settings.warehouse_url)]
    with subprocess.Popen(
        [sys.executable, "-c", SENDER, *given], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ
    ) as sender:
        assert sender.stdout is not None
        assert sender.stdout.readline() == b"sent\n"
        assert send_due(inbox.settings)["sent"] == 0  # it has the row in hand
        sender.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while send_due(inbox.settings)["sent"] == 0:
        assert time.monotonic() < deadline
    first, second = http.texts
    assert first == second  # with the same number at the end
    assert states(inbox) == [("check_failed", "engineers", "hook", "sent", 1, None)]


@pytest.mark.parametrize("hanging", ["a", "b"])
def test_one_channel_that_hangs_holds_up_no_other(inbox: Inbox, http: Taken, hanging: str) -> None:
    with http_double() as hung:
        hung.may_answer.clear()
        channels = {"a": webhook(http), "b": webhook(http), hanging: webhook(hung)}
        configure(inbox, {"engineers": channels})
        tell_engineers(inbox, "1")
        sender = threading.Thread(target=send_due, args=(inbox.settings,))
        sender.start()
        http.wait_for(1, 5)
        hung.wait_for(1, 5)
        assert sender.is_alive()
        hung.may_answer.set()
        sender.join()
    assert {state[2:4] for state in states(inbox)} == {("a", "sent"), ("b", "sent")}


@pytest.mark.parametrize("kind", ["wecombot", "dingtalk", "feishu"])
def test_a_bot_that_refuses_with_status_200_has_not_taken_the_message(
    inbox: Inbox, http: Taken, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import apprise  # noqa: F401 (before its plug-ins are patched)
    from apprise.plugins.dingtalk import NotifyDingTalk
    from apprise.plugins.feishu import NotifyFeishu
    from apprise.plugins.wecombot import NotifyWeComBot

    address = f"http://127.0.0.1:{http.port}"
    for plugin in (NotifyDingTalk, NotifyFeishu, NotifyWeComBot):
        monkeypatch.setattr(plugin, "notify_url", plugin.notify_url.replace("https://", f"{address}/", 1))
    token = {"wecombot": "wecombot://0123abcd", "dingtalk": "dingtalk://SEC0secret@0123abcd", "feishu": "feishu://0123abcd"}[kind]
    configure(inbox, {"signers": {"群": token}}, Rules(signers=Rule((Event.CHECK_FAILED,))))
    monkeypatch.setattr(send, "load_rules", lambda _: Rules(signers=Rule((Event.CHECK_FAILED,))))
    tell_engineers(inbox, "1")
    http.answer = {"errcode": 45009, "code": 45009, "errmsg": "api freq out of limit", "msg": "no"}
    assert send_due(inbox.settings)["failed"] == 1
    assert states(inbox)[0][3:] == ("waiting", 1, "not-taken" if kind == "feishu" else "refused-45009")
    inbox_execute(inbox, "UPDATE audit.message SET not_before = now()")
    http.answer = {"errcode": 0, "code": 0}
    assert send_due(inbox.settings)["sent"] == 1
    assert "archive" in http.texts[-1]
    assert "0123abcd" in http.paths[-1]
    assert ("&sign=" in http.paths[-1]) == (kind == "dingtalk")


# Quiet hours and digests


def waiting(n: int, event: Event = Event.CHECK_FAILED, *, at: datetime = NOW, n_tries: int = 0) -> list[outbox.Message]:
    return [
        outbox.Message(number, event, "engineers", "hook", {}, at + timedelta(minutes=number), at, n_tries, "waiting", None, None)
        for number in range(n)
    ]


def test_in_quiet_hours_only_what_is_urgent_is_sent() -> None:
    night = Rule((), quiet_from=NOW.time(), quiet_to=datetime(2020, 1, 1, 7).time(), despite_quiet=(Event.TASK_FAILED,))
    both = [*waiting(1), *waiting(1, Event.TASK_FAILED)]
    ready, held = sort_out(both, night, NOW)
    assert [one.event for one in ready] == [Event.TASK_FAILED]
    assert [*held] == [datetime(2020, 3, 19, 7, tzinfo=SHANGHAI)]
    for hour, n_ready in ((2, 1), (7, 2), (22, 2)):
        ready, _ = sort_out(both, night, datetime(2020, 3, 19, hour, tzinfo=SHANGHAI))
        assert len(ready) == n_ready, hour
    noon = Rule((), quiet_from=datetime(2020, 1, 1, 12).time(), quiet_to=datetime(2020, 1, 1, 14).time())
    assert noon.quiet_until(datetime(2020, 3, 19, 13, tzinfo=SHANGHAI)) == datetime(2020, 3, 19, 14, tzinfo=SHANGHAI)
    assert noon.quiet_until(datetime(2020, 3, 19, 14, tzinfo=SHANGHAI)) is None


def test_a_digest_waits_from_its_first_event_on_and_holds_all() -> None:
    rule = Rule((), digest=timedelta(minutes=30))
    ready, held = sort_out(waiting(3), rule, NOW + timedelta(minutes=5))
    assert (ready, {until: len(these) for until, these in held.items()}) == ([], {NOW + timedelta(minutes=30): 3})
    ready, held = sort_out(waiting(3), rule, NOW + timedelta(minutes=30))
    assert (len(ready), held) == (3, {})


def test_what_waits_at_the_same_moment_goes_out_as_one_message(inbox: Inbox, http: Taken) -> None:
    configure(inbox, {"engineers": {"hook": webhook(http)}})
    tell_engineers(inbox, *map(str, range(16)))
    assert send_due(inbox.settings)["sent"] == 16
    assert [text.splitlines()[0] for text in http.texts] == ["复工 · 数据工程师:15 件事", "复工 · 数据工程师:夜间例行发现问题"]


# Nothing that a department wrote, and no key


def test_no_fact_is_printed_that_is_not_of_its_kind() -> None:
    names = Names({"TAX": ("税务局", "Tax")}, {"tax_relief": ("税费减免退日报", "tax_relief")})
    for event in Event:
        assert set(SENTENCES[event]) == set(Lang)
        for lang in Lang:
            for planted in (*FIRMS, 1.5, None, True, [FIRMS[0]]):
                facts = dict.fromkeys(
                    ("submission", "message", "report_date", "from", "to", "received_at", "due_at", "sign_by", "at"), planted
                )
                facts |= dict.fromkeys(
                    ("task", "dag", "place", "link", "department", "report", "state", "event", "audience"), planted
                )
                text = sentence(event, facts, names, lang)
                assert NOTHING in text
                assert not any(firm in text for firm in FIRMS)
    with pytest.raises(ValueError, match="file_name"):
        record_message(None, Event.RECEIPT_OUT, "1", {"file_name": "x"})
    assert page_of_task("d", f"manual__{FIRMS[0]}", "t", -1) == "/dags/d"
    assert page_of_task("d", "manual__2026-11-29T20:00:00+00:00_aB1", "t", 2).endswith("/tasks/t/mapped/2")


def test_messages_about_files_full_of_names_hold_none_of_them(inbox: Inbox, http: Taken) -> None:
    found = tell_of_planted_files(inbox, http, Random(4), 8)  # more of them: make prove ARGS=messages
    assert (found["files"], found["messages"]) == (8, 8)
    assert found["states"] > 1


def test_no_key_shows_in_errors_logs_rows_or_representations(
    inbox: Inbox, http: Taken, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    configure(inbox, {"engineers": {"hook": webhook(http), "away": "json://127.0.0.1:9/s3cret-key"}})
    http.status = 401
    tell_engineers(inbox, "1")
    assert send_due(inbox.settings)["failed"] == 2
    assert {one[5] for one in states(inbox)} == {"http-401", "no-answer"}
    out = capfd.readouterr()
    shown = [
        caplog.text,
        out.out,
        out.err,
        repr(load_channels(inbox.settings)),
        str(inbox.rows("SELECT m::text FROM audit.message AS m")),
    ]
    assert "没有送达" in caplog.text
    assert [one for one in shown if "s3cret" in one] == []


@pytest.mark.parametrize(
    ("content", "sentence_part"),
    [
        ("engineers: {hook: [json://s3cret]}", "应是一个地址"),
        ("engineers: json://s3cret", "通道名: 地址"),
        ("engineers:\n  hook: json://s3cret\n hook2: json://s3cret", "第 3 行不是 YAML"),
        ("engineer: {hook: json://s3cret}", "没有对象 engineer,有 departments, engineers, signers"),
        ("json://s3cret", "最外层应是"),
        ("departments: {json://s3cret: {}}", r"没有部门 \?"),
        ("departments: {TXA: {}}", "没有部门 TXA"),
        ("engineers: {json://s3cret: x}", "engineers 的通道名"),
        ("engineers: {hook: nonsense://s3cret}", "engineers hook: apprise 不认识"),
        (
            "engineers: {hook: 'mailto://u:s3cret@example.cn/?to=a@example.cn,b@example.cn'}",
            "engineers hook: 一个通道只能有一个收件人",
        ),
    ],
)
def test_a_wrong_setting_is_named_without_what_it_holds(tmp_path: Path, content: str, sentence_part: str) -> None:
    settings = Settings(tmp_path, PROJECT, "postgresql://nobody@127.0.0.1:9/nothing")
    name_channels(settings, {}).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=sentence_part) as raised:
        given = load_channels(settings)
        _, faults = send._open(given)
        raise ConfigurationError("; ".join(faults))
    assert "s3cret" not in str(raised.value)
    assert "s3cret" not in str(raised.value.__cause__)


def test_a_fault_of_one_channel_is_its_own_and_takes_no_channel_away(inbox: Inbox, http: Taken) -> None:
    configure(inbox, {"engineers": {"hook": webhook(http)}, "departments": {"TAX": {"hook": webhook(http)}}})
    tell_engineers(inbox, "1")
    name_channels(
        inbox.settings,
        {
            "engineers": {"hook": webhook(http), "bad": "nonsense://s3cret"},
            "signers": "json://s3cret",
            "departments": {"TXA": {}},
        },
    )
    with pytest.raises(ConfigurationError, match=r"keys/messages\.yaml: engineers bad") as raised:
        send_due(inbox.settings)
    assert "没有部门 TXA" in str(raised.value)
    assert "s3cret" not in str(raised.value)
    assert len(http.texts) == 1
    channels = "SELECT audience, channel FROM audit.message_channel ORDER BY 1, 2"
    assert inbox.rows(channels) == [("TAX", "hook"), ("engineers", "bad"), ("engineers", "hook")]
    name_channels(inbox.settings, {"engineers": {"hook": webhook(http)}})
    send_due(inbox.settings)
    assert inbox.rows(channels) == [("engineers", "hook")]


def test_a_mail_keeps_its_lines(inbox: Inbox) -> None:
    with smtp_double() as mail:
        name_channels(
            inbox.settings,
            {"engineers": {"邮件": f"mailto://127.0.0.1:{mail.port}/?from=fugong@example.cn&to=tax@example.cn&mode=insecure"}},
        )
        assert send_trial(inbox.settings, "engineers") == {"邮件": None}
        tell_engineers(inbox, "1")
    assert mail.texts[0].splitlines()[0] == "复工 · 数据工程师:试发"
    assert "这是一次试发" in mail.texts[0]


def test_what_apprise_says_of_a_wrong_key_stays_in_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    heard: SimpleQueue[logging.LogRecord] = SimpleQueue()
    ear = QueueHandler(heard)
    logging.getLogger().addHandler(ear)
    try:
        _, faults = send._open(Channels((Address("TAX", "钉钉", "dingtalk://s3cret-key!/"),)))
    finally:
        logging.getLogger().removeHandler(ear)
    assert len(faults) == 1
    assert faults[0].startswith("keys/messages.yaml: TAX 钉钉: apprise 不认识")
    assert [said for _ in range(heard.qsize()) if "s3cret" in (said := heard.get().getMessage())] == []
    assert "s3cret" not in "".join(capfd.readouterr())


def test_a_file_of_addresses_that_others_may_read_is_refused(tmp_path: Path) -> None:
    settings = Settings(tmp_path, PROJECT, None)
    name_channels(settings, {"engineers": {}}).chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        load_channels(settings)


def test_a_trial_says_on_which_channel_it_failed(inbox: Inbox, http: Taken) -> None:
    name_channels(inbox.settings, {"departments": {"TAX": {"hook": webhook(http), "away": "json://127.0.0.1:9/x"}}})
    assert send_trial(inbox.settings, "TAX") == {"hook": None, "away": "no-answer"}
    assert "税务局:试发" in http.texts[0]


def inbox_execute(inbox: Inbox, statement: str) -> None:
    with psycopg.connect(str(inbox.settings.warehouse_url)) as connection:
        connection.execute(statement.encode())
