"""A leader reads the board, follows a figure down to the cell of a file, compares two moments, and signs."""

from __future__ import annotations

import html
import io
import re
import subprocess
import sys
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fugong.briefing import signing
from fugong.briefing.document import compose
from fugong.briefing.publishing import publications
from fugong.core.time import SHANGHAI
from fugong.core.typesetting import set_chinese
from fugong.evidence import log
from fugong.figures.figure import figures
from fugong.lineage.lines import portion_of
from fugong.lineage.trace import trace
from fugong.marts.sql_files import load_sound_sql_files
from fugong.warehouse.connection import connect_as_loader
from tests.web.conftest import DAY, Served, csrf_in, log_in


def test_the_board_shows_the_figures_as_they_are_printed(served: Served) -> None:
    text = served.client("viewer").get(f"/board?as_of={DAY}").text
    with connect_as_loader(served.settings) as connection:
        found = figures(connection, served.site.include, DAY, ids=["S002", "S039", "S041"])
    for figure in found:
        assert f'href="/figures/{figure.id}?as_of={DAY}">{figure.display}</a>' in text


def test_a_chart_is_the_table_beside_it(served: Served) -> None:
    client = served.client("viewer")
    drawn = client.get(f"/board/charts/0.svg?as_of={DAY}")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert b"<script" not in drawn.content
    data = client.get(f"/board/charts/0.json?as_of={DAY}").json()
    assert data["days"][-1] == DAY.isoformat()
    assert all(len(curve["values"]) == len(data["days"]) for curve in data["curves"])
    assert client.get(f"/board/charts/99.svg?as_of={DAY}").status_code == 404


@pytest.mark.parametrize("figure", ["S041", "S039", "S002", "S072", "S066"])
def test_portions_of_lines_are_the_trace(served: Served, figure: str) -> None:
    with connect_as_loader(served.settings) as connection:
        lines = trace(connection, served.site.include, figure, DAY)
        for part in dict.fromkeys(line.part for line in lines):
            own = [line for line in lines if line.part == part]
            found = [
                portion_of(connection, served.site.include, figure, DAY, part=part, first=first, at_most=40)
                for first in range(0, len(own) + 40, 40)
            ]
            assert {one.n_lines for one in found} == {len(own)}
            assert [line for one in found for line in one.lines] == own
            if all(isinstance(line.value, Decimal) for line in own):
                assert {one.total for one in found} == {sum((line.value for line in own), Decimal(0))}


def test_every_number_of_the_briefing_is_a_link(served: Served) -> None:
    text = served.client("viewer").get(f"/briefing?as_of={DAY}").text
    with connect_as_loader(served.settings) as connection:
        composed = compose(connection, served.site.include, DAY, with_sources=False)
    printed = {name for name, one in composed.figures.items() if one.is_printed}
    assert len(printed) > 60
    assert set(re.findall(r'<a class="figure" href="/figures/(\w+)\?', text)) == printed


def test_a_moment_that_is_none_is_refused_with_its_words(served: Served) -> None:
    client = served.client("viewer")
    for query in ("as_of=2020-13-01", "as_of=0001-01-01", "known_at=yesterday", "as_of=2020-03-18&known_at=2020-03-18T99:00"):
        assert client.get(f"/board?{query}").status_code == 422
    assert client.get("/figures/S999").status_code == 404
    assert client.get("/board?as_of=2031-01-01").status_code == 200


def test_a_leader_follows_a_number_to_the_cell_of_a_file(served: Served, tab: Page) -> None:
    log_in(tab, served, "signer")
    tab.goto(f"{served.address}/board?as_of={DAY}")
    tab.locator('.headlines a[href^="/figures/S041"]').click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("S041")
    tab.get_by_role("link", name="看来源行").click()
    expect(tab.get_by_text("合计")).to_contain_text("13,798,800")
    tab.locator("tbody tr").nth(0).get_by_role("link").first.click()
    aimed = tab.locator("td.aim")
    expect(aimed).to_have_count(1)
    expect(aimed).to_be_in_viewport()
    tab.get_by_role("link", name=re.compile("计入哪些数字")).click()
    expect(tab.get_by_role("link", name=re.compile("^S041"))).to_be_visible()


@pytest.mark.parametrize(
    ("figure", "part", "header"), [("S003", "numerator", "到岗"), ("S016", "numerator", "拨付"), ("S031", "value", "岗位")]
)
def test_only_the_cell_is_marked_that_a_value_came_from(served: Served, figure: str, part: str, header: str) -> None:
    client = served.client("taskforce")
    links = re.findall(r'href="(/sheet/[^"]+)"', client.get(f"/figures/{figure}/lines?as_of={DAY}&part={part}").text)
    address = html.unescape(links[0])
    (marked,) = marked_in(client.get(address).text)
    unknown = marked_in(client.get(re.sub("&column=[^&]*", "", address)).text)
    assert marked in unknown  # it says the value, as others in the row do
    assert len(unknown) > 1
    rows = re.findall(r"<tr><th scope=\"row\">\d+</th>(.*?)</tr>", client.get(address).text, re.DOTALL)
    above = [re.findall(r"<td[^>]*>([^<]*)</td>", row)[marked] for row in rows]
    assert any(header in cell for cell in above)


