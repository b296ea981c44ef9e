"""The sample district ingested with the first pass, and again with every rule judged by Great Expectations: whatever is kept and told is the same."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
import psycopg
from psycopg import sql

from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT, Settings
from fugong.intake import rule_stats
from fugong.intake.collect import read_manifest
from fugong.intake.pipeline import ingest_history
from fugong.validation.first_pass import FirstPass
from fugong.validation.suite import load_suites
from fugong.warehouse.connection import connect
from include.samples.fugong_samples import write_district
from tests.fixtures.databases import copy_database, drop_database
from tests.prove.proof import Proof, Try
from tests.prove.warehouse import empty_warehouse

THIS_YEAR = re.compile(r"20[2-9]\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:\+\d\d:?\d\d)?")
"""A moment; the sample is of 2020, and whatever is later is the clock of the run."""
HEAD = re.compile(r"\b\d+:[0-9a-f]{64}\b")
"""The head of the log of digests, which holds the moments of settlement."""
TABLES = """
    SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname IN ('intake', 'report', 'evidence') ORDER BY schemaname, tablename
"""


@contextmanager
def open_sample(seed: int) -> Iterator[Try]:
    """An empty warehouse; each case ingests another district twice, into copies of it."""
    contracts = load_contracts(PROJECT / "include" / "contracts")
    suites = load_suites(PROJECT / "expectations", contracts.tables)
    with empty_warehouse() as (home, url, _):

        def try_case(case: int) -> dict[str, Any]:
            with tempfile.TemporaryDirectory(prefix="fugong-proof-") as folder:
                first = ingested(Path(folder) / "first", case)
                # Rules that were left to Great Expectations, whether they were compiled or not: all of them.
                with patch.object(FirstPass, "unproven", lambda self, *_: [*range(len(self.compiled) + len(self.unread))]):
                    second = ingested(Path(folder) / "judged", case)
            assert first.keys() == second.keys()
            different = [name for name in first if first[name] != second[name]]
            assert not different, (
                f"{len(different)} differ, {different[0]} by {_example(first[different[0]], second[different[0]])}"
            )
            return {"compared": len(first), "rows": sum(len(one) for one in first.values() if isinstance(one, list))}

        def ingested(place: Path, case: int) -> dict[str, Any]:
            name = f"{place.name}_{case}"
            copy_database(home, "empty", name)
            try:
                settings = Settings(place, PROJECT, f"{url}/{name}")
                write_district(settings.inbox, seed=seed * 1000 + case)
                # By this process alone: another would not know of the patch.
                outcomes = ingest_history(settings, read_manifest(settings.inbox / "history.csv"), processes=1)
                assert len(outcomes) > 500
                with connect(settings) as connection:
                    stats = rule_stats.load_rule_stats(connection, contracts, suites, None)
                    assert any(one.n_rows for one in stats)
                    return {"statistics": [one.to_json() for one in stats], **kept(connection), **told(settings.outbox)}
            finally:
                drop_database(home, name)

        yield try_case


def kept(connection: psycopg.Connection) -> dict[str, list[str]]:
    """The rows of every table, without the clock of the run and what is hashed with it."""
    found: dict[str, list[str]] = {}
    for schema, table in connection.execute(TABLES.encode()).fetchall():
        name = sql.Identifier(schema, table)
        rows = connection.execute(sql.SQL("SELECT to_jsonb(one)::text FROM {} AS one ORDER BY 1").format(name)).fetchall()
        found[f"{schema}.{table}"] = sorted(_without_clock(text) for (text,) in rows)
    return found


def told(outbox: Path) -> dict[str, Any]:
    """Receipt → what it says; of a workbook the cells."""
    found: dict[str, Any] = {}
    for file in sorted(path for path in outbox.rglob("*") if path.is_file()):
        name = file.relative_to(outbox).as_posix()
        if file.suffix == ".xlsx":
            book = openpyxl.load_workbook(file)
            cells = [
                [sheet.title, cell.coordinate, str(cell.value), str(cell.comment)]
                for sheet in book
                for row in sheet
                for cell in row
            ]
            found[name] = _without_clock(json.dumps(cells, ensure_ascii=False))
        else:
            found[name] = _without_clock(file.read_text(encoding="utf-8-sig"))
    return found


def _without_clock(text: str) -> str:
    return HEAD.sub("…", THIS_YEAR.sub(lambda moment: moment[0] if moment[0].startswith("2020") else "…", text))


def _example(one: Any, other: Any) -> str:
    """The first place where two texts, or two lists of texts, differ."""
    pairs = zip(one, other, strict=False) if isinstance(one, list) else [(one, other)]
    mine, theirs = next(((str(a), str(b)) for a, b in pairs if a != b), ("fewer", "more"))
    at = next((n for n, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), 0)
    return f"{mine[max(at - 60, 0) : at + 60]!r} and {theirs[max(at - 60, 0) : at + 60]!r}"


def _summary(found: Sequence[dict[str, Any]]) -> str:
    return f"{sum(one['compared'] for one in found):,} receipts, tables and statistics with {sum(one['rows'] for one in found):,} rows compared"


PROOF = Proof(
    name="first-pass-sample",
    claim="With the first pass a district's receipts, findings, rows and rule statistics are those without it.",
    claim_zh="有无初筛,全区的回执、问题、入库行、规则统计都一样。",
    n_cases=1,
    open=open_sample,
    summary=_summary,
)
