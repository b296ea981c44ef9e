"""A clerk in a real browser, before `fugong serve` and its intake process: sends, mends, answers; is logged out; is not alone."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from fugong.core.typesetting import set_chinese
from fugong.validation.context import IntakeContext
from tests.fixtures.browser import CHROMIUM
from tests.fixtures.inbox import TAX_HEADER, as_xlsx, tax_row
from tests.web.served import ANSWER_MS, Served, log_in, logged_in, served

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ,
    reason="NO BROWSER HERE: install chromium (Debian: apt-get install chromium); .ci/run does",
)
CLERKS, LEADER = {"one": "TAX", "two": "TAX"}, "leader"
LOOK_MS = 500
MB = 1_000_000
AMOUNT = TAX_HEADER.index("减免税额(元)")
CODE = TAX_HEADER.index("统一社会信用代码")


@pytest.fixture(scope="module")
def site(empty_warehouse: tuple[Path, str], context: IntakeContext, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(empty_warehouse, "browser", tmp_path_factory.mktemp("browser"), context, CLERKS, LEADER) as found:
        yield found


@pytest.fixture(scope="module")
def chromium(browser: Browser) -> Browser:
    return browser


def spoiled(day: int) -> bytes:
    """A workbook with three bad cells, and a doubt: its total does not add up."""
    date = f"2020-03-{day}"
    rows: list[list[object]] = [[*tax_row(day * 100 + number, day=date)] for number in range(6)]
    rows[1][AMOUNT], rows[3][AMOUNT] = "约3500", "不详"
    rows[4][CODE] = str(rows[4][CODE])[:-1] + "?"
    total: list[object] = ["合计", *[""] * (len(TAX_HEADER) - 1)]
    total[AMOUNT] = 999999
    return as_xlsx(TAX_HEADER, [*rows, total], ["税费减免退日报", f"统计日期:2020年3月{day}日"])


def send(page: Page, site: Served, name: str, content: bytes) -> int:
    """Send a file by the page; the number of its receipt."""
    page.goto(f"{site.address}/department")
    page.set_input_files("#files", {"name": name, "mimeType": "application/octet-stream", "buffer": content})
    page.click("#upload button.main")
    page.wait_for_selector("#sent a", timeout=ANSWER_MS)
    return int((page.get_attribute("#sent a", "href") or "").rpartition("/")[2])


def board_shows(leader: Page, site: Served, figure: str, value: str) -> None:
    """Look at the board once the marts are built, and again, as a leader does, until a figure of it is this."""
    until = time.monotonic() + ANSWER_MS / 1000
    while site.inbox.rows("SELECT COUNT(*) FROM intake.stale_day") != [(0,)]:
        assert time.monotonic() < until, "the marts are not built"
        leader.wait_for_timeout(LOOK_MS)
    card = leader.locator(f"main a.big[href*='/figures/{figure}?'], main .big a[href*='/figures/{figure}?']")
    while True:
        leader.goto(f"{site.address}/board?as_of=2020-03-18")
        shown = card.first.text_content() if card.count() else "–"
        if shown == value:
            return
        assert time.monotonic() < until, f"{figure} is {shown}, not {value}"
        leader.wait_for_timeout(LOOK_MS)


def test_a_clerk_mends_three_cells_and_answers_a_doubt_and_the_leaders_number_moves(site: Served, chromium: Browser) -> None:
    page, leader = logged_in(chromium, site, "one"), logged_in(chromium, site, LEADER)
    number = send(page, site, "税费减免退日报(3月18日).xlsx", spoiled(18))
    expect(page.locator("#sent")).to_contain_text("部分入库")
    board_shows(leader, site, "S041", "0.30万元")  # three lines of 1000
    page.click("#sent a")
    expect(page.locator("#sheets td.bad")).to_have_count(3)
    page.get_by_text("在这里改退回的 3 行").click()
    cells = page.locator("td.bad input")
    expect(cells).to_have_count(3)
    wanted = {"约3500": "3500", "不详": "12.5"}
    for name in [cells.nth(at).get_attribute("id") for at in range(3)]:
        cell = page.locator(f"[id='{name}']")
        cell.fill(wanted.get(cell.input_value()) or tax_row(1804)[CODE])
    expect(page.locator("#sum")).to_have_text(set_chinese("改了 3 行,其中 3 行可以入库"), timeout=ANSWER_MS)
    page.locator(".state").first.scroll_into_view_if_needed()
    page.click(".sendbar button.main")
    page.wait_for_url("**/department/receipts/*", timeout=ANSWER_MS)
    expect(page.locator("h1")).to_contain_text("已入库", timeout=ANSWER_MS)
    page.goto(f"{site.address}/department/receipts/{number}")
    expect(page.locator("main")).to_contain_text("现在的状态：已入库")
    page.get_by_text("核实 1 项").click()
    page.select_option("select", "confirmed")
    page.fill("fieldset input", "合计含上月补退")
    page.click("#answers button.main")
    page.wait_for_url("**/department/receipts/*", timeout=ANSWER_MS)
    expect(page.locator("main")).to_contain_text("已收 1 条核实说明", timeout=ANSWER_MS)
    assert site.inbox.rows("SELECT COUNT(*) FROM report.tax_relief") == [(6,)]
    board_shows(leader, site, "S041", "0.75万元")  # and 3500, 12.5 and 1000


def test_what_was_typed_survives_the_end_of_the_session_and_not_the_logout(site: Served, chromium: Browser) -> None:
    page = logged_in(chromium, site, "one")
    number = send(page, site, "税费减免退日报(3月17日).xlsx", spoiled(17))
    path = f"{site.address}/department/receipts/{number}/rows"
    page.goto(path)
    name = page.locator("td.bad input").first.get_attribute("id")
    cell = page.locator(f"[id='{name}']")
    cell.fill("4321")
    page.context.clear_cookies()
    page.click(".sendbar button.main")
    expect(page.locator("#fault")).to_contain_text("登录已过期")
    page.click("#fault a")
    log_in(page, "one")
    page.wait_for_url(path)
    expect(cell).to_have_value("4321")
    expect(page.locator("#draft")).to_contain_text("已恢复")
    page.click("form[action$='/logout'] button")
    page.wait_for_url("**/login")
    assert page.evaluate("localStorage.length") == 0


def test_two_mend_the_same_rows(site: Served, chromium: Browser) -> None:
    one, two = logged_in(chromium, site, "one"), logged_in(chromium, site, "two")
    number = send(one, site, "税费减免退日报(3月16日).xlsx", spoiled(16))
    for page in (one, two):
        page.goto(f"{site.address}/department/receipts/{number}/rows")
        cells = page.locator("input[data-sent='约3500'], input[data-sent='不详']")
        for at in range(cells.count()):
            cells.nth(at).fill("100" if page is one else "200")
    second = two.locator("input[data-sent='不详']")
    one.locator("input[data-sent='不详']").fill("不详")
    one.click(".sendbar button.main")
    one.wait_for_url("**/department/receipts/*", timeout=ANSWER_MS)
    expect(one.locator("h1")).to_contain_text("已入库", timeout=ANSWER_MS)
    two.click(".sendbar button.main")
    expect(two.locator("#fault")).to_contain_text("已由第")
    expect(second).to_have_value("200")
    two.click("#fault a")
    expect(two.locator("tr.done")).to_have_count(1)
    expect(second).to_have_value("200")
    two.click(".sendbar button.main")
    two.wait_for_url("**/department/receipts/*", timeout=ANSWER_MS)
    expect(two.locator("h1")).to_contain_text("已入库", timeout=ANSWER_MS)
    amounts = site.inbox.rows("SELECT amt_relief::int FROM report.tax_relief WHERE doc_id IN ('D01601', 'D01603') ORDER BY 1")
    assert amounts == [(100,), (200,)]


def test_a_file_of_300_mb_passes_through_and_is_answered(site: Served, chromium: Browser, tmp_path: Path) -> None:
    file = tmp_path / "税费减免退日报(3月12日).csv"
    with file.open("wb") as empty:
        empty.truncate(300 * MB)  # no text, so its receipt comes soon; `make prove` sends a report of this size
    page, server = logged_in(chromium, site, "two"), psutil.Process(site.process.pid)
    before, peak, is_done = server.memory_info().rss, [0], threading.Event()

    def watch() -> None:
        while not is_done.wait(0.02):
            peak[0] = max(peak[0], server.memory_info().rss)

    watching = threading.Thread(target=watch)
    watching.start()
    page.goto(f"{site.address}/department")
    page.set_input_files("#files", file)
    page.click("#upload button.main")
    page.wait_for_selector("#sent a", timeout=2 * ANSWER_MS)
    is_done.set()
    watching.join()
    expect(page.locator("#sent")).to_contain_text("整份退回")
    assert site.inbox.rows("SELECT byte_size FROM intake.submission ORDER BY submission_id DESC LIMIT 1") == [(300 * MB,)]
    assert peak[0] - before < 50 * MB, f"the pages grew by {(peak[0] - before) / MB:.0f} MB"


def test_the_intake_process_is_started_again_and_ends_with_the_server(site: Served, chromium: Browser) -> None:
    page = logged_in(chromium, site, "two")
    first = site.intake
    assert first is not None
    os.kill(first, signal.SIGKILL)
    number = send(page, site, "税费减免退日报(3月13日).xlsx", spoiled(13))
    assert number
    second = site.intake
    assert second not in {None, first}
    environment = Path(f"/proc/{second}/environ").read_bytes()
    assert b"FUGONG_WAREHOUSE=" in environment
    assert [name for name in (b"FUGONG_WAREHOUSE_WEB", b"LDAP_READER_PASSWORD") if name in environment] == []
    site.process.kill()
    site.process.wait()
    until = time.monotonic() + 30
    while Path(f"/proc/{second}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{second}").exists()
