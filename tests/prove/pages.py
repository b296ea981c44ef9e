"""Fifty files are uploaded at once while fifty people read; then ten thousand requests: the pages answer quickly, and their memory stays."""

from __future__ import annotations

import io
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx
import openpyxl
import psutil

from fugong.access.account import Role
from fugong.core.settings import PROJECT, Settings
from fugong.intake.collect import read_manifest
from fugong.intake.pipeline import ingest_history
from fugong.operations import setup
from fugong.operations.build_marts import build_marts
from fugong.warehouse.connection import connect
from fugong.warehouse.embedded import server as embedded
from include.samples.fugong_samples import write_district
from tests.prove.proof import Proof, Try
from tests.prove.serving import add_accounts, csrf_of, log_in, served

N_UPLOADS = N_READERS = 50
N_REQUESTS = 10_000
N_CROWDS = 2
PAGE_SECONDS = 0.5
RECEIPT_SECONDS = 15.0
READ_BEFORE, READ_AFTER = 4.0, 20.0
"""People read before the files come, and while the marts are built afterwards; what they read before is not counted."""
MOST_GROWTH = 40 * 2**20
DAYS = [f"2020-03-{day:02d}" for day in range(12, 19)]
PAGES = (
    "/board?as_of={day}",
    "/figures/S041?as_of={day}",
    "/figures/S002?as_of={day}",
    "/figures/S041/lines?as_of={day}",
    "/sign",
    "/account",
)


@dataclass(frozen=True)
class Pages:
    """The pages while they are served, and what departments can send."""

    settings: Settings
    address: str
    pid: int
    workbooks: dict[str, bytes]


@contextmanager
def served_sample() -> Iterator[Pages]:
    """The sample district behind `fugong serve`, with an account of each department and of a leader."""
    with tempfile.TemporaryDirectory(prefix="fugong-pages-") as folder:
        home = Path(folder)
        try:
            settings, workbooks = sample_with_accounts(home)
            with served(settings) as (address, pid):
                yield Pages(settings, address, pid, workbooks)
        finally:
            embedded.remove(home)


def sample_with_accounts(home: Path) -> tuple[Settings, dict[str, bytes]]:
    """The sample district in a home, with accounts; one workbook of each department."""
    settings = Settings(home, PROJECT, None)
    setup.init(settings)
    write_district(settings.inbox)
    arrivals = read_manifest(settings.inbox / "history.csv")
    workbooks = {one.department: (settings.inbox / one.file).read_bytes() for one in arrivals if one.file.endswith(".xlsx")}
    ingest_history(settings, arrivals)
    build_marts(settings)
    add_accounts(settings, {"leader": (Role.SIGNER, None)} | {code.lower(): (Role.DEPARTMENT, code) for code in workbooks})
    return settings, workbooks


def saved_again(workbook: bytes, mark: str) -> bytes:
    """The same workbook as another file: all cells as they were, another title among its properties."""
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    book.properties.title = mark
    book.save(saved := io.BytesIO())
    return saved.getvalue()


def n_submissions(pages: Pages) -> int:
    """The files that were uploaded so far."""
    with connect(pages.settings) as connection:
        [(n_files,)] = connection.execute("SELECT COUNT(*) FROM intake.submission WHERE file_name LIKE '报送\\_%'").fetchall()
    return n_files


def intake_is_warm(pages: Pages, client: httpx.Client, content: bytes) -> None:
    """Send a file and wait: what is measured afterwards is a morning, and not the start of a process."""
    seconds_to_receipt(client, "第一份.xlsx", content)
    until = time.monotonic() + 60
    while is_stale(pages):
        assert time.monotonic() < until, "the marts are not built"
        time.sleep(0.5)


def is_stale(pages: Pages) -> bool:
    """Whether marts are to be built."""
    with connect(pages.settings) as connection:
        return connection.execute("SELECT 1 FROM intake.stale_day LIMIT 1").fetchone() is not None


def seconds_to_receipt(client: httpx.Client, name: str, content: bytes) -> float:
    """Upload a file and ask until it is answered."""
    headers = {"X-CSRF-Token": csrf_of(client)}
    began = time.monotonic()
    answer = client.post("/department/uploads", params={"name": name}, content=content, headers=headers)
    assert answer.status_code == 201, f"upload: {answer.status_code} {answer.text[:200]}"
    ticket, pause = answer.json()["ticket"], 0.5
    while time.monotonic() < began + 120:
        time.sleep(pause)
        pause = min(pause * 1.2, 2.0)  # as `upload.js` does
        answer = client.get("/department/uploads", params={"u": ticket}, headers={"Accept": "application/json"})
        assert answer.status_code == 200, f"state of an upload: {answer.status_code}"
        if answer.json()["files"][0]["is_answered"]:
            return time.monotonic() - began
    raise AssertionError("no receipt after 120 s")


