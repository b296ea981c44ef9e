"""The DAGs as Airflow reads them, and each of them run against a real warehouse."""

from __future__ import annotations

import errno
import gzip
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.fixtures.inbox import TAX_HEADER, as_csv, tax_row

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

PROJECT = Path(__file__).resolve().parents[2]
DAGS = {"receive_reports", "build_marts", "chase_reports", "keep_house", "publish_briefing", "judge_again", "send_messages"}
TASKS = {
    "receive_reports": {"collect", "process_department"},
    "build_marts": {"build", "configuration"},
    "chase_reports": {"chase"},
    "keep_house": {"tidy", "verify", "folders", "backups", "clean_airflow"},
    "judge_again": {"look", "confirm", "apply"},
    "send_messages": {"send"},
    "publish_briefing": {"draft", "sign", "publish", "sign_later", "publish_signed"},
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
IMPORT_SECONDS = 0.2

IMPORT = """
import json, os, runpy, sys, time
from airflow.sdk import Asset, AssetAlias, AssetOrTimeSchedule, AssetWatcher, CronTriggerTimetable, Param, chain, dag, task
from airflow.plugins_manager import AirflowPlugin
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.triggers.base import BaseEventTrigger
from airflow.sdk.definitions.retry_policy import RetryPolicy
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
for file in sys.argv[2:]:
    if not os.fork():
        began = time.process_time()
        runpy.run_path(file)
        seconds = time.process_time() - began
        print(json.dumps({"file": file, "seconds": seconds, "modules": sorted(set(sys.modules) - before)}), flush=True)
        os._exit(0)
    os.wait()
"""


@pytest.fixture(scope="module")
def metadata() -> None:
    from airflow.utils import db

    db.initdb()


@pytest.fixture(scope="module")
def dag_bag(metadata: None) -> DagBag:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(PROJECT / "dags"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    from fugong.core.settings import Settings
    from fugong.operations import setup
    from fugong.warehouse.embedded import server as embedded

    home = tmp_path_factory.mktemp("home")
    before = {name: os.environ.get(name) for name in ("FUGONG_HOME", "FUGONG_WAREHOUSE", "FUGONG_DISTRICT", "FUGONG_PROJECT")}
    os.environ["FUGONG_HOME"] = str(home)
    os.environ.pop("FUGONG_WAREHOUSE", None)
    os.environ.pop("FUGONG_DISTRICT", None)
    os.environ.pop("FUGONG_PROJECT", None)
    try:
        setup.init(Settings.load())
        yield home
    finally:
        embedded.remove(home)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def rows(statement: str) -> list[tuple[Any, ...]]:
    from fugong.core.settings import Settings
    from fugong.warehouse.connection import connect

    with connect(Settings.load()) as connection:
        return connection.execute(statement).fetchall()  # pyright: ignore[reportArgumentType, reportCallIssue]


def run(dag_bag: DagBag, dag_id: str, *, ends: str = "success", **conf: object) -> dict[str, list[Any]]:
    """Run a DAG in this process; what its tasks returned, by task."""
    dag_run = dag_bag.dags[dag_id].test(run_conf=conf or None)
    assert dag_run.state == ends
    found: dict[str, list[Any]] = {}
    for task in sorted(dag_run.get_task_instances(), key=lambda task: (task.task_id, task.map_index)):
        found.setdefault(task.task_id, []).append((str(task.state), task.rendered_map_index))
    assert set(found) == TASKS[dag_id]
    return found


def test_airflow_finds_exactly_these_dags_and_no_fault(dag_bag: DagBag) -> None:
    assert dag_bag.import_errors == {}
    assert set(dag_bag.dags) == DAGS == {file.stem for file in (PROJECT / "dags").glob("*.py")}
    assert {name: set(dag.task_ids) for name, dag in dag_bag.dags.items()} == TASKS


@pytest.mark.parametrize("name", sorted(DAGS))
def test_a_dag_can_be_read_by_the_people_who_run_it(dag_bag: DagBag, name: str) -> None:
    dag = dag_bag.dags[name]
    assert CHINESE.search(dag.dag_display_name)
    assert CHINESE.search(dag.doc_md or "")
    assert re.search(r"### [A-Z]", dag.doc_md or "")
    assert dag.tags
    for task in dag.tasks:
        assert CHINESE.search(task.task_display_name)
        assert task.owner == "数据组"


@pytest.mark.parametrize("name", sorted(DAGS))
def test_a_dag_starts_by_itself_does_not_catch_up_and_retries_only_when_the_database_is_away(dag_bag: DagBag, name: str) -> None:
    import psycopg

    from fugong.core.errors import ConfigurationError, FolderAwayError

    dag = dag_bag.dags[name]
    assert dag.catchup is False
    assert dag.is_paused_upon_creation is False
    assert dag.max_active_runs == {"receive_reports": 8, "build_marts": 2, "publish_briefing": 1_000}.get(name, 1)
    for task in dag.tasks:
        assert task.retries in {2, 3}
        policy = task.retry_policy
        assert policy is not None
        assert policy.evaluate(psycopg.OperationalError("connection refused"), 1, 3).action.value == "retry"
        assert (
            policy.evaluate(OSError(errno.ESTALE, "Stale file handle"), 1, 3).action.value == "retry"
        )  # a folder of the network
        assert policy.evaluate(FolderAwayError("inbox is not there"), 1, 3).action.value == "retry"
        assert policy.evaluate(FileNotFoundError(errno.ENOENT, "gone"), 1, 3).action.value == "fail"
        assert policy.evaluate(ConfigurationError("tax_relief: no such column"), 1, 3).action.value == "fail"
        assert policy.evaluate(psycopg.errors.UniqueViolation("twice"), 1, 3).action.value == "fail"
        told: Any = task.on_failure_callback
        assert [one.__name__ for one in (told if isinstance(told, list) else [told])] == ["tell_task_failed"]


def test_importing_a_dag_is_quick_and_brings_nothing_heavy() -> None:
    files = [str(PROJECT / "dags" / f"{name}.py") for name in sorted(DAGS)] * 2
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, str(PROJECT / "plugins"), *files], check=True, capture_output=True, text=True
    ).stdout
    imported = [json.loads(line) for line in done.splitlines() if line.startswith("{")]
    assert [one["file"] for one in imported] == files
    for name in DAGS:
        twice = [one for one in imported if one["file"].endswith(f"/{name}.py")]
        loaded = {module.partition(".")[0] for module in twice[0]["modules"]}
        assert "fugong_airflow" in loaded, name
        assert loaded & {"pandas", "pyarrow", "great_expectations", "numpy", "psycopg", "fastapi", "fugong"} == set(), name
        assert min(one["seconds"] for one in twice) <= IMPORT_SECONDS, name


