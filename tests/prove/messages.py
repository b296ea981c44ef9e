"""Files full of firms, persons and figures, in their names, titles, headers and cells, are ingested, and everybody is told: of them nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

from fugong.core.settings import PROJECT, Settings
from tests.fixtures.channels import http_double
from tests.fixtures.databases import copy_database, drop_database
from tests.fixtures.inbox import Inbox
from tests.fixtures.planted_files import tell_of_planted_files
from tests.prove.proof import Proof, Try
from tests.prove.warehouse import empty_warehouse

N_FILES = 50


@contextmanager
def open_warehouse(seed: int) -> Iterator[Try]:
    """An empty warehouse; each case has a copy, an inbox and a webhook of its own."""
    with empty_warehouse() as (home, url, context):

        def try_case(case: int) -> dict[str, Any]:
            copy_database(home, "empty", f"case_{case}")
            inbox = Inbox(Settings(home / f"home_{case}", PROJECT, f"{url}/case_{case}"), context)
            try:
                with http_double() as taken:
                    return tell_of_planted_files(inbox, taken, Random(seed * 10**6 + case), N_FILES)
            finally:
                drop_database(home, f"case_{case}")

        yield try_case


def _summary(found: Sequence[dict[str, Any]]) -> str:
    return (
        f"{sum(one['messages'] for one in found):,} messages about {sum(one['files'] for one in found):,} files with "
        f"{sum(one['planted'] for one in found):,} planted names, persons and figures"
    )


PROOF = Proof(
    name="messages",
    claim="No message, and no row of the outbox, holds anything of a file's name, titles, headers or cells; every file is told.",
    claim_zh="通知和待发表里没有文件名、标题、表头、单元格里的任何内容;每份文件都有通知。",
    n_cases=20,
    open=open_warehouse,
    summary=_summary,
)
