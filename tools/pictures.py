"""Pictures of the pages for the README, over the sample district: `make pictures` (ARGS="--home DIR" where one has it already).

Needs Debian's Chromium. Makes a district in a folder of its own, serves it on a free port, and writes `docs/images/pages_*.png`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / "plugins"), str(PROJECT / "tools")]

from airflow_local import free_port  # noqa: E402

from fugong.access import passwords  # noqa: E402
from fugong.access.account import Account, Role, accounts  # noqa: E402
from fugong.access.manage import add_account  # noqa: E402
from fugong.core.settings import Settings  # noqa: E402
from fugong.warehouse.connection import connect  # noqa: E402
from fugong.warehouse.embedded import server as embedded  # noqa: E402

IMAGES = PROJECT / "docs/images"
DAY, FIGURE = "2020-03-18", "S041"
FIRST_KNOWN, LAST_KNOWN = "2020-03-18T12:00", "2020-03-25T12:00"
PASSWORD = "only-for-pictures"
CLERK = Account("picture.clerk", "李敏", "科员", "GXJ", frozenset({Role.DEPARTMENT}), is_active=True)
LEADER = Account("picture.leader", "王建国", "区长", None, frozenset({Role.SIGNER}), is_active=True)
OPERATOR = Account("picture.operator", "赵强", "工程师", None, frozenset({Role.OPERATOR}), is_active=True)
SIZE = {"width": 1366, "height": 900}
START_SECONDS = 120
PAGE_MS = 120_000


def run(home: Path, *words: str) -> None:
    """`fugong …` over the district of this home."""
    environment = {**os.environ, "FUGONG_HOME": str(home), "FUGONG_DISTRICT": str(PROJECT)}
    subprocess.run([sys.executable, "-m", "fugong", *words], check=True, env=environment, stdout=subprocess.DEVNULL)


def make_district(home: Path) -> None:
    """The sample district, taken in and built."""
    inbox = home / "inbox"
    run(home, "init")
    run(home, "sample", "--to", str(inbox))
    run(home, "ingest", "--history", str(inbox / "history.csv"))
    run(home, "marts")


def let_people_in(settings: Settings) -> None:
    """A clerk and a leader."""
    with connect(settings) as connection:
        there = {one.account for one in accounts(connection)}
        for person in (CLERK, LEADER, OPERATOR):
            if person.account not in there:
                add_account(connection, person)
            passwords.choose(connection, person.account, passwords.give_initial(connection, person.account), PASSWORD)


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The address of the pages, while they are served."""
    port = free_port(0)
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "FUGONG_HOME": str(home), "FUGONG_DISTRICT": str(PROJECT)}
    command = [sys.executable, "-m", "fugong", "serve", "--port", str(port), "--demo"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + START_SECONDS
            while not _answers(address):
                if process.poll() is not None or time.monotonic() > until:
                    sys.exit("网页没有起来 | the pages do not answer")
                time.sleep(0.2)
            yield address
        finally:
            process.terminate()


def _answers(address: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{address}/login", timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def log_in(page: Page, address: str, person: Account) -> None:
    """As a person does."""
    page.goto(f"{address}/login")
    page.get_by_label("账号").fill(person.account)
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)


def picture(page: Page, name: str, *, from_top: bool = True) -> None:
    """One picture, as high as a screen."""
    if from_top:
        page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=IMAGES / f"pages_{name}.png")
    print(IMAGES / f"pages_{name}.png")


def take(address: str) -> None:
    """All pictures."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("缺 Chromium | Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--lang=zh-CN"],
            env={**os.environ, "LANGUAGE": "zh_CN", "LANG": "zh_CN.UTF-8"},
        )

        def page_of(person: Account) -> Page:
            page = browser.new_context(viewport=SIZE, locale="zh-CN").new_page()  # pyright: ignore[reportArgumentType]
            page.set_default_timeout(PAGE_MS)
            log_in(page, address, person)
            return page

        take_leaders(page_of(LEADER), address)
        take_clerks(page_of(CLERK), address)
        page = page_of(OPERATOR)
        page.goto(f"{address}/today")
        picture(page, "today")
        browser.close()


def take_leaders(page: Page, address: str) -> None:
    """The board, a number down to a cell, and two moments beside each other."""
    page.goto(f"{address}/board?as_of={DAY}")
    picture(page, "board")
    page.goto(f"{address}/figures/{FIGURE}?as_of={DAY}")
    picture(page, "figure")
    page.locator('a[href*="/lines?"]').first.click()
    page.locator('a[href*="/sheet/"]').first.click()
    page.wait_for_load_state("networkidle")
    picture(page, "cell", from_top=False)
    page.goto(f"{address}/compare?" + urlencode({"as_of": DAY, "first": FIRST_KNOWN, "second": LAST_KNOWN}))
    picture(page, "compare")


def take_clerks(page: Page, address: str) -> None:
    """A receipt with its sheet, and its rows as they are mended."""
    page.goto(f"{address}/department/history")
    page.locator('tr:has-text("部分入库") a[href*="/department/receipts/"]').first.click()
    page.wait_for_load_state("networkidle")
    picture(page, "receipt")
    page.locator('a[href$="/rows"]').first.click()
    page.wait_for_load_state("networkidle")
    cell = page.locator("table input:not([type=hidden])").first
    cell.fill("12.5")
    cell.press("Tab")
    page.get_by_text("核对中").wait_for(state="detached")
    picture(page, "mending")


def main() -> None:
    parser = argparse.ArgumentParser(description="Pictures of the pages.")
    parser.add_argument("--home", type=Path, help="a home that holds the sample district already")
    given: Path | None = parser.parse_args().home
    with tempfile.TemporaryDirectory(prefix="fugong-pictures-") as folder:
        home = given or Path(folder)
        if given is None:
            make_district(home)
        settings = Settings.load({"FUGONG_HOME": str(home), "FUGONG_DISTRICT": str(PROJECT)})
        try:
            let_people_in(settings)
            with served(home) as address:
                take(address)
        finally:
            if given is None:
                embedded.stop(home)


if __name__ == "__main__":
    main()