def test_no_dag_knows_a_logical_date_or_reads_its_environment_when_imported() -> None:
    files = {file.name: file.read_text(encoding="utf-8") for file in (PROJECT / "dags").glob("*.py")}
    assert set(files) == {f"{name}.py" for name in DAGS}
    word = re.compile(r"logical_date|execution_date|data_interval|\bds\b|environ|Variable|Connection|SELECT|INSERT", re.I)
    assert {name: found for name, text in files.items() if (found := word.findall(text))} == {}


def test_the_engine_imports_no_airflow() -> None:
    files = sorted((PROJECT / "plugins/fugong").rglob("*.py"))
    assert len(files) > 20
    assert [
        file.name for file in files if re.search(r"^\s*(from|import) airflow\b", file.read_text(encoding="utf-8"), re.M)
    ] == []


def test_an_empty_inbox_is_a_green_run_with_nothing_to_do(dag_bag: DagBag, home: Path) -> None:
    done = run(dag_bag, "receive_reports")
    assert done["collect"] == [("success", None)]
    assert [state for state, _ in done["process_department"]] == ["skipped"]


def test_files_of_two_departments_become_two_readable_tasks_and_are_answered(dag_bag: DagBag, home: Path) -> None:
    for department, name in (("TAX", "a.csv"), ("TAX", "b.csv"), ("SCJ", "c.csv")):
        (home / "inbox" / department / name).write_text("这不是报表\n", encoding="utf-8")
    done = run(dag_bag, "receive_reports")
    assert sorted(done["process_department"]) == [("success", "区市场监督管理局 · 1 file"), ("success", "税务局 · 2 files")]
    # Unreadable files are answered; that is not a failure of ours.
    assert rows("SELECT state, count(*), count(replied_at) FROM intake.submission GROUP BY state") == [("rejected", 3, 3)]
    assert len(list((home / "outbox").rglob("*.回执.json"))) == 3
    again = run(dag_bag, "receive_reports")
    assert [state for state, _ in again["process_department"]] == ["skipped"]