def marked_in(page: str) -> list[int]:
    """The columns of the row asked for that are marked."""
    (row,) = re.findall(r'<tr[^>]* id="aim"[^>]*>(.*?)</tr>', page, re.DOTALL)
    return [at for at, marks in enumerate(re.findall(r"<td([^>]*)>", row)) if "aim" in marks]


def test_what_a_file_counts_in_is_called_by_its_titles(served: Served) -> None:
    page = served.client("taskforce").get("/impact/58?row=4").text
    told = re.findall(r'<td class="w">([^<]*)<br><span class="small">([^<]*)</span></td>', page)
    marts = {mart.relation: mart for mart in load_sound_sql_files(served.site.include / "sql").marts}
    assert len({name for _, name in told[::2]}) > 1
    for (title, name), (meaning, column) in zip(told[::2], told[1::2], strict=True):
        assert title == set_chinese(marts[name].title.zh)
        assert meaning == set_chinese(marts[name].columns[column].zh)


def test_a_draft_is_signed_on_the_page_once(served: Served, tab: Page, tmp_path: Path) -> None:
    settings = served.settings
    asked = signing.Asked.read({"as_of": DAY.isoformat()})
    signing.draft(settings, "test__sign", asked)
    client = served.client("signer")
    page = client.get(f"/sign/{DAY}").text
    stale = {"csrf": csrf_in(page), "run": "test__sign", "digest": "0" * 64, "decision": "signed"}
    assert client.post(f"/sign/{DAY}", data=stale).status_code == 409
    assert client.post(f"/sign/{DAY}", data=stale | {"decision": "rejected"}).status_code == 409  # without a reason
    log_in(tab, served, "signer")
    tab.goto(f"{served.address}/sign")
    tab.get_by_role("link", name=re.compile("审阅")).click()
    tab.get_by_label(re.compile("理由")).fill("数据已核对")
    tab.get_by_role("button", name=re.compile("签发")).click()
    expect(tab.get_by_role("status")).to_contain_text("已签发")
    with connect_as_loader(settings) as connection:
        [published] = publications(connection, DAY)
        steps = connection.execute(
            "SELECT step, account, publication_id FROM audit.signing WHERE run = 'test__sign' ORDER BY signing_id"
        ).fetchall()
    assert not published.is_provisional
    assert steps == [("drafted", None, None), ("signed", "signer", published.publication_id)]
    # The flow asks, too: whoever answers later, and the deadline, change nothing.
    drafts = [(DAY.isoformat(), published.known_at.isoformat())]
    for decision, person in (("provisional", ""), ("rejected", "signer")):
        signing.conclude(settings, "test__sign", drafts, decision, person=person, reason="x")
    with connect_as_loader(settings) as connection:
        assert len(publications(connection, DAY)) == 1
    assert client.get(f"/sign/{DAY}").status_code == 404
    # Its evidence proves itself on another machine; who may not read firms gets their lines hidden.
    for account, hides in (("signer", False), ("viewer", True)):
        answer = served.client(account).get(f"/evidence/{published.publication_id}/S041.zip")
        assert answer.status_code == 200
        folder = tmp_path / account
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            packed.extractall(folder)
        with connect_as_loader(settings) as connection:
            head = log.head(connection)
        assert head is not None
        done = subprocess.run(
            [sys.executable, "verify.py", str(head[0])], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert (folder / "blocks").exists() is not hides


def test_two_persons_adjust_a_figure(served: Served) -> None:
    operator, signer = served.client("operator"), served.client("signer")
    form = {"figure": "s041", "as_of": DAY.isoformat(), "value": "1380万元", "reason": "与税务局对账后"}
    answer = operator.post("/adjustments", data=form | {"csrf": csrf_in(operator.get("/sign").text)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign?done=proposed")
    number = max(int(found) for found in re.findall(r"/adjustments/(\d+)/approve", signer.get("/sign").text))
    csrf = csrf_in(signer.get("/sign").text)
    assert operator.post(f"/adjustments/{number}/approve", data={"csrf": csrf_in(operator.get("/sign").text)}).status_code == 403
    assert signer.post(f"/adjustments/{number}/approve", data={"csrf": csrf}).headers["location"] == "/sign?done=approved"
    assert "按1380万元掌握" in signer.get(f"/figures/S041?as_of={DAY}").text
    answer = signer.post(f"/adjustments/{number}/revoke", data={"csrf": csrf, "reason": "不再需要"})
    assert answer.headers["location"] == "/sign?done=revoked"
    assert "按1380万元掌握" not in signer.get(f"/figures/S041?as_of={DAY}").text


def test_two_moments_are_compared(served: Served) -> None:
    client = served.client("viewer")
    early = datetime(2020, 3, 18, 12, tzinfo=SHANGHAI).isoformat(timespec="minutes")[:16]
    text = client.get(f"/compare?as_of={DAY}&first={early}").text
    assert "个指标变了" in text
    assert "/sheet/" not in text  # who reads no firms is not led to files
    assert "/sheet/" in served.client("signer").get(f"/compare?as_of={DAY}&first={early}").text
