"""Ever larger files: the memory of the process that ingests them is bounded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fugong.core.settings import PROJECT, Settings
from fugong.operations import setup
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from fugong.warehouse.embedded import server as embedded
from tests.fixtures.big_files import send_big_file
from tests.fixtures.inbox import Inbox
from tests.prove.proof import Proof, Try

ROWS_A_CASE = 1_150_000
"""The first case has so many lines (150 MB), the second twice as many."""
MIB = 1 << 20


@contextmanager
def open_big_files(_seed: int) -> Iterator[Try]:
    """A warehouse of its own. The seed changes nothing: the files have no part that is drawn."""
    with tempfile.TemporaryDirectory(prefix="fugong-proof-", ignore_cleanup_errors=True) as folder, Reader() as reader:
        home = Path(folder)
        home.chmod(0o755)  # the server may run under another account
        try:
            setup.init(Settings(home, PROJECT, None))
            context = IntakeContext.load(Settings(PROJECT, PROJECT, None), reader)

            def try_case(case: int) -> dict[str, Any]:
                inbox = Inbox(Settings(home / f"home_{case}", PROJECT, embedded.url(home)), context)
                found = send_big_file(inbox, case * ROWS_A_CASE)
                return {"bytes": found.size, "peak": found.peak}

            yield try_case
        finally:
            if embedded.exists(home):
                embedded.remove(home)


def _summary(found: Sequence[dict[str, Any]]) -> str:
    return "; ".join(f"{one['bytes'] / 1e6:,.0f} MB: {one['peak'] / MIB:,.0f} MiB" for one in found)


PROOF = Proof(
    name="big-file",
    claim="A file of any size is accepted in at most 600 MiB.",
    claim_zh="文件无论多大,收下它用的内存不超过 600 MiB。",
    n_cases=3,
    open=open_big_files,
    summary=_summary,
)