def test_a_folder_that_the_system_refuses_turns_the_run_red_after_the_others_are_served(dag_bag: DagBag, home: Path) -> None:
    before = rows("SELECT count(*) FROM intake.submission")
    (home / "inbox" / "GXJ").rename(home / "GXJ")
    (home / "inbox" / "GXJ").symlink_to(home / "GXJ")
    (home / "inbox" / "TAX" / "served.csv").write_text("这也不是报表\n", encoding="utf-8")
    try:
        done = run(dag_bag, "receive_reports", ends="failed")
    finally:
        (home / "inbox" / "GXJ").unlink()
        (home / "GXJ").rename(home / "inbox" / "GXJ")
    [(failed, label), served] = sorted(done["process_department"])
    assert (failed, served) == ("failed", ("success", "税务局 · 1 file"))
    assert label.startswith("✗ GXJ: Not a directory")
    assert rows("SELECT count(*) FROM intake.submission") == [(before[0][0] + 1,)]


def test_a_file_to_be_tried_is_answered_and_given_back(dag_bag: DagBag, home: Path) -> None:
    before = rows("SELECT count(*) FROM intake.submission")
    (home / "inbox" / "TAX" / "试投" / "a.csv").write_text("这不是报表\n", encoding="utf-8")
    done = run(dag_bag, "receive_reports")
    assert done["process_department"] == [("success", "税务局 · 1 file")]
    assert sorted(path.name for path in (home / "outbox" / "TAX" / "试投").iterdir())[:1] == ["a.csv"]
    assert list((home / "inbox" / "TAX" / "试投").rglob("*.csv")) == []
    assert rows("SELECT count(*) FROM intake.submission") == before


def events_of(asset: str) -> list[dict[str, Any]]:
    """What the events of an asset say, the oldest first."""
    from airflow.models.asset import AssetEvent, AssetModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        events = select(AssetEvent.extra).join(AssetModel, AssetEvent.asset_id == AssetModel.id)
        return list(session.scalars(events.where(AssetModel.name == asset).order_by(AssetEvent.id)))


def rings() -> int:
    """How many events of the inbox Airflow has seen."""
    return len(events_of("inbox"))


