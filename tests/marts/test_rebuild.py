"""Building what is out of date gives what building everything from nothing gives, row for row, for every mart and check.

On a copy of the sample district, after what really happens: a correction, a late file, a withdrawal, another register, changed
reference data. Marts and checks are found by their files, so a new one is in it by itself.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from fugong.core.settings import PROJECT, Settings
from fugong.marts import build, staleness
from fugong.marts.sql_files import load_sql_files
from fugong.operations import setup
from fugong.validation.context import IntakeContext
from fugong.warehouse.connection import address, connect
from tests.fixtures.databases import copy_database
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

FILES = load_sql_files(PROJECT / "include" / "sql")
FIRMS = range(110, 118)
CHANGES = (
    (
        ("TAX", "20200310_R04_TAX_V2 确认.csv", as_csv(TAX_HEADER, [tax_row(number, day="2020-03-10") for number in FIRMS])),
        ("GSGS", "20200314_R08_GSGS_V1.csv", as_csv(WATER_HEADER, [water_row(number) for number in FIRMS])),
    ),
    (
        ("TAX", "20200312_R04_TAX 作废.csv", as_csv(TAX_HEADER, [])),
        ("GXJ", "20200220_R01_GXJ_V2 确认.csv", as_csv(INDUSTRY_HEADER, [industry_row(n, resumed=False) for n in FIRMS])),
    ),
    (
        ("TJJ", "20200309_R00_TJJ_V2 确认.csv", as_csv(REGISTER_HEADER, [register_row(number) for number in FIRMS])),
        # The last register of February: by it the relief of the month is judged, whenever it was reported.
        ("TJJ", "20200224_R00_TJJ_V2 确认.csv", as_csv(REGISTER_HEADER, [register_row(number) for number in FIRMS])),
    ),
)
"""Files that are built together: they concern different marts, or different months."""


@pytest.fixture
def changed(sample_district: Settings, context: IntakeContext, tmp_path: Path) -> Inbox:
    """The sample district in a database of its own."""
    url = address(sample_district).rpartition("/")[0]
    copy_database(sample_district.home, "sample_template", "changed")
    return Inbox(Settings(tmp_path, PROJECT, f"{url}/changed"), context)


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


def test_what_is_built_piece_by_piece_is_what_is_built_at_once(changed: Inbox, tmp_path: Path) -> None:
    reference = tmp_path / "reference"
    reference.mkdir()
    text = (PROJECT / "include" / "reference" / "industry.csv").read_text(encoding="utf-8")
    (reference / "industry.csv").write_text(text.replace("金属制品业,false", "金属制品业,true"), encoding="utf-8")
    with connect(changed.settings, autocommit=True) as connection:
        # First: it makes every day stale, and would mend what the files after it leave undone.
        assert setup.load_reference(connection, reference) == ["loaded ref.industry"]
        assert build.build(connection, PROJECT / "include").marts
        before = everything(connection)
        moved: set[str] = set()
        for files in CHANGES:
            for department, name, content in files:
                outcome = changed.send(department, name, content)
                assert outcome.state == "accepted", (name, changed.receipt(outcome)["findings"])
            built = build.build(connection, PROJECT / "include")
            assert built.marts, files
            now = everything(connection)
            assert now != before, files
            moved |= {file for file in now if now[file] != before[file]}
            before = now
        pieces = before
        assert pieces.keys() == {file.relation for file in FILES.daily}
        assert {"mart.resumption_daily", "mart.fee_reduction", "mart.enterprise_status", "check.X01", "check.X03"} <= moved
        assert {"mart.fee_reduction_daily", "mart.relief_projection", "check.X25"} <= moved
        from_nothing(connection)
        whole = everything(connection)
    assert [name for name in pieces if pieces[name] != whole[name]] == []
    assert sum(map(len, whole.values())) > 4000
