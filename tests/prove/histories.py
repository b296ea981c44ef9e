"""Histories of the same files, with crashes: each ends in the same warehouse."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from fugong.core.settings import PROJECT, Settings
from fugong.operations import setup
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from fugong.warehouse.embedded import server as embedded
from tests.fixtures.histories import begin_district, expected_end, history, must_end_alike
from tests.fixtures.inbox import Inbox
from tests.prove.proof import Proof, Try


@contextmanager
def open_histories(seed: int) -> Iterator[Try]:
    """A server of its own; each case is a copy of its empty warehouse."""
    with tempfile.TemporaryDirectory(prefix="fugong-proof-", ignore_cleanup_errors=True) as folder, Reader() as reader:
        home = Path(folder)
        home.chmod(0o755)  # the server may run under another account
        url = embedded.start(home).rpartition("/")[0] + "/empty"
        try:
            with psycopg.connect(embedded.superuser_url(home), autocommit=True) as server:
                server.execute("CREATE DATABASE empty OWNER fugong_owner")
            setup.init(Settings(home, PROJECT, url))
            context = IntakeContext.load(Settings(PROJECT, PROJECT, None), reader)

            def make(name: str) -> Inbox:
                return Inbox.create((home, url), name, home / "homes" / name, context)

            expected = expected_end(begin_district(make("expected")))

            def try_case(case: int) -> dict[str, Any]:
                name = f"history_{case}"
                steps = history(random.Random(f"{seed} {case}"))
                district = begin_district(make(name))
                try:
                    must_end_alike(district, steps, expected)
                finally:
                    with psycopg.connect(embedded.superuser_url(home), autocommit=True) as server:
                        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
                return {"files": sum(len(step.files) for step in steps), "crashes": district.crashed}

            yield try_case
        finally:
            embedded.remove(home)


def _summary(found: Sequence[dict[str, Any]]) -> str:
    return f"{sum(one['files'] for one in found):,} files, {sum(one['crashes'] for one in found):,} crashes"


PROOF = Proof(
    name="histories",
    claim="Any order, repeat, crash and re-run of the same files ends in the same warehouse and marts.",
    claim_zh="同一批文件无论次序、重复、中断、重跑,最后的数据仓库与集市都相同。",
    n_cases=60,
    open=open_histories,
    summary=_summary,
)