def crowd(pages: Pages, rng: Random) -> dict[str, Any]:
    """Fifty uploads at once while fifty people read."""
    departments = sorted(pages.workbooks)
    files = [
        (code, saved_again(pages.workbooks[code], f"upload_{number}_{rng.randrange(10**9)}"))
        for number, code in enumerate(departments[number % len(departments)] for number in range(N_UPLOADS))
    ]
    n_before = n_submissions(pages)
    leader, senders = log_in(pages.address, "leader"), {code: log_in(pages.address, code.lower()) for code in departments}
    for path in PAGES:
        for day in DAYS:
            leader.get(path.format(day=day))  # what is measured is a morning, not the first look of all
    intake_is_warm(pages, senders[departments[0]], saved_again(pages.workbooks[departments[0]], f"first_{rng.randrange(10**9)}"))
    took: list[tuple[float, float]] = []
    receipts: list[float] = []
    faults: list[str] = []
    done = threading.Event()

    def read(seed: int) -> None:
        own = Random(seed)
        with httpx.Client(base_url=pages.address, cookies=leader.cookies, timeout=60) as client:
            while not done.wait(own.uniform(1, 3)):  # a person reads what is there
                path = own.choice(PAGES).format(day=own.choice(DAYS))
                began = time.monotonic()
                answer = client.get(path)
                took.append((began, time.monotonic() - began))
                if answer.status_code != 200:
                    faults.append(f"{path}: {answer.status_code}")

    def send(number: int, code: str, content: bytes) -> None:
        try:
            receipts.append(seconds_to_receipt(senders[code], f"报送_{number}.xlsx", content))
        except AssertionError as fault:
            faults.append(f"{code}: {fault}")

    readers = [threading.Thread(target=read, args=(rng.randrange(10**9),)) for _ in range(N_READERS)]
    uploads = [threading.Thread(target=send, args=(number, *file)) for number, file in enumerate(files)]
    for thread in readers:
        thread.start()
    time.sleep(READ_BEFORE)
    began = time.monotonic()
    for thread in uploads:
        thread.start()
    for thread in uploads:
        thread.join()
    time.sleep(READ_AFTER)
    done.set()
    for thread in readers:
        thread.join()
    assert not faults, "; ".join(faults[:5])
    n_files = n_submissions(pages) - n_before
    assert n_files == N_UPLOADS, f"{n_files} submissions of {N_UPLOADS} uploads"
    counted = sorted(seconds for at, seconds in took if at >= began)
    p95, slowest = counted[len(counted) * 95 // 100], max(receipts)
    assert p95 <= PAGE_SECONDS, (
        f"the 95th percentile of {len(counted)} pages is {p95:.2f} s; the last receipt came after {slowest:.1f} s"
    )
    assert slowest <= RECEIPT_SECONDS, f"the last receipt came after {slowest:.1f} s"
    return {"pages": len(counted), "p95": p95, "receipts": len(receipts), "slowest": slowest}


def flat(pages: Pages) -> dict[str, Any]:
    """Ten thousand requests; the memory of the process after the first fifth and at the end."""
    leader = log_in(pages.address, "leader")
    process, rng, early = psutil.Process(pages.pid), Random(1), 0
    for number in range(N_REQUESTS):
        leader.get(rng.choice(PAGES).format(day=rng.choice(DAYS)))
        if number == N_REQUESTS // 5:
            early = process.memory_info().rss
    growth = process.memory_info().rss - early
    assert growth <= MOST_GROWTH, f"the process grew by {growth / 2**20:.0f} MB over {N_REQUESTS * 4 // 5:,} requests"
    return {"requests": N_REQUESTS, "growth": growth}


@contextmanager
def open_pages(seed: int) -> Iterator[Try]:
    """The sample district behind the pages."""
    with served_sample() as pages:

        def try_case(case: int) -> dict[str, Any]:
            return flat(pages) if case == N_CROWDS + 1 else crowd(pages, Random(seed * 10**6 + case))

        yield try_case


def _summary(found: Sequence[dict[str, Any]]) -> str:
    crowds = [one for one in found if "p95" in one]
    grown = [one for one in found if "growth" in one]
    told = f"{sum(one['receipts'] for one in crowds)} uploads, {sum(one['pages'] for one in crowds):,} pages"
    if crowds:
        told += (
            f", p95 {max(one['p95'] for one in crowds) * 1000:.0f} ms, last receipt {max(one['slowest'] for one in crowds):.1f} s"
        )
    return told + "".join(f"; {one['requests']:,} requests: {one['growth'] / 2**20:+.0f} MB" for one in grown)


PROOF = Proof(
    name="pages",
    claim="Fifty uploads at once beside fifty readers: no error, each file answered once within 15 s, p95 of pages 500 ms; memory stays.",
    claim_zh="五十份文件同时上传、五十人同时看:没有错误,每份 15 秒内答复且只答一次,页面 p95 不超过 500 毫秒;内存不增长。",
    n_cases=N_CROWDS + 1,
    open=open_pages,
    summary=_summary,
)
