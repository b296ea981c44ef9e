"""Receipts against a real PostgreSQL: rows of `intake` in, files in the outbox out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
from psycopg.types.json import Jsonb

from fugong.core.settings import PROJECT, Settings
from fugong.intake.submissions import fix_receipt
from fugong.receipts import receipt, styles, text
from fugong.storage.archive import archived
from fugong.validation.context import IntakeContext
from tests.fixtures.inbox import Inbox, as_csv

ID_NUMBER = "110101199003071233"  # made up; its check digit fits
HEADERS = ["凭证号", "统一社会信用代码", "征收项目", "优惠类型", "减免税额(元)", "业务日期", "备注"]


@pytest.fixture
def connection(inbox: Inbox) -> Iterator[psycopg.Connection[Any]]:
    """A connection to an empty warehouse, in whose calendar 20 March 2020 is a holiday; nothing is kept."""
    assert inbox.settings.warehouse_url
    with psycopg.connect(inbox.settings.warehouse_url) as connection:
        connection.execute("DELETE FROM ref.calendar")
        connection.execute("INSERT INTO ref.calendar (date, is_workday) VALUES ('2020-03-20', false)")
        yield connection
        connection.rollback()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, district=PROJECT, warehouse_url=None)


def submit(connection: psycopg.Connection[Any], state: str, **columns: Any) -> int:
    given: dict[str, Any] = {
        "arrival_id": f"test-{id(columns)}-{columns}",
        "department_code": "TAX",
        "report": "tax_relief",
        "report_date": "2020-03-18",
        "file_name": "20200318_R04_TAX_V1.xlsx",
        "sha256": hashlib.sha256(repr(columns).encode()).hexdigest(),
        "byte_size": 12_345,
        "state": state,
        "contract_version": "1.0.0",
        "received_at": "2020-03-19 09:12:00+08",
        "settled_at": None if state == "received" else "2020-03-19 09:12:03+08",
        "recorded_at": "2020-03-19 09:12:01+08",
        "due_at": "2020-03-19 10:00:00+08",
    } | columns
    names = ", ".join(given)
    places = ", ".join(["%s"] * len(given))
    found = connection.execute(
        f"INSERT INTO intake.submission ({names}) VALUES ({places}) RETURNING submission_id".encode(), list(given.values())
    ).fetchone()
    assert found
    return found[0]


def add_part(connection: psycopg.Connection[Any], submission_id: int, **columns: Any) -> int:
    given: dict[str, Any] = {
        "submission_id": submission_id,
        "department_code": "TAX",
        "table_name": "tax_relief",
        "sheet": "Sheet1",
        "unit": "TAX",
        "report_date": "2020-03-18",
        "mode": "increment",
        "settled_serial": 1,
        "received_at": "2020-03-19 09:12:00+08",
        "settled_at": "2020-03-19 09:12:03+08",
    } | columns
    connection.execute(
        "INSERT INTO intake.reporting_unit VALUES (%s, %s) ON CONFLICT DO NOTHING", (given["table_name"], given["unit"])
    )
    names = ", ".join(given)
    places = ", ".join(["%s"] * len(given))
    found = connection.execute(
        f"INSERT INTO intake.part ({names}) VALUES ({places}) RETURNING part_id".encode(), list(given.values())
    ).fetchone()
    assert found
    return found[0]


def add_finding(connection: psycopg.Connection[Any], submission_id: int, **columns: Any) -> None:
    given: dict[str, Any] = {
        "submission_id": submission_id,
        "sheet": "Sheet1",
        "severity": "set_aside",
        "code": "not-a-number",
        "message_en": "It is wrong.",
    } | columns
    names = ", ".join(given)
    places = ", ".join(["%s"] * len(given))
    connection.execute(f"INSERT INTO intake.finding ({names}) VALUES ({places})".encode(), list(given.values()))


def set_aside(
    connection: psycopg.Connection[Any],
    submission_id: int,
    row_number: int,
    cells: dict[str, str | None] | None,
    *reasons: dict[str, Any],
    sheet: str = "Sheet1",
) -> None:
    pairs = None if cells is None else Jsonb([[header, cells.get(header)] for header in HEADERS])
    connection.execute(
        "INSERT INTO intake.set_aside_row (submission_id, table_name, sheet, row_number, cells, reasons) VALUES (%s, 'tax_relief', %s, %s, %s, %s)",
        (submission_id, sheet, row_number, pairs, Jsonb(list(reasons))),
    )


def reason(column: str | None, header: str | None, message: str, code: str = "not-a-number") -> dict[str, Any]:
    return {"column": column, "header": header, "code": code, "message_zh": message, "message_en": "It is wrong."}


def answer(connection: psycopg.Connection[Any], settings: Settings, context: IntakeContext, number: int) -> list[Path]:
    """Write the receipt; the archive holds the file."""
    for (sha256,) in connection.execute("SELECT sha256 FROM intake.submission").fetchall():
        path = archived(settings, sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_csv(HEADERS, [["20200318000001", "91410106Y00000016N", "增值税", "减", "约3500", "2020-03-18", ""]]))
    found = receipt.load(connection, context.contracts, number)
    fix_receipt(connection, number, found.moment)
    return receipt.write(connection, settings, context, found, names={"TAX": "区税务局"})


def partly_accepted(connection: psycopg.Connection[Any]) -> int:
    """126 rows in, three back: a word for a number, a wrong check digit, and a remark that would run as a formula."""
    submission_id = submit(connection, "partly_accepted", rows_read=131, rows_accepted=126, rows_set_aside=3, rows_not_data=2)
    add_part(connection, submission_id, rows_read=131, rows_accepted=126, rows_set_aside=3, rows_not_data=2)
    base: dict[str, str | None] = {
        "统一社会信用代码": "91410106Y00000016N",
        "征收项目": "增值税",
        "优惠类型": "减",
        "业务日期": "2020-03-18",
    }
    said = "“减免税额(元)”应为数字,填的是“约3500”。请只填数字,例如 1379.88;没有数据请留空。"
    add_finding(
        connection,
        submission_id,
        row_number=45,
        cell="E45",
        column_name="amt_relief",
        value="约3500",
        message_zh=said,
        message_en='"减免税额(元)" should be a number, found "约3500". Write digits only, e.g. 1379.88.',
    )
    set_aside(
        connection,
        submission_id,
        45,
        base | {"凭证号": "20200318000045", "减免税额(元)": "约3500", "备注": '=HYPERLINK("http://x","点我")'},
        reason("amt_relief", "减免税额(元)", said),
    )
    said = "“统一社会信用代码”校验位不对:91410106Y00000016M,末位应为 N。请按营业执照逐位核对。"
    add_finding(
        connection,
        submission_id,
        row_number=61,
        cell="B61",
        column_name="uscc",
        code="uscc-check-digit",
        value="91410106Y00000016M",
        message_zh=said,
    )
    set_aside(
        connection,
        submission_id,
        61,
        base | {"凭证号": "20200318000061", "统一社会信用代码": "91410106Y00000016M", "减免税额(元)": "-12.5", "备注": "- 红冲"},
        reason("uscc", "统一社会信用代码", said, "uscc-check-digit"),
    )
    said = f"“统一社会信用代码”应为 18 位统一社会信用代码,填的是“{ID_NUMBER}”。请按营业执照核对。"
    more = "“优惠类型”只能填:减、免、退、缓;填的是“补”。请从上述各项中选填。"
    add_finding(
        connection,
        submission_id,
        row_number=70,
        cell="B70",
        column_name="uscc",
        code="uscc-malformed",
        value=ID_NUMBER,
        message_zh=said,
        n_same=5,
    )
    set_aside(
        connection,
        submission_id,
        70,
        base
        | {
            "凭证号": "20200318000070",
            "统一社会信用代码": ID_NUMBER,
            "优惠类型": "补",
            "减免税额(元)": "1379.88",
            "备注": "联系人 13800138000",
        },
        reason("uscc", "统一社会信用代码", said, "uscc-malformed"),
        reason("relief_kind", "优惠类型", more, "unknown-code"),
    )
    return submission_id


def test_a_partly_accepted_file_gets_three_files_that_say_what_was_taken_and_what_to_mend(
    connection: psycopg.Connection[Any], settings: Settings, context: IntakeContext
) -> None:
    number = partly_accepted(connection)
    paths = answer(connection, settings, context, number)
    stem = f"20200318_R04_TAX_V1.{number}"
    assert [path.name for path in paths] == [f"{stem}.回执.json", f"{stem}.回执.txt", f"{stem}.回执.xlsx"]
    assert {path.parent for path in paths} == {settings.outbox / "TAX"}
    assert sorted(path.name for path in (settings.outbox / "TAX").iterdir()) == sorted(path.name for path in paths)

    said = paths[1].read_text(encoding="utf-8").splitlines()
    assert said[0] == "2020-03-18 税费减免退日报 —— 部分入库\uff1a已收 126 行\uff0c退回 3 行。"
    assert "  第 45 行 E45“减免税额(元)”应为数字\uff0c填的是“约3500”。请只填数字\uff0c例如 1379.88\uff1b没有数据请留空。" in said
    assert any("同类问题还有 4 处\uff0c见回执工作簿" in line for line in said)
    assert said[-4].endswith("已入库的 126 行不必再报。")
    assert f"{stem}.回执.xlsx" in said[-4]
    assert "“核实结果”" in said[-3]
    assert said[-2] == "请在 2020-03-19 10:00 前报送。"
    assert re.search(r"^存证首 [0-9]+:[0-9a-f]{64} 已含本报送", said[-1])

    document = json.loads(paths[0].read_text(encoding="utf-8"))
    assert document["state"] == "partly_accepted"
    assert document["state_zh"] == "部分入库"
    assert document["received_at"] == "2020-03-19T09:12:00+08:00"
    assert len(document["findings"]) == 3
    assert set(document["findings"][0]) == {
        "sheet", "row_number", "cell", "column_name", "code", "severity", "value", "message_zh", "message_en", "n_same", "proposed",
        "is_doubtful",
    }  # fmt: skip
    columns = {
        name
        for (name,) in connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'intake' AND table_name = 'submission'"
        )
    }
    assert columns - set(document) == receipt.INTERNAL_COLUMNS
    assert document["parts"][0]["rows_accepted"] == 126


def test_no_personal_data_leaves_the_house(
    connection: psycopg.Connection[Any], settings: Settings, context: IntakeContext
) -> None:
    paths = answer(connection, settings, context, partly_accepted(connection))
    book = openpyxl.load_workbook(paths[2])
    cells = [str(cell.value) for page in book for row in page.iter_rows() for cell in row if cell.value is not None]
    cells += [cell.comment.text for page in book for row in page.iter_rows() for cell in row if cell.comment]
    everything = "\n".join((*cells, *(path.read_text(encoding="utf-8") for path in paths[:2])))
    assert ID_NUMBER not in everything
    assert "13800138000" not in everything
    assert "110***********1233" in everything
    assert "91410106Y00000016M" in everything


def test_returned_rows_keep_the_columns_as_sent_and_mark_the_cells_at_fault(
    connection: psycopg.Connection[Any], settings: Settings, context: IntakeContext
) -> None:
    number = partly_accepted(connection)
    paths = answer(connection, settings, context, number)
    book = openpyxl.load_workbook(paths[2])
    assert book.sheetnames == ["回执", "退回行", "原表"]
    page = book["退回行"]
    assert page["A1"].value.startswith(f"退回行 · 报送编号 {number} · 税费减免退日报 · 2020-03-18")
    assert [cell.value for cell in page[3]] == ["行号", *HEADERS, "核实结果", "核实说明", "退回原因"]
    assert page.freeze_panes == "B4"
    assert [page.cell(line, 1).value for line in (4, 5, 6)] == [45, 61, 70]
    yellow = {cell.coordinate for row in page.iter_rows(min_row=4) for cell in row if cell.fill.fgColor.rgb == "FFFFEB3B"}
    assert yellow == {"F4", "C5", "C6", "E6"}
    assert {cell.coordinate for row in page.iter_rows() for cell in row if cell.comment} == yellow
    assert "应为数字" in page["F4"].comment.text
    assert "例如\uff1a91410106Y00000016N" in page["C6"].comment.text
    assert page["K6"].value.startswith("1. ")
    assert "\n2. " in page["K6"].value


def test_nothing_in_the_returned_rows_runs_and_negative_numbers_stay_numbers(
    connection: psycopg.Connection[Any], settings: Settings, context: IntakeContext
) -> None:
    paths = answer(connection, settings, context, partly_accepted(connection))
    page = openpyxl.load_workbook(paths[2])["退回行"]
    assert page["H4"].value == '\'=HYPERLINK("http://x","点我")'
    assert page["H4"].data_type == "s"
    assert page["H4"].quotePrefix
    assert page["H5"].value == "'- 红冲"
    assert (page["F5"].value, page["F5"].data_type) == (-12.5, "n")
    assert (page["B4"].value, page["B4"].data_type, page["B4"].number_format) == ("20200318000045", "s", "@")
    assert page["C4"].value == "91410106Y00000016N"


def test_the_same_receipt_twice_is_the_same_bytes_even_after_a_newer_version(
    connection: psycopg.Connection[Any], settings: Settings, context: IntakeContext
) -> None:
    number = partly_accepted(connection)
    first = {path: path.read_bytes() for path in answer(connection, settings, context, number)}
    newer = submit(connection, "accepted", file_name="20200318_R04_TAX_V2.xlsx", rows_read=129, rows_accepted=129)
    part = add_part(connection, newer, version=2)
    connection.execute(
        "UPDATE intake.part SET superseded_by = %s, superseded_at = now() WHERE submission_id = %s", (part, number)
    )
    connection.execute(
        "UPDATE intake.submission SET state = 'superseded', replied_at = now() WHERE submission_id = %s", (number,)
    )
    second = {path: path.read_bytes() for path in answer(connection, settings, context, number)}
    assert first == second
    assert receipt.load(connection, context.contracts, number).state_now == "superseded"
    assert f"替换了第 {number} 号报送。" in text.text(receipt.load(connection, context.contracts, newer).document)


def test_a_workbook_stays_when_the_cells_it_was_made_from_are_deleted(
    connection: psycopg.Connection[Any], settings: Settings, context: IntakeContext
) -> None:
    number = partly_accepted(connection)
    first = {path: path.read_bytes() for path in answer(connection, settings, context, number)}
    connection.execute("UPDATE intake.set_aside_row SET cells = NULL WHERE submission_id = %s", (number,))
    again = answer(connection, settings, context, number)
    assert [path.suffix for path in again] == [".json", ".txt"]
    assert {path: path.read_bytes() for path in first} == first


def test_a_submission_that_is_not_settled_has_no_receipt_yet(
    connection: psycopg.Connection[Any], settings: Settings, context: IntakeContext
) -> None:
    number = submit(connection, "received")
    with pytest.raises(receipt.NotYetSettledError):
        answer(connection, settings, context, number)
    assert not [*settings.outbox.glob("*/*")]
    with pytest.raises(LookupError, match="999999"):
        receipt.load(connection, context.contracts, 999_999)


def test_each_state_closes_with_a_sentence_of_its_own(
    connection: psycopg.Connection[Any], settings: Settings, context: IntakeContext
) -> None:
    accepted = submit(connection, "accepted", sha256="a" * 64, rows_read=5, rows_accepted=5)
    duplicate = submit(connection, "duplicate", sha256="a" * 64, received_at="2020-03-19 11:00:00+08")
    older = submit(connection, "superseded", file_name="V1晚到.xlsx", rows_read=5, rows_accepted=5)
    newer_part = add_part(connection, accepted)
    add_part(connection, older, superseded_by=newer_part, superseded_at="2020-03-19 09:12:03+08")
    withdrawal = submit(connection, "accepted", file_name="20200318_R04_TAX_作废.xlsx")
    withdrawn = submit(connection, "withdrawn", rows_read=5, rows_accepted=5)
    add_part(
        connection,
        withdrawn,
        superseded_by=add_part(connection, withdrawal, kind="withdrawal"),
        superseded_at="2020-03-19 09:12:03+08",
    )
    asked_back = submit(connection, "rejected", rows_read=58, rows_set_aside=58)
    add_finding(
        connection,
        asked_back,
        sheet="",
        code="fewer-keys",
        severity="rejected",
        message_zh="替换后只剩原来的 58/118 个企业。若确实要这样替换,请在文件名中加“确认”二字重新放入。",
    )
    unreadable = submit(connection, "rejected", report=None, report_date=None, file_name="新建文件.xlsx", due_at=None)
    nil = submit(connection, "accepted")
    mended = submit(connection, "accepted", repairs=asked_back, rows_read=2, rows_accepted=2)

    texts = {
        number: text.text(receipt.load(connection, context.contracts, number).document)
        for number in (accepted, duplicate, older, withdrawal, withdrawn, asked_back, unreadable, nil, mended)
    }
    assert len({said.splitlines()[0] for said in texts.values()}) == len(texts)
    assert "已收 5 行" in texts[accepted]
    assert f"内容与第 {accepted} 号报送" in texts[duplicate]
    assert "2020-03-19 09:12 收到" in texts[duplicate]
    assert f"第 {accepted} 号报送" in texts[older].splitlines()[0]
    assert f"作废已办理\uff0c撤回第 {withdrawn} 号报送" in texts[withdrawal]
    assert f"已按第 {withdrawal} 号报送" in texts[withdrawn]
    assert "回答\uff1a确认\uff08就照这样收\uff09。" in texts[asked_back]
    assert "请在 2020-03-19 10:00 前报送。" in texts[asked_back]
    assert texts[unreadable].startswith("“新建文件.xlsx” —— 整份退回")
    assert "前报送" not in texts[unreadable]
    assert "零报告" in texts[nil]
    assert f"第 {asked_back} 号报送退回的行已全部补齐" in texts[mended]


def test_names_of_receipts_are_safe_whatever_the_sender_called_the_file(
    connection: psycopg.Connection[Any], settings: Settings, context: IntakeContext
) -> None:
    number = submit(connection, "accepted", file_name="../../\u202eslx.税务\n|CON.xlsx")
    for path in answer(connection, settings, context, number):
        assert path.parent == settings.outbox / "TAX"
        assert path.name.startswith(f"_._slx.税务 _CON.{number}.回执.")


def test_a_sheet_name_that_excel_refuses_is_changed_and_every_sheet_is_there(
    connection: psycopg.Connection[Any], settings: Settings, context: IntakeContext
) -> None:
    number = submit(connection, "rejected", rows_read=3, rows_set_aside=3)
    for sheet in ("", "3/18", "一个很长很长很长很长很长很长很长很长很长很长很长很长的表名"):
        set_aside(connection, number, 5, {"凭证号": "1"}, reason("doc_id", "凭证号", "重复。"), sheet=sheet)
    paths = answer(connection, settings, context, number)
    names = openpyxl.load_workbook(paths[2]).sheetnames
    assert names == [
        "回执",
        "退回行 税费减免退",
        "退回行 3_18",
        "退回行 一个很长很长很长很长很长很长很长很长很长很长很长很长的表名"[:31],
        "原表",
    ]


def test_thousands_of_returned_rows_are_written_without_thousands_of_comments(
    connection: psycopg.Connection[Any], settings: Settings, context: IntakeContext
) -> None:
    number = submit(connection, "rejected", rows_read=5_000, rows_set_aside=5_000)
    connection.execute(
        """
        INSERT INTO intake.set_aside_row (submission_id, table_name, sheet, row_number, cells, reasons)
        SELECT %s, 'tax_relief', 'Sheet1', n,
            jsonb_build_array(jsonb_build_array('凭证号', n::text), jsonb_build_array('减免税额', '约' || n)),
            '[{"column": "amt_relief", "header": "减免税额", "code": "not-a-number", "message_zh": "应为数字。", "message_en": ""}]'
        FROM generate_series(5, 5004) AS n
        """,
        (number,),
    )
    paths = answer(connection, settings, context, number)
    page = openpyxl.load_workbook(paths[2])["退回行"]
    assert page.max_row == 5_003
    assert sum(1 for row in page.iter_rows() for cell in row if cell.comment) == styles.MAX_COMMENTS
    assert page["F5003"].value == "应为数字。"
