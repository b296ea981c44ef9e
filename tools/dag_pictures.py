"""Make a picture of the grid of each DAG after a day's work: `make pictures-dags`. They go to docs/images.

Starts an Airflow of its own on the sample district's files of one day, lets every DAG do its work, signs the briefing, and has Chromium draw the grids.
Run it by hand after a DAG has changed, look at the pictures, and commit them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / "plugins"), str(PROJECT)]

from airflow_local import Home, log_in  # noqa: E402

from fugong_sign_off import OPINION, SIGN  # noqa: E402
from include.samples.fugong_samples import arrived  # noqa: E402

IMAGES = PROJECT / "docs/images"
DAY = "2020-03-18"
SIZE = {"width": 1000, "height": 460}
LAYOUT = json.dumps({"details-panel,main-panel": {"expandToSizes": {}, "layout": [48, 52]}})
"""Of the page: the grid takes half of it."""
TITLES = {"zh-CN": "总览", "en": "Overview"}
"""The first tab beside the grid, in each language; it is there when the page is."""
RUNS: dict[str, dict[str, Any]] = {
    "build_marts": {},
    "chase_reports": {},
    "judge_again": {"rule": "not-a-number", "since": "2020-03-01"},
    "keep_house": {},
    "send_messages": {},
}
"""What is started by hand, DAG → its parameters; `receive_reports` is rung by the files, `publish_briefing` is signed."""
DONE = {"success", "failed"}


class Installation:
    """An Airflow of ours with a home of its own."""

    def __init__(self, folder: Path) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        self.home = folder / "home"
        self.environment = {**kept, "FUGONG_HOME": str(self.home), "PYTHONPATH": str(PROJECT / "plugins")}

    def run(self, *words: str) -> str:
        """A program of ours."""
        return subprocess.run(
            [sys.executable, *words], env=self.environment, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    def tool(self, *words: str) -> None:
        """`airflow_local.py …`."""
        print(self.run(str(PROJECT / "tools/airflow_local.py"), *words), flush=True)

    @property
    def address(self) -> str:
        """Where Airflow is."""
        return f"http://127.0.0.1:{Home(self.home / 'airflow').read()[0]}"

    @property
    def token(self) -> str:
        """The administrator's."""
        return log_in(self.address, Home(self.home / "airflow"))

    def api(self, method: str, path: str, body: object = None) -> Any:
        """Airflow's REST API."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/api/v2/{quote(path, safe='/?=&')}", data, headers, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            return json.load(answer)

    def trigger(self, dag: str, given: dict[str, Any]) -> str:
        """Start a run; its path."""
        made = self.api("POST", f"dags/{dag}/dagRuns", {"logical_date": None, "conf": given})
        return f"dags/{dag}/dagRuns/{made['dag_run_id']}"

    def states(self, run: str) -> dict[str, str]:
        """The states of a run's tasks."""
        return {one["task_id"]: one["state"] for one in self.api("GET", f"{run}/taskInstances")["task_instances"]}


def wait_until(is_so: Callable[[], bool], what: str, within: float = 600) -> None:
    """Look again and again.

    Raises:
        TimeoutError: it took too long.
    """
    deadline = time.monotonic() + within
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(1)


def work(of: Installation) -> list[str]:
    """A day: files come, marts are built, the briefing is drafted and signed, the night's work is done. Gives the DAGs."""
    dags = [one["dag_id"] for one in of.api("GET", "dags?limit=100")["dags"]]
    sample = arrived(as_of=datetime.fromisoformat(DAY).date(), seed=1, scale=1)
    last = max(one.received_at for one in sample)
    files = [one for one in sample if last - one.received_at < timedelta(days=1)]
    for one in files:
        (of.home / "inbox" / one.department / one.name).write_bytes(one.content())
    receipts = of.home / "outbox"
    wait_until(lambda: len([*receipts.rglob("*.回执.json")]) >= len(files), "not all files are answered")
    until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    briefing = of.trigger("publish_briefing", {"as_of": DAY, "sign_by": until})
    started = [of.trigger(dag, given) for dag, given in RUNS.items()]
    wait_until(lambda: of.states(briefing).get("sign") == "deferred", "nobody is asked to sign")
    time.sleep(10)  # a person reads first
    answer = {"chosen_options": [SIGN], "params_input": {OPINION: ""}}
    of.api("PATCH", f"{briefing}/taskInstances/sign/-1/hitlDetails", answer)
    wait_until(lambda: of.states(briefing).get("publish") == "success", "not published")
    wait_until(lambda: all(of.api("GET", run)["state"] in DONE for run in started), "runs do not end")
    return dags


def draw(of: Installation, dags: list[str], browser: Browser, locale: str, into: Path) -> None:
    """The grid of each DAG, as a person sees it who opens the DAG."""
    context = browser.new_context(viewport=SIZE, locale=locale, timezone_id="Asia/Shanghai")  # pyright: ignore[reportArgumentType]
    context.add_init_script(f"localStorage.setItem('react-resizable-panels:grid-ltr', {json.dumps(LAYOUT)})")
    context.add_cookies([{"name": "_token", "value": of.token, "url": of.address}])
    page = context.new_page()
    for dag in dags:
        page.goto(f"{of.address}/dags/{dag}", wait_until="load")
        page.get_by_role("link", name=TITLES[locale], exact=True).first.wait_for(timeout=120_000)
        page.wait_for_timeout(5000)  # the rows of the grid come last
        page.screenshot(path=into / f"dag_{dag}.png")
        print(into / f"dag_{dag}.png", flush=True)
    context.close()


def main() -> int:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description="Make a picture of the grid of each DAG after a day's work.")
    parser.add_argument("--to", type=Path, default=IMAGES, help="where they are written (docs/images)")
    parser.add_argument("--locale", default="zh-CN", choices=TITLES, help="the language of Airflow's pages")
    given = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("没有 chromium,请安装 | there is no chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory(prefix="fugong-pictures-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the server may run under another account
        of = Installation(Path(folder))
        of.run("-m", "fugong", "init")
        try:
            of.tool("up")
            dags = work(of)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                draw(of, dags, browser, given.locale, given.to)
                browser.close()
        finally:
            of.tool("down")
            of.run("-m", "fugong", "warehouse", "stop")
    return 0


if __name__ == "__main__":
    sys.exit(main())
