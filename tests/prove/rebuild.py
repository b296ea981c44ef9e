"""Building what is out of date gives what building everything from nothing gives, row for row, for every mart and check.

On a copy of the sample district, after what really happens: a correction, a late file, a withdrawal, another register, changed
reference data. Marts and checks are found by their files, so a new one is in it by itself.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from psycopg import sql

from fugong.core.settings import PROJECT, Settings
from fugong.intake.collect import read_manifest
from fugong.intake.pipeline import ingest_history
from fugong.marts import build, staleness
from fugong.marts.sql_files import load_sql_files
from fugong.operations import setup
from fugong.operations.build_marts import build_marts
from fugong.reading.reader import Reader
from fugong.validation.context import IntakeContext
from fugong.warehouse.connection import address, connect
from fugong.warehouse.embedded import server as embedded
from include.samples.fugong_samples import write_district
from tests.fixtures.databases import copy_database, drop_database
from tests.fixtures.inbox import (
    INDUSTRY_HEADER,
    REGISTER_HEADER,
    TAX_HEADER,
    WATER_HEADER,
    Inbox,
    as_csv,
    industry_row,
    register_row,
    tax_row,
    water_row,
)
from tests.prove.proof import Proof, Try

FILES = load_sql_files(PROJECT / "include" / "sql")
FIRMS = range(110, 118)
CHANGES = (
    ("TAX", "20200310_R04_TAX_V2 确认.csv", as_csv(TAX_HEADER, [tax_row(number, day="2020-03-10") for number in FIRMS])),
    ("GSGS", "20200314_R08_GSGS_V1.csv", as_csv(WATER_HEADER, [water_row(number) for number in FIRMS])),
    ("TAX", "20200312_R04_TAX 作废.csv", as_csv(TAX_HEADER, [])),
    ("GXJ", "20200220_R01_GXJ_V2 确认.csv", as_csv(INDUSTRY_HEADER, [industry_row(number, resumed=False) for number in FIRMS])),
    ("TJJ", "20200309_R00_TJJ_V2 确认.csv", as_csv(REGISTER_HEADER, [register_row(number) for number in FIRMS])),
    # The last register of February: by it the relief of the month is judged, whenever it was reported.
    ("TJJ", "20200224_R00_TJJ_V2 确认.csv", as_csv(REGISTER_HEADER, [register_row(number) for number in FIRMS])),
)


def everything(connection: psycopg.Connection) -> dict[str, list[str]]:
    """The rows of every mart, and of every check."""
    found = {
        mart.relation: sql.SQL("SELECT to_jsonb(cell)::text FROM {} AS cell ORDER BY 1").format(sql.Identifier("mart", mart.name))
        for mart in FILES.marts
    } | {
        check.relation: sql.SQL("SELECT to_jsonb(cell)::text FROM mart.check_row AS cell WHERE check_id = {} ORDER BY 1").format(
            sql.Literal(check.id)
        )
        for check in FILES.checks
    }
    return {name: [row[0] for row in connection.execute(query)] for name, query in found.items()}


def from_nothing(connection: psycopg.Connection) -> None:
    for file in FILES.daily:
        staleness.mark_all_stale(connection, file.relation)
    for mart in FILES.marts:
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier("mart", mart.name)))
    connection.execute("TRUNCATE mart.check_row")
    connection.execute("TRUNCATE audit.mart_day")
    build.build(connection, PROJECT / "include")


@contextmanager
def open_sample(seed: int) -> Iterator[Try]:
    """The sample district, once; each case changes a copy of it."""
    with tempfile.TemporaryDirectory(prefix="fugong-proof-", ignore_cleanup_errors=True) as folder, Reader() as reader:
        home = Path(folder)
        home.chmod(0o755)  # the server may run under another account
        settings = Settings(home, PROJECT, None)
        try:
            setup.init(settings)
            write_district(settings.inbox)
            ingest_history(settings, read_manifest(settings.inbox / "history.csv"))
            build_marts(settings)
            with psycopg.connect(embedded.superuser_url(home), autocommit=True) as server:
                server.execute("CREATE DATABASE sample_template TEMPLATE fugong OWNER fugong_owner")
            url = address(settings).rpartition("/")[0]
            context = IntakeContext.load(Settings(PROJECT, PROJECT, None), reader)

            def try_case(case: int) -> dict[str, Any]:
                copy_database(home, "sample_template", f"case_{case}")
                inbox = Inbox(Settings(home / f"home_{case}", PROJECT, f"{url}/case_{case}"), context)
                try:
                    return _rebuild(inbox, home / f"reference_{case}", Random(seed * 10**6 + case).sample(CHANGES, len(CHANGES)))
                finally:
                    drop_database(home, f"case_{case}")

            yield try_case
        finally:
            if embedded.exists(home):
                embedded.remove(home)


def _rebuild(inbox: Inbox, reference: Path, changes: Sequence[tuple[str, str, bytes]]) -> dict[str, Any]:
    """Build after each change, then everything from nothing."""
    reference.mkdir()
    text = (PROJECT / "include" / "reference" / "industry.csv").read_text(encoding="utf-8")
    (reference / "industry.csv").write_text(text.replace("金属制品业,false", "金属制品业,true"), encoding="utf-8")
    with connect(inbox.settings, autocommit=True) as connection:
        # First: it makes every day stale, and would mend what the files after it leave undone.
        assert setup.load_reference(connection, reference) == ["loaded ref.industry"]
        assert build.build(connection, PROJECT / "include").marts
        before = everything(connection)
        moved: set[str] = set()
        for department, name, content in changes:
            outcome = inbox.send(department, name, content)
            assert outcome.state == "accepted", (name, inbox.receipt(outcome)["findings"])
            built = build.build(connection, PROJECT / "include")
            assert built.marts, name
            now = everything(connection)
            assert now != before, name
            moved |= {file for file in now if now[file] != before[file]}
            before = now
        pieces = before
        assert pieces.keys() == {file.relation for file in FILES.daily}
        assert {"mart.resumption_daily", "mart.fee_reduction", "mart.enterprise_status", "check.X01", "check.X03"} <= moved
        assert {"mart.fee_reduction_daily", "mart.relief_projection", "check.X25"} <= moved
        from_nothing(connection)
        whole = everything(connection)
    different = [name for name in pieces if pieces[name] != whole[name]]
    assert not different, f"{', '.join(different)} differ after {[name for _, name, _ in changes]}"
    n_rows = sum(map(len, whole.values()))
    assert n_rows > 4000
    return {"builds": len(changes) + 2, "rows": n_rows}


def _summary(found: Sequence[dict[str, Any]]) -> str:
    return f"{sum(one['builds'] for one in found)} builds of the sample district, {sum(one['rows'] for one in found):,} rows compared"


PROOF = Proof(
    name="rebuild",
    claim="What is built piece by piece, in any order, is what is built at once.",
    claim_zh="逐次增量计算的结果,无论先后,与一次全部计算相同。",
    n_cases=5,
    open=open_sample,
    summary=_summary,
)
