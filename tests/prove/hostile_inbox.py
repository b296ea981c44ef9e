"""A sender swaps file, link, folder and pipe under the same names, ten thousand times a case, while the inbox is collected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

from fugong.core.settings import PROJECT, Settings
from tests.fixtures.databases import copy_database, drop_database
from tests.fixtures.hostile_sender import attacked, swap_names_while_collecting
from tests.fixtures.inbox import Inbox
from tests.prove.proof import Proof, Try
from tests.prove.warehouse import empty_warehouse

N_SWAPS = 10_000


@contextmanager
def open_warehouse(seed: int) -> Iterator[Try]:
    """An empty warehouse; each case has a copy and an inbox of its own."""
    with empty_warehouse() as (home, url, context):

        def try_case(case: int) -> dict[str, Any]:
            copy_database(home, "empty", f"case_{case}")
            inbox = attacked(Inbox(Settings(home / f"home_{case}", PROJECT, f"{url}/case_{case}"), context))
            try:
                return {"swaps": N_SWAPS, "runs": swap_names_while_collecting(inbox, N_SWAPS, Random(seed * 10**6 + case))}
            finally:
                drop_database(home, f"case_{case}")

        yield try_case


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
