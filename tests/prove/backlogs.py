"""One department drops 20,000 files, or fifty that keep the reader busy for 40 seconds each; another one's ordinary report is answered meanwhile.

`fugong ingest` runs again and again, as a user runs it. What is measured is the time from the closing of the other department's file to its
receipt, several times at moments that the seed chooses.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

from fugong.core.settings import PROJECT, Settings
from tests.fixtures.backlogs import busy_workbook, note
from tests.fixtures.databases import copy_database, drop_database
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row
from tests.prove.proof import Proof, Try
from tests.prove.warehouse import empty_warehouse

N_FILES, N_BUSY = 20_000, 50
BUSY_SECONDS = 40
RECEIPT_SECONDS = 30.0
N_REPORTS = 8
ATTACKER, OTHER = "GXJ", "TAX"


@contextmanager
def ingest_again_and_again(inbox: Inbox) -> Iterator[None]:
    """`while true; do fugong ingest; done`, until the block ends."""
    assert inbox.settings.warehouse_url is not None
    environment = os.environ | {
        "FUGONG_HOME": str(inbox.settings.home),
        "FUGONG_WAREHOUSE": inbox.settings.warehouse_url,
        "FUGONG_LIMIT_SECONDS": str(BUSY_SECONDS),
    }
    command = [sys.executable, "-c", "import subprocess, sys\nwhile True: subprocess.run(sys.argv[1:], check=True)"]
    command += [sys.executable, "-m", "fugong", "ingest", "--json"]
    with (inbox.settings.home / "ingest.log").open("wb") as log:
        loop = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True)
        try:
            yield
            assert loop.poll() is None, "fugong ingest failed: " + (inbox.settings.home / "ingest.log").read_text()[-1500:]
        finally:
            os.killpg(loop.pid, 15)
            loop.wait()


def attack(inbox: Inbox, *, is_flood: bool) -> int:
    """Drop what the attacker sends; return how many files."""
    folder = inbox.settings.inbox / ATTACKER
    busy = busy_workbook()
    for number in range(N_FILES if is_flood else N_BUSY):
        name, content = (f"n{number:05d}.csv", note(number)) if is_flood else (f"busy{number:02d}.xlsx", busy)
        (folder / name).write_bytes(content)
    return N_FILES if is_flood else N_BUSY


def seconds_to_receipt(inbox: Inbox, number: int) -> float:
    """Drop an ordinary report of the other department, and wait for its receipt."""
    name = f"R04 2020-03-{number:02d}.csv"
    inbox.drop(OTHER, name, as_csv(TAX_HEADER, [tax_row(one, day=f"2020-03-{number:02d}") for one in range(1, 21)]))
    began = time.monotonic()
    while not list((inbox.settings.outbox / OTHER).glob(f"{name[:-4]}*.回执.json")):
        assert time.monotonic() - began < 4 * RECEIPT_SECONDS, f"no receipt for {name} after {4 * RECEIPT_SECONDS:.0f} s"
        time.sleep(0.05)
    return time.monotonic() - began


@contextmanager
def open_warehouse(seed: int) -> Iterator[Try]:
    """An empty warehouse; each case has a copy and an inbox of its own. Odd cases are floods of files, even ones busy files."""
    with empty_warehouse() as (home, url, context):

        def try_case(case: int) -> dict[str, Any]:
            random = Random(seed * 10**6 + case)
            copy_database(home, "empty", f"case_{case}")
            inbox = Inbox(Settings(home / f"home_{case}", PROJECT, f"{url}/case_{case}"), context)
            n_dropped = attack(inbox, is_flood=case % 2 == 1)
            waited: list[float] = []
            try:
                with ingest_again_and_again(inbox):
                    for number in range(1, N_REPORTS + 1):
                        time.sleep(random.uniform(2, 20))
                        waited.append(round(seconds_to_receipt(inbox, number), 1))
                left = sum(1 for _ in (inbox.settings.inbox / ATTACKER).glob("*.*"))
                left += sum(1 for _ in (inbox.settings.inbox / ".work" / ATTACKER).glob("*/*.*"))
                [(recorded, answered)] = inbox.rows(
                    f"SELECT COUNT(*), COUNT(replied_at) FROM intake.submission WHERE department_code = '{ATTACKER}'"
                )
            finally:
                drop_database(home, f"case_{case}")
            assert left + recorded == n_dropped, f"{n_dropped} were dropped; {left} lie there and {recorded} were recorded"
            assert answered > 0, "nothing of the department with the backlog was answered"
            assert max(waited) <= RECEIPT_SECONDS, f"seconds to the other department's receipts: {waited}"
            return {"is_flood": case % 2 == 1, "waited": waited, "answered": answered}

        yield try_case


def _summary(found: Sequence[dict[str, Any]]) -> str:
    said: list[str] = []
    for is_flood, what in ((True, f"{N_FILES:,} files"), (False, f"{N_BUSY} busy workbooks")):
        waited = sorted(seconds for one in found if one["is_flood"] is is_flood for seconds in one["waited"])
        answered = sum(one["answered"] for one in found if one["is_flood"] is is_flood)
        if waited:
            said.append(
                f"{what}: receipts of the other department after {waited[len(waited) // 2]} s in the median, {waited[-1]} s at most; "
                f"{answered:,} of the backlog answered meanwhile"
            )
    return "; ".join(said)


PROOF = Proof(
    name="backlogs",
    claim="Whatever one department piles up, another's report has its receipt within 30 seconds, and nothing of the pile is lost.",
    claim_zh="一个部门积压再多,别的部门的报表 30 秒内有回执;积压的文件一份不丢。",
    n_cases=2,
    open=open_warehouse,
    summary=_summary,
)
