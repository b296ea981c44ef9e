"""Marts and questions: as the role sees them, filtered, drawn, downloaded."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree

import openpyxl
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page

from fugong.marts.sql_files import load_sql_files
from fugong.web.routes.marts import OWN
from tests.web.conftest import Served, log_in

ROWS = "from=2020-03-18&to=2020-03-18&scope=industry&dimension=township"


def test_no_mart_has_a_key_that_addresses_use_otherwise(served: Served) -> None:
    marts = load_sql_files(served.site.include / "sql").marts
    assert len(marts) > 20
    assert not OWN & {key for mart in marts for key in mart.keys}


def test_an_analyst_sees_open_marts_and_no_firm(served: Served) -> None:
    client = served.client("analyst")
    listed = client.get("/marts").text
    assert "resumption_daily" in listed
    assert "enterprise_status" not in listed
    for path in ("", "/chart.svg", "/download?format=csv"):
        answer = client.get(f"/marts/enterprise_status{path}")
        assert answer.status_code == 403
        assert "resumption_daily" in answer.text


def test_a_question_of_the_task_force_is_not_an_analysts(served: Served) -> None:
    client = served.client("analyst")
    assert "/questions/3" not in client.get("/questions").text
    assert client.get("/questions/3").status_code == 403
    assert client.get("/questions/3/download").status_code == 403
    assert client.get("/questions/2").status_code == 200


def test_a_signer_sees_what_is_open_like_an_analyst(served: Served) -> None:
    assert served.client("signer").get("/marts/enterprise_status").status_code == 403
    assert served.client("operator").get("/marts/resumption_daily").status_code == 200


def test_the_task_force_sees_firms_and_each_look_is_recorded(served: Served) -> None:
    client = served.client("taskforce")
    with served.site.database.acting("fugong_auditor") as connection:
        count = "SELECT COUNT(*) FROM access.firm_access WHERE account = 'taskforce' AND page LIKE '/marts/enterprise_status%'"
        ((before,),) = connection.execute(count).fetchall()
        assert client.get("/marts/enterprise_status").status_code == 200
        assert client.get("/marts/enterprise_status/download?format=csv").status_code == 200
        assert connection.execute(count).fetchall() == [(before + 2,)]


def test_a_file_holds_the_rows_of_the_filter_in_every_format(served: Served) -> None:
    client = served.client("analyst")
    address = f"/marts/resumption_daily/download?{ROWS}&format="
    rows = list(csv.DictReader(io.StringIO(client.get(address + "csv").content.decode("utf-8-sig"))))
    assert {(row["as_of"], row["scope"], row["dimension"]) for row in rows} == {("2020-03-18", "industry", "township")}
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(address + "xlsx").content)).worksheets[0]
    table = pq.read_table(io.BytesIO(client.get(address + "parquet").content))
    assert len(rows) == sheet.max_row - 1 == table.num_rows == 6
    assert client.get(address + "doc").status_code == 404
    assert not list(served.settings.spool.glob("download-*"))


def test_rows_come_in_portions_and_the_pages_lead_on(served: Served) -> None:
    client = served.client("analyst")
    first = client.get("/marts/resumption_daily?from=2020-03-01&to=2020-03-18").text
    assert "第 1–100 行" in first
    assert "offset=100#rows" in first.replace("&amp;", "&")
    second = client.get("/marts/resumption_daily?from=2020-03-01&to=2020-03-18&offset=100").text
    assert "第 101–200 行" in second


def test_the_chart_shows_what_the_table_beside_it_says(served: Served) -> None:
    client = served.client("analyst")
    page = client.get(f"/marts/resumption_daily?{ROWS}&measure=n_should").text
    answer = client.get(f"/marts/resumption_daily/chart.svg?{ROWS}&measure=n_should")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in answer.headers["content-security-policy"]
    values = {text for one in ElementTree.fromstring(answer.content).iterfind(".//{*}desc") if (text := one.text)}
    assert "29" in values
    assert '<td class="n">29</td>' in page


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=xx", 422),
        ("nokey=1", 404),
        ("measure=nothing", 404),
        ("scope=%00", 422),
        ("offset=1" + "0" * 30, 422),
        ("scope=%27;DROP", 200),
        ("from=2031-01-01&to=2031-01-02", 200),
    ],
)
def test_what_is_not_there_is_told(served: Served, query: str, status: int) -> None:
    assert served.client("analyst").get(f"/marts/resumption_daily?{query}").status_code == status


def test_a_question_is_answered_and_downloaded(served: Served) -> None:
    client = served.client("analyst")
    assert "制造业" in client.get("/questions/2?as_of=2020-03-01").text
    rows = list(csv.DictReader(io.StringIO(client.get("/questions/2/download?as_of=2020-03-01").content.decode("utf-8-sig"))))
    assert "is_suppressed" in rows[0]
    wrong = client.get("/questions/1?days=many")
    assert wrong.status_code == 409
    assert "many" in wrong.text
    assert client.get("/questions/99").status_code == 404


def test_an_analyst_filters_and_downloads_in_a_browser(served: Served, tab: Page) -> None:
    log_in(tab, served, "analyst")
    tab.get_by_role("link", name="resumption_daily").click()
    tab.get_by_label("调度范围").select_option("industry")
    tab.get_by_label("维度").select_option("township")
    tab.get_by_role("button", name="查看").click()
    assert tab.locator("img.chart").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    with tab.expect_download() as started:
        tab.get_by_role("link", name="CSV").click()
    assert started.value.suggested_filename == "resumption_daily.csv"
    text = started.value.path().read_text(encoding="utf-8-sig")
    assert {row["dimension"] for row in csv.DictReader(io.StringIO(text))} == {"township"}
