"""Marts as files, opened with other programs than ours."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from fugong.analysis import formats
from fugong.cli import app
from fugong.core.bilingual import Bilingual
from fugong.core.settings import PROJECT, Settings
from fugong.marts.sql_files import load_sql_files
from fugong.warehouse.connection import connect

Run = Callable[..., Result]


@pytest.fixture
def run(sample_district: Settings) -> Run:
    environment = {
        "FUGONG_HOME": str(sample_district.home),
        "FUGONG_DISTRICT": str(PROJECT),
        "FUGONG_WAREHOUSE": "",
        "COLUMNS": "200",
    }

    def typed(*words: object) -> Result:
        return CliRunner().invoke(app.app, [str(word) for word in words], env=environment)

    return typed


def test_parquet_keeps_types_comments_and_every_row(run: Run, sample_district: Settings, tmp_path: Path) -> None:
    done = run("export", "fee_reduction", "--role", "taskforce", "-o", tmp_path / "relief.parquet", "--json")
    assert done.exit_code == 0, done.output
    table = pq.read_table(tmp_path / "relief.parquet")
    assert json.loads(done.stdout)["rows"] == {str(tmp_path / "relief.parquet"): table.num_rows}
    assert pa.types.is_decimal(table.schema.field("claimed").type)
    assert table.schema.field("period").type == pa.date32()
    assert table.schema.field("claimed").metadata[b"comment"].decode() == "申报金额(元) | By the department's account, yuan"
    assert table.schema.metadata[b"grain"] == b"one row per policy_id, uscc, period"
    with connect(sample_district) as connection:
        wanted = connection.execute("SELECT COUNT(*), SUM(claimed) FROM mart.fee_reduction").fetchone()
    claimed = [value.as_py() for value in table.column("claimed")]
    assert (len(claimed), sum(value for value in claimed if value)) == wanted


def test_an_analyst_gets_what_is_open_and_nothing_else(run: Run, sample_district: Settings, tmp_path: Path) -> None:
    assert run("export", "--all", "-o", tmp_path, "--format", "parquet").exit_code == 0
    there = {mart.name for mart in load_sql_files(sample_district.include / "sql").marts if mart.is_open}
    assert {file.stem for file in tmp_path.iterdir()} == there
    relief = pq.read_table(tmp_path / "fee_reduction.parquet")
    assert "uscc" not in relief.column_names
    assert any(relief.column("is_suppressed").to_pylist())
    refused = run("export", "loan_daily", "-o", tmp_path / "no.parquet")
    assert refused.exit_code == 1
    assert "loan_daily" in refused.output
    assert not (tmp_path / "no.parquet").exists()


def test_the_past_is_guarded_as_the_present(run: Run, tmp_path: Path) -> None:
    words = ("export", "resumption_daily", "--from", "2020-03-05", "--to", "2020-03-05", "--known-at", "2020-03-06")
    assert run(*words, "-o", tmp_path / "then.parquet").exit_code == 0
    assert run(*words, "-o", tmp_path / "all.parquet", "--role", "taskforce").exit_code == 0
    assert (
        run("export", "resumption_daily", "--from", "2020-03-05", "--to", "2020-03-05", "-o", tmp_path / "now.parquet").exit_code
        == 0
    )
    then, everything, now = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("then", "all", "now"))
    assert then.column_names == now.column_names
    assert then.num_rows == everything.num_rows == now.num_rows
    assert set(then.column("as_of").to_pylist()) == {date(2020, 3, 5)}
    assert any(then.column("is_suppressed").to_pylist())
    assert "largest_output" in everything.column_names
    assert then.schema.metadata[b"known_at"] == b"2020-03-06T23:59:59.999999+08:00"


def test_csv_opens_in_a_spreadsheet(run: Run, tmp_path: Path) -> None:
    assert run("export", "reporting_compliance", "-o", tmp_path / "who.csv", "--from", "2020-03-16").exit_code == 0
    content = (tmp_path / "who.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert {line["as_of"] for line in lines} == {"2020-03-16", "2020-03-17", "2020-03-18"}
    assert {line["is_received"] for line in lines} == {"true", "false"}
    assert any(line["received_at"].endswith("+08:00") for line in lines)


def test_a_workbook_has_chinese_headers_dates_numbers_and_codes_as_text(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "relief.xlsx"
    assert run("export", "fee_reduction", "--role", "taskforce", "-o", file).exit_code == 0
    book = openpyxl.load_workbook(file)
    sheet = book["fee_reduction"]
    header = {str(cell.value): place for place, cell in enumerate(sheet[1])}
    assert list(header)[:3] == ["政策编号", "统一社会信用代码", "所属月份"]
    row = next(line for line in sheet.iter_rows(min_row=2) if line[header["申报金额(元)"]].value)
    assert isinstance(row[header["所属月份"]].value, datetime)
    assert row[header["所属月份"]].number_format == "yyyy-mm-dd"
    code = row[header["统一社会信用代码"]]
    assert (code.data_type, code.number_format) == ("s", "@")
    assert row[header["申报金额(元)"]].number_format == "#,##0.00"
    assert sheet.freeze_panes in {"A2", "B2"}
    assert [cell.value for cell in book["说明"][2]] == ["policy_id", "政策编号", "Policy"]


def test_nothing_in_a_file_runs_as_a_formula(tmp_path: Path) -> None:
    columns = [
        formats.Column("said", "text", Bilingual("内容", "Text")),
        formats.Column("paid", "numeric", Bilingual("金额(元)", "Yuan")),
    ]
    texts = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-5", "\t=2", "正常"]

    def table() -> formats.Table:
        rows: Any = iter([(text, Decimal("-3.50")) for text in texts])
        return formats.Table("t", columns, rows, {})

    formats.write(table(), tmp_path / "t.xlsx", "xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["t"]
    cells = [line[0] for line in sheet.iter_rows(min_row=2)]
    assert [cell.data_type for cell in cells] == ["s"] * len(texts)
    assert [str(cell.value)[0] for cell in cells] == ["'", "'", "'", "-", "'", "正"] or all(
        cell.data_type != "f" for cell in cells
    )
    assert [line[1].value for line in sheet.iter_rows(min_row=2)] == [-3.5] * len(texts)
    formats.write(table(), tmp_path / "t.csv", "csv")
    lines = list(csv.reader((tmp_path / "t.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [line[0][:1] for line in lines[1:]] == ["'", "'", "'", "-", "'", "正"]


def test_an_export_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    def rows() -> Any:
        yield ("a",)
        raise RuntimeError("the server went away")

    for form in formats.FORMATS:
        with pytest.raises(RuntimeError):
            formats.write(
                formats.Table("t", [formats.Column("a", "text", Bilingual("甲", "A"))], rows(), {}), tmp_path / f"t.{form}", form
            )
    assert list(tmp_path.iterdir()) == []