def test_a_turn_that_is_over_rings_for_the_rest(dag_bag: DagBag, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fugong.intake import quotas

    for number in range(2):
        (home / "inbox" / "TAX" / f"turn_{number}.csv").write_text(f"这不是报表{number}\n", encoding="utf-8")
    before = rings()
    with monkeypatch.context() as patch:
        patch.setattr(quotas, "load_quotas", lambda _: quotas.Quotas(quotas.Quota(seconds_a_turn=0)))  # one file
        assert run(dag_bag, "receive_reports")["process_department"] == [("success", "税务局 · 2 files")]
    answered = "SELECT count(*), count(replied_at) FROM intake.submission WHERE file_name LIKE 'turn%'"
    assert (rows(answered), rings()) == ([(2, 1)], before + 1)
    assert run(dag_bag, "receive_reports")["process_department"] == [("success", "税务局 · 1 file")]
    assert (rows(answered), rings()) == ([(2, 2)], before + 1)


def test_events_come_only_where_something_was_settled_or_built_and_say_what(dag_bag: DagBag, home: Path) -> None:
    run(dag_bag, "build_marts")
    before = {name: len(events_of(name)) for name in ("settled_reports", "marts")}
    (home / "inbox" / "TAX" / "nothing.csv").write_text("这不是报表,一行也没有\n", encoding="utf-8")
    run(dag_bag, "receive_reports")
    run(dag_bag, "build_marts")
    assert {name: len(events_of(name)) for name in before} == before
    content = as_csv(TAX_HEADER, [tax_row(1), tax_row(2)])
    (home / "inbox" / "TAX" / "R04 2020-03-18.csv").write_bytes(content)
    run(dag_bag, "receive_reports")
    [(number,)] = rows("SELECT max(submission_id) FROM intake.submission WHERE report = 'tax_relief'")
    told = events_of("report.tax_relief")[-1]
    assert (told["report_date"], told["rows"], told["submission"], len(told["digest"])) == ("2020-03-18", 2, number, 16)
    assert len(events_of("settled_reports")) == before["settled_reports"] + 1
    run(dag_bag, "build_marts")
    assert len(events_of("marts")) == before["marts"] + 1
    told = events_of("mart.fee_reduction")[-1]
    assert told["rows"] > 0
    assert told["days"][0] <= "2020-03-18" <= told["days"][1]
    assert len(told["digest"]) == 16
    # The same file once more: a duplicate is answered, and nothing follows from it.
    (home / "inbox" / "TAX" / "R04 2020-03-18.csv").write_bytes(content)
    run(dag_bag, "receive_reports")
    assert len(events_of("settled_reports")) == before["settled_reports"] + 1


def test_rings_within_the_time_after_a_build_wait_for_its_end_and_the_first_does_not(
    dag_bag: DagBag, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta
    from types import SimpleNamespace

    import fugong_dags
    from fugong.core.advisory_locks import WAITING_BUILD_LOCK
    from fugong.core.settings import Settings
    from fugong.warehouse.connection import connect_as_loader

    def waited(run_type: str = "asset_triggered") -> float:
        began = time.monotonic()
        assert fugong_dags.is_turn_to_build(Settings.load(), SimpleNamespace(run_type=run_type))
        return time.monotonic() - began

    monkeypatch.setattr(fugong_dags, "BETWEEN_BUILDS", timedelta(seconds=4))
    monkeypatch.setattr(fugong_dags, "LOOK_SECONDS", 1)
    run(dag_bag, "build_marts")
    assert waited() < 1, "another run has built what rang"
    stale = "INSERT INTO intake.stale_day (table_name, day, settled_serial) VALUES ('tax_relief', '2020-03-18', 0) RETURNING day"
    rows(stale)
    assert waited("manual") < 1
    run(dag_bag, "build_marts")
    rows(stale)
    with connect_as_loader(Settings.load()) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (WAITING_BUILD_LOCK,))
        assert not fugong_dags.is_turn_to_build(Settings.load(), SimpleNamespace(run_type="asset_triggered")), "one waits already"
    assert 2 < waited() < 6, "a ring soon after a build"
    assert waited() < 1, "the time is over"
    run(dag_bag, "build_marts")
    rows("UPDATE audit.mart_version SET built_at = clock_timestamp() + interval '1 day' RETURNING mart")
    rows(stale)
    assert 3 < waited() < 6, "a clock that went back makes nobody wait for longer"
    run(dag_bag, "build_marts")
    assert waited() < 1


def test_a_backfill_works_on_the_day_that_it_stands_for_or_is_refused(dag_bag: DagBag) -> None:
    from datetime import UTC, date, datetime
    from types import SimpleNamespace

    from fugong_dags import day_of_backfill

    kinds: dict[str, Any] = {name: dag.allowed_run_types or () for name, dag in dag_bag.dags.items()}
    allowed = {name: {kind.value for kind in given} for name, given in kinds.items()}
    assert {name for name, kinds in allowed.items() if "backfill" in kinds} == {"build_marts", "publish_briefing"}
    assert all(allowed.values())
    evening = datetime(2020, 3, 17, 16, tzinfo=UTC)  # midnight in Shanghai
    assert day_of_backfill(SimpleNamespace(run_type="backfill", logical_date=evening)) == date(2020, 3, 18)
    assert day_of_backfill(SimpleNamespace(run_type="manual", logical_date=evening)) is None


def test_the_clock_starts_no_briefing_and_a_backfill_has_its_days(dag_bag: DagBag) -> None:
    from datetime import UTC, datetime

    from airflow.serialization.serialized_objects import DagSerialization

    stored = DagSerialization.from_dict(DagSerialization.to_dict(dag_bag.dags["publish_briefing"]))  # as the scheduler has it
    assert stored.next_dagrun_info(last_automated_run_info=None) is None
    days = stored.iter_dagrun_infos_between(datetime(2020, 3, 17, 16, tzinfo=UTC), datetime(2020, 3, 20, 16, tzinfo=UTC))
    assert [day_of(info.logical_date) for info in days] == ["2020-03-18", "2020-03-19", "2020-03-20"]


def day_of(moment: Any) -> str:
    from fugong.core.time import SHANGHAI

    return moment.astimezone(SHANGHAI).date().isoformat()


def test_what_hangs_turns_red(dag_bag: DagBag) -> None:
    for dag in dag_bag.dags.values():
        assert dag.dagrun_timeout is not None
        for task in cast("list[Any]", dag.tasks):
            if task.task_type == "SignOff":  # it waits without a worker, until a moment on the clock
                assert (task.execution_timeout, task.response_timeout) == (None, None)
                assert task.retry_delay.total_seconds() == 1  # after a lost answer the person is still there
            else:
                assert task.execution_timeout is not None
                assert task.execution_timeout < dag.dagrun_timeout


def test_a_question_that_comes_again_says_that_an_answer_was_lost() -> None:
    from fugong_sign_off import AGAIN_LONG, question

    asked = {"subject": "签发简报 2020-03-18", "body": "- 草稿"}
    assert question(asked, 1) == ("签发简报 2020-03-18", f"- 草稿\n\n{AGAIN_LONG}")
    subject, body = question(asked, 2)
    assert subject.startswith("上一次的回答没有送达")
    assert subject.endswith("签发简报 2020-03-18")
    assert body.endswith("\n\n- 草稿")


def test_of_the_runs_of_a_backfilled_day_the_first_builds_it(dag_bag: DagBag, home: Path) -> None:
    from datetime import date

    from fugong.core.settings import Settings
    from fugong_dags import was_just_built

    run(dag_bag, "build_marts", **{"from": "2020-03-17", "to": "2020-03-18"})
    assert was_just_built(Settings.load(), date(2020, 3, 18))
    assert not was_just_built(Settings.load(), date(2019, 1, 1))  # never
    rows("UPDATE audit.mart_day SET built_at = built_at - interval '2 hours' WHERE day = '2020-03-18' RETURNING mart")
    assert not was_just_built(Settings.load(), date(2020, 3, 18))
    run(dag_bag, "build_marts", **{"from": "2020-03-18", "to": "2020-03-18"})
    assert was_just_built(Settings.load(), date(2020, 3, 18))


def test_marts_are_built_for_stale_days_or_for_the_days_asked_for(dag_bag: DagBag, home: Path) -> None:
    run(dag_bag, "build_marts")
    assert rows("SELECT count(*) FROM intake.stale_day") == [(0,)]
    run(dag_bag, "build_marts", **{"from": "2020-03-17", "to": "2020-03-18"})


def test_chasing_is_green(dag_bag: DagBag, home: Path) -> None:
    run(dag_bag, "chase_reports")


def test_judging_again_what_no_rule_changes_asks_nobody(dag_bag: DagBag, home: Path) -> None:
    done = run(dag_bag, "judge_again", rule="not-a-number", since="2020-01-01")
    assert {task: state for task, [(state, _)] in done.items()} == {"look": "success", "confirm": "skipped", "apply": "skipped"}


def test_with_no_briefing_due_nobody_is_asked(dag_bag: DagBag, home: Path) -> None:
    done = run(dag_bag, "publish_briefing")
    assert {task: state for task, [(state, _)] in done.items()} == {
        "draft": "success",
        "sign": "skipped",
        "publish": "skipped",
        "sign_later": "skipped",
        "publish_signed": "skipped",
    }


def test_a_night_is_green_and_writes_down_what_it_did(dag_bag: DagBag, home: Path) -> None:
    done = run(dag_bag, "keep_house")
    assert {state for states in done.values() for state, _ in states} == {"success"}
    assert rows("SELECT outcome, COUNT(*) FROM audit.chore GROUP BY outcome ORDER BY outcome") == [("notice", 1), ("well", 18)]


def test_a_lost_file_fails_the_task_that_looks_for_it_with_a_sentence(dag_bag: DagBag, home: Path) -> None:
    from fugong.operations.task_result import MaintenanceError

    [(sha256, name)] = rows("SELECT sha256, file_name FROM intake.submission ORDER BY submission_id LIMIT 1")
    (home / "archive" / sha256[:2] / sha256).rename(home / "kept")
    try:
        dag_run = dag_bag.dags["keep_house"].test()
        states = {task.task_id: str(task.state) for task in dag_run.get_task_instances()}
        assert states == {
            "tidy": "success",
            "verify": "failed",
            "folders": "success",
            "backups": "success",
            "clean_airflow": "success",
        }
        with pytest.raises(MaintenanceError, match=re.escape(name)):
            cast(Any, dag_bag.dags["keep_house"].get_task("verify")).python_callable()
    finally:
        (home / "kept").rename(home / "archive" / sha256[:2] / sha256)


BUILD = """
import sys
from airflow.dag_processing.dagbag import DagBag

dag = DagBag(sys.argv[1]).dags["build_marts"]
done = dag.test(run_conf={"from": "2020-03-18", "to": "2020-03-18"})
print(done.state)
"""


def test_a_receiver_is_told_which_tables_were_written_and_from_what_and_a_collector_how_long_it_took(
    dag_bag: DagBag, home: Path
) -> None:
    took: list[tuple[str, bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            took.append((self.path, gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body))
            self.send_response_only(200)  # says nothing on standard error
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        thread = Thread(target=receiver.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{receiver.server_address[1]}"
        given = {
            "FUGONG_LOGIN": "demo",
            "FUGONG_OPENLINEAGE": address,
            "FUGONG_METRICS": address,
            "AIRFLOW__METRICS__OTEL_INTERVAL_MILLISECONDS": "500",
        }
        try:
            done = subprocess.run(
                [PROJECT / "docker/entrypoint.sh", sys.executable, "-c", BUILD, str(PROJECT / "dags")],
                env={**os.environ, **given, "PYTHONPATH": str(PROJECT / "plugins")},
                check=False,
                capture_output=True,
                text=True,
            )
        finally:
            receiver.shutdown()
            thread.join()
    assert "\nsuccess\n" in done.stdout, done.stderr[-2000:]
    events = [json.loads(body) for path, body in took if path == "/api/v1/lineage"]
    told = [event for event in events if event["outputs"]]
    assert [event["job"]["name"] for event in told] == ["build_marts.build"]
    assert {"mart.fee_reduction", "mart.fee_reduction_daily"} <= {one["name"] for one in told[0]["outputs"]}
    assert "fact.relief_social" in {one["name"] for one in told[0]["inputs"]}
    assert any(b"build_marts" in body for path, body in took if path == "/v1/metrics")
