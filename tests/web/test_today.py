"""The engineer's page, and the life of a submission."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from fugong.core.settings import PROJECT
from fugong.operations import activity
from fugong.operations.flows import FLOWS
from fugong.operations.submission_life import load_life
from fugong.storage.modes import make_folders
from tests.web.conftest import DAY, Served


def test_every_dag_is_on_the_page() -> None:
    assert {flow.dag_id for flow in FLOWS} == {file.stem for file in (PROJECT / "dags").glob("*.py")}


@pytest.mark.parametrize("account", ["operator", "admin", "auditor"])
def test_engineers_and_auditors_see_the_page(served: Served, account: str) -> None:
    client = served.client(account)
    page = client.get(f"/today?day={DAY}&days=14")
    assert page.status_code == 200
    assert "逾期未报" in page.text or "按时报了" in page.text
    for name in ("code", "department", "waits"):
        assert client.get(f"/today/chart/{name}.svg?day={DAY}").status_code == 200
    assert client.get("/today/chart/other.svg").status_code == 404
    assert client.get("/today?day=2020-13-01").status_code == 422
    assert client.get("/today?days=1000").status_code == 422


def test_a_submission_has_its_whole_life(served: Served) -> None:
    client = served.client("admin")
    with served.site.database.acting("fugong_auditor") as connection:
        row = connection.execute(
            "SELECT newer.submission_id, older.submission_id FROM intake.part AS older"
            " INNER JOIN intake.part AS newer ON older.superseded_by = newer.part_id"
            " WHERE newer.submission_id <> older.submission_id LIMIT 1"
        ).fetchone()
        assert row is not None
        newer, older = row
        life = load_life(connection, older)
        assert ("replaces", newer) in {(one.how, one.submission_id) for one in life.related}
        assert any(part.superseding == newer for part in life.parts)
    page = client.get(f"/today/submissions/{older}").text
    assert f'href="/today/submissions/{newer}"' in page
    assert client.get(f"/today/submissions?number={older}").headers["location"] == f"/today/submissions/{older}"
    assert client.get("/today/submissions?number=abc").status_code == 422
    assert client.get("/today/submissions/999999").status_code == 404


def test_findings_are_counted_by_day_of_arrival(served: Served) -> None:
    with served.site.database.acting("fugong_auditor") as connection:
        by_code = activity.findings_by_code(connection, DAY, DAY)
        by_department = activity.findings_by_department(connection, DAY, DAY)
        assert sum(one.n for one in by_code) == sum(one.n for one in by_department)
        days, table, left = activity.as_table(by_code, DAY, DAY, most=1)
    assert days == [DAY]
    assert len(table) == min(1, len(by_code))
    assert left == max(0, len(by_code) - 1)


def test_an_inbox_that_is_away_is_told_and_the_rest_is_shown(
    served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    client = served.client("operator")
    settings = replace(served.settings, home=tmp_path)
    make_folders(settings, ())
    monkeypatch.setattr(served.site, "settings", settings)
    assert "收件夹不在了" not in client.get("/today").text
    shutil.rmtree(tmp_path / "inbox")
    page = client.get("/today")
    assert page.status_code == 200
    assert "收件夹不在了" in page.text
    assert "夜间例行" in page.text


def test_links_into_airflow_are_there_where_its_address_is_set(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    client = served.client("operator")
    assert "FUGONG_AIRFLOW_URL" in client.get("/today").text
    monkeypatch.setattr(served.site, "settings", replace(served.settings, airflow_url="https://airflow.example"))
    assert 'href="https://airflow.example/dags/receive_reports/runs"' in client.get("/today").text


def test_the_page_is_no_readers_page(served: Served) -> None:
    assert served.client("viewer").get("/today").status_code == 403
