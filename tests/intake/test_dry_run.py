"""试投: the receipt that a file would get, and nothing kept."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from psycopg import sql
from typer.testing import CliRunner

from fugong.cli.app import app
from fugong.intake.pipeline import check_file
from fugong.warehouse.connection import connect
from tests.fixtures.inbox import TAX_HEADER, Inbox, as_csv, tax_row
from tests.receipts.test_resubmission import AMOUNT, amounts, mended_whole, two_bad_rows

SPOILED = as_csv(TAX_HEADER, [tax_row(1), tax_row(2, "约3500")])


def contents(inbox: Inbox) -> dict[str, list[str]]:
    """All that is kept: rows of every table of intake and report, files of inbox, archive and outbox."""
    tables = inbox.rows(
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_schema IN ('intake', 'report') AND table_type = 'BASE TABLE' ORDER BY 1, 2"
    )
    kept: dict[str, list[str]] = {}
    with connect(inbox.settings) as connection:
        for schema, name in tables:
            rows = connection.execute(sql.SQL("SELECT t::text FROM {} AS t ORDER BY 1").format(sql.Identifier(schema, name)))
            kept[f"{schema}.{name}"] = [row[0] for row in rows]
    for folder in (inbox.settings.inbox, inbox.settings.archive, inbox.settings.outbox, inbox.settings.spool):
        kept[folder.name] = sorted(str(path) for path in folder.rglob("*") if path.is_file())
    return kept


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A report with a bad row, outside the inbox."""
    path = tmp_path / "20200318_R04_TAX_V1.csv"
    path.write_bytes(SPOILED)
    return path


def test_a_trial_gives_the_same_receipt_and_keeps_nothing(inbox: Inbox, file: Path, tmp_path: Path) -> None:
    inbox.send("TAX", "R04 3.17.csv", as_csv(TAX_HEADER, [tax_row(9, day="2020-03-17")]))
    before = contents(inbox)
    assert len(before["intake.submission"]) == 1
    document = check_file(inbox.settings, file, "TAX", tmp_path / "answer")
    assert contents(inbox) == before
    assert sorted(path.name for path in (tmp_path / "answer").iterdir()) == [
        "20200318_R04_TAX_V1.试投.回执.json",
        "20200318_R04_TAX_V1.试投.回执.txt",
        "20200318_R04_TAX_V1.试投.回执.xlsx",
    ]
    sent = inbox.receipt(inbox.send("TAX", file.name, SPOILED))
    for name in ("state", "report", "report_date", "rows_read", "rows_accepted", "rows_set_aside", "findings", "finding_counts"):
        assert document[name] == sent[name], name
    assert json.loads((tmp_path / "answer" / "20200318_R04_TAX_V1.试投.回执.json").read_text(encoding="utf-8")) == document


def test_a_trial_sees_what_was_sent_before(inbox: Inbox, file: Path) -> None:
    inbox.send("TAX", "R04 3.18.csv", as_csv(TAX_HEADER, [tax_row(1, "77.00")]))
    document = check_file(inbox.settings, file, "TAX")
    assert (document["state"], document["finding_counts"][-1]["code"]) == ("rejected", "changed-rows")
    assert amounts(inbox) == {"D00001": "77.00"}


def test_returned_rows_are_tried_as_a_repair(inbox: Inbox, tmp_path: Path) -> None:
    first = two_bad_rows(inbox)
    name, content = mended_whole(inbox, first, {("退回行", 1, AMOUNT): 3500})
    (tmp_path / name).write_bytes(content)
    before = contents(inbox)
    document = check_file(inbox.settings, tmp_path / name, "TAX")
    assert (document["state"], document["repairs"], document["rows_accepted"]) == ("partly_accepted", first.submission_id, 1)
    assert contents(inbox) == before


def test_the_workbook_of_a_trial_is_no_receipt_of_anything_kept(inbox: Inbox, file: Path, tmp_path: Path) -> None:
    check_file(inbox.settings, file, "TAX", tmp_path)
    path = tmp_path / "20200318_R04_TAX_V1.试投.回执.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["回执", "退回行", "原表"]
    assert book["退回行"]["A1"].value.startswith("退回行 · 报送编号 0(试投")
    dropped = inbox.send("TAX", path.name, path.read_bytes())
    assert (dropped.state, inbox.codes(dropped)) == ("rejected", {"unknown-submission"})


def test_the_command_prints_the_receipt_and_says_where_its_files_are(
    inbox: Inbox, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FUGONG_HOME", str(inbox.settings.home))
    monkeypatch.setenv("FUGONG_WAREHOUSE", str(inbox.settings.warehouse_url))
    words = ["check", str(file), "--department", "TAX", "-o", str(tmp_path / "answer")]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 1, said.output  # rows would go back
    assert "部分入库\uff08试投\uff0c什么也没有保存\uff09" in said.stdout
    assert (tmp_path / "answer" / "20200318_R04_TAX_V1.试投.回执.xlsx").is_file()
    document = json.loads(CliRunner().invoke(app, [*words[:4], "--json"]).stdout)
    assert (document["state"], document["rows_set_aside"]) == ("partly_accepted", 1)
    assert "unreadable-cell" in {item["code"] for item in document["findings"]}
    assert workbook_count(inbox) == 0


def workbook_count(inbox: Inbox) -> int:
    """Receipts in the outbox."""
    return len(list(inbox.settings.outbox.rglob("*.xlsx")))
