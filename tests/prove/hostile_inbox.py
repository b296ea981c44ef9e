"""A sender swaps file, link, folder and pipe under the same names, ten thousand times a case, while the inbox is collected."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from fugong.core.settings import PROJECT, Settings
from fugong.operations import setup
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from fugong.warehouse.connection import address
from fugong.warehouse.embedded import server as embedded
from tests.fixtures.databases import copy_database, drop_database
from tests.fixtures.hostile_sender import attacked, swap_names_while_collecting
from tests.fixtures.inbox import Inbox
from tests.prove.proof import Proof, Try

N_SWAPS = 10_000


@contextmanager
def open_warehouse(seed: int) -> Iterator[Try]:
    """An empty warehouse; each case has a copy and an inbox of its own."""
    with tempfile.TemporaryDirectory(prefix="fugong-proof-", ignore_cleanup_errors=True) as folder, Reader() as reader:
        home = Path(folder)
        home.chmod(0o755)  # the server may run under another account
        settings = Settings(home, PROJECT, None)
        try:
            setup.init(settings)
            context = IntakeContext.load(Settings(PROJECT, PROJECT, None), reader)
            url = address(settings).rpartition("/")[0]
            with psycopg.connect(embedded.superuser_url(home), autocommit=True) as server:
                server.execute("CREATE DATABASE empty TEMPLATE fugong OWNER fugong_owner")

            def try_case(case: int) -> dict[str, Any]:
                copy_database(home, "empty", f"case_{case}")
                inbox = attacked(Inbox(Settings(home / f"home_{case}", PROJECT, f"{url}/case_{case}"), context))
                try:
                    return {"swaps": N_SWAPS, "runs": swap_names_while_collecting(inbox, N_SWAPS, Random(seed * 10**6 + case))}
                finally:
                    drop_database(home, f"case_{case}")

            yield try_case
        finally:
            if embedded.exists(home):
                embedded.remove(home)


def _summary(found: Sequence[dict[str, Any]]) -> str:
    return f"{sum(one['swaps'] for one in found):,} swaps during {sum(one['runs'] for one in found):,} runs over the inbox"


PROOF = Proof(
    name="hostile-inbox",
    claim="Whatever a sender swaps in their own folder, what lies outside stays byte for byte, and another's file is answered once.",
    claim_zh="报送人在自己的文件夹里怎样调换,外面的文件一个字节也不变,别的部门的文件照样答复一次。",
    n_cases=5,
    open=open_warehouse,
    summary=_summary,
)
