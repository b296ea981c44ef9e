"""Whatever lies in an inbox is answered clearly, and holds nobody up.

Every case of `CASES` is dropped at once, between good files of three departments, and taken in one run; then each has a test.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
from psycopg.rows import dict_row

from fugong.core.settings import Settings
from fugong.intake import collect as collecting
from fugong.intake.collect import collect
from fugong.intake.folders import work_folder
from fugong.validation.context import IntakeContext
from tests.fixtures.big_files import send_big_file
from tests.fixtures.files import AFTER, BEFORE, LONG_TEXT, SHEET, bomb, packed
from tests.fixtures.inbox import (
    INDUSTRY_HEADER,
    REGISTER_HEADER,
    TAX_HEADER,
    WATER_HEADER,
    Inbox,
    as_csv,
    as_xlsx,
    code,
    industry_row,
    register_row,
    tax_row,
    water_row,
)

Make = Callable[[Path], object]
OLD_NUMBER = "410106000000015"
FAR_FUTURE = "20991231"


@dataclass(frozen=True)
class Case:
    """A file, and how it is answered.

    Attributes:
        content: bytes, or how to make whatever it is at a path.
        state: that it ends in.
        codes: of its findings.
        says: what the Chinese receipt has to say: cell, value, remedy.
        rows: accepted, set aside.
    """

    name: str
    content: bytes | Make
    state: str
    codes: set[str] = field(default_factory=set[str])
    says: tuple[str, ...] = ()
    rows: tuple[int, int] = (0, 0)


def tax(first: int, n: int = 2, **cells: str) -> list[list[str]]:
    """Good lines, of which the last has other cells."""
    return [*(tax_row(number) for number in range(first, first + n - 1)), tax_row(first + n - 1, **cells)]


def spoilt(first: int, **cells: str) -> bytes:
    """A good line, then one with these cells."""
    rows = tax(first)
    for header, value in cells.items():
        at = next(at for at, name in enumerate(TAX_HEADER) if name.partition("(")[0] == header)
        rows[1][at] = value
    return as_csv(TAX_HEADER, rows)


def without(header: str) -> bytes:
    at = TAX_HEADER.index(header)
    return as_csv([*TAX_HEADER[:at], *TAX_HEADER[at + 1 :]], [[*row[:at], *row[at + 1 :]] for row in tax(600)])


def far_cell() -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(TAX_HEADER, tax(2400))))
    book.worksheets[0]["XFD1048576"] = "x"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write(content: bytes) -> Make:
    return lambda path: path.write_bytes(content)


def folder(path: Path) -> None:
    path.mkdir()
    (path / "20200318_R04_TAX.csv").write_bytes(as_csv(TAX_HEADER, tax(9000)))


def second_name(path: Path) -> None:
    elsewhere = path.parents[3] / f"elsewhere-{path.parents[2].name}.csv"
    elsewhere.write_bytes(as_csv(TAX_HEADER, tax(9100)))
    path.hardlink_to(elsewhere)


TWIN = as_csv(TAX_HEADER, tax(2100))
CASES: dict[str, Case] = {
    "an empty file": Case("20200318_R04_空.csv", b"", "rejected", {"empty-file"}, ("空的", "零报告")),
    "a half-written workbook": Case(
        "20200318_R04_半.xlsx", as_xlsx(TAX_HEADER, tax(100, 50))[:3000], "rejected", {"truncated-file"}, ("不完整", "另存")
    ),
    "a workbook named .csv": Case("20200318_R04_甲.csv", as_xlsx(TAX_HEADER, tax(200)), "accepted", rows=(2, 0)),
    "a text named .xlsx": Case("20200318_R04_乙.xlsx", as_csv(TAX_HEADER, tax(300)), "accepted", rows=(2, 0)),
    "an unknown report": Case(
        "会议通知20200318.csv", as_csv(["事项", "地点"], [["开会", "二楼"]]), "rejected", {"unknown-report"}, ("会议通知", "R04 税费减免退日报")
    ),
    "a wrong department's folder": Case(
        "20200318_R01.csv", as_csv(INDUSTRY_HEADER, [industry_row(1)]), "rejected", {"wrong-department"}, ("R01", "税务局", "区工业和信息化局", "转给应报单位"),
        (0, 1),
    ),
    "a missing column": Case(
        "20200318_R04_缺列.csv", without("减免性质代码"), "rejected", {"missing-column"}, ("缺少必填列“减免性质代码”", "请补上这一列"), (0, 2)
    ),
    "an extra column": Case(
        "20200318_R04_多列.csv", as_csv([*TAX_HEADER, "经办科室"], [[*row, "一科"] for row in tax(700)]), "accepted", {"extra-column"},
        ("经办科室", "N1"), (2, 0),
    ),
    "columns in another order": Case(
        "20200318_R04_换序.csv", as_csv(TAX_HEADER[::-1], [row[::-1] for row in tax(800)]), "accepted", rows=(2, 0)
    ),
    "a misspelt header": Case(
        "20200318_R04_错字.csv", as_csv(["减免性制代码" if h == "减免性质代码" else h for h in TAX_HEADER], tax(900)), "rejected",
        {"missing-column", "extra-column"}, ("减免性质代码", "有一列“减免性制代码”", "是否写错"), (0, 2),
    ),
    "no report date": Case("R04 税费减免退日报.csv", as_csv(TAX_HEADER, tax(1000)), "rejected", {"no-report-date"}, ("没有统计日期", "20200318"), (0, 2)),
    "two report dates": Case(
        "20200318_R04_两日.csv", as_csv(TAX_HEADER, tax(1100), titles=["统计日期:2020年3月17日"]), "rejected", {"two-report-dates"},
        ("20200318、2020年3月17日", "只保留正确的那一个"), (0, 2),
    ),
    "a future date": Case(f"{FAR_FUTURE}_R04.csv", as_csv(TAX_HEADER, tax(1200)), "rejected", {"future-date"}, (FAR_FUTURE, "核对统计日期"), (0, 2)),
    "a duplicated key": Case(
        "20200318_R04_重号.csv", as_csv(TAX_HEADER, [tax_row(1300), tax_row(1301), tax_row(1300, "5.00")]), "partly_accepted",
        {"duplicate-key"}, ("A2", "A4", "凭证号", "D01300", "只保留正确的一行"), (1, 2),
    ),
    "a credit code eaten by Excel": Case(
        "20200318_R04_科学计数.csv", spoilt(1400, 统一社会信用代码="9.14E+17"), "partly_accepted", {"uscc-scientific"},
        ("B3", "9.14E+17", "设为文本格式"), (1, 1),
    ),
    "an old number that the register knows": Case(
        "20200318_R04_旧号.csv", spoilt(1500, 统一社会信用代码=OLD_NUMBER), "partly_accepted", {"uscc-old-number"},
        ("B3", OLD_NUMBER, f"请改填 18 位统一社会信用代码 {code(77)}。"), (1, 1),
    ),
    "an old number that nobody knows": Case(
        "20200318_R04_旧号2.csv", spoilt(1600, 统一社会信用代码="410106000000099"), "partly_accepted", {"uscc-old-number"},
        ("B3", "410106000000099", "请改填 18 位统一社会信用代码。"), (1, 1),
    ),
    "text in a number column": Case(
        "20200318_R04_文字.csv", spoilt(1700, 计税依据="约3500"), "partly_accepted", {"approximate-number"}, ("I3", "约3500", "不是确定的数", "请填准确的数"), (1, 1)
    ),
    "the 31st of February": Case(
        "20200318_R04_假日期.csv", spoilt(1800, 业务日期="2020-02-31"), "partly_accepted", {"not-a-date"}, ("L3", "2020-02-31", "请填真实的日期"), (1, 1)
    ),
    "a negative relief without a reversal": Case(
        "20200318_R04_负数.csv", spoilt(1900, 减免税额="-1000"), "partly_accepted", {"negative-without-reversal"}, ("J3", "-1000", "冲销"), (1, 1)
    ),
    "rows after the total": Case(
        "20200318_R04_合计后.csv",
        as_csv(TAX_HEADER, [*tax(2000), ["合计", *[""] * 8, "2000.00", "", "", ""], tax_row(2010)]), "accepted", {"control-total"},
        ("J4", "2000.00", "3000.00", "是否漏行"), (3, 0),
    ),
    "a file": Case("20200318_R04_原件.csv", TWIN, "accepted", rows=(2, 0)),
    "the same file under another name": Case("20200318_R04_原件最终版.csv", TWIN, "duplicate", says=("重复报送",)),
    "a cell at the end of the sheet": Case(
        "20200318_R04_远.xlsx", far_cell(), "rejected", {"far-cell"}, ("XFD1048576", "Ctrl+End")
    ),
    "a name that points elsewhere": Case("20200318_R04_a\\..\\..\\..\\b.csv", as_csv(TAX_HEADER, tax(2500)), "accepted", rows=(2, 0)),
    "a name with control characters": Case(
        "20200318_R04\n\x1b[31m\u202e.csv", as_csv(TAX_HEADER, tax(2600)), "accepted", rows=(2, 0)
    ),
    "a name in another encoding": Case(
        os.fsdecode("20200318_R04_国标.csv".encode("gb18030")), as_csv(TAX_HEADER, tax(2700)), "accepted", rows=(2, 0)
    ),
    "a name as long as can be": Case("20200318_R04_" + "长" * 79 + ".csv", as_csv(TAX_HEADER, tax(2800)), "accepted", rows=(2, 0)),
    "a symbolic link": Case("20200318_R04_链接.csv", lambda path: path.symlink_to("/etc/hostname"), "rejected", {"not-a-file"}, ("链接", "文件本身")),
    "a link to nothing": Case("20200318_R04_断链.csv", lambda path: path.symlink_to("nowhere"), "rejected", {"not-a-file"}, ("链接",)),
    "a pipe": Case("20200318_R04_管道.csv", os.mkfifo, "rejected", {"not-a-file"}, ("文件本身",)),
    "a folder": Case("3月18日", folder, "rejected", {"a-folder"}, ("3月18日", "文件夹", "逐个直接放入")),
    "a second name of a file elsewhere": Case(
        "20200318_R04_硬链接.csv", second_name, "rejected", {"not-a-file"}, ("文件本身",)
    ),
    "a name that ends in a dot and a space": Case("20200318_R04_尾.csv. ", as_csv(TAX_HEADER, tax(3500)), "accepted", rows=(2, 0)),
    "a name that Windows keeps for itself": Case("NUL.20200318_R04.csv", as_csv(TAX_HEADER, tax(3600)), "accepted", rows=(2, 0)),
    "a name in wide letters": Case("２０２００３１８_Ｒ０４_Ａ.csv", as_csv(TAX_HEADER, tax(3700)), "accepted", rows=(2, 0)),
    "its twin in narrow ones": Case("20200318_R04_A.csv", as_csv(TAX_HEADER, tax(3800)), "accepted", rows=(2, 0)),
    "a packed table": Case("20200318_R04.zip", packed({"报送/税费.xlsx": as_xlsx(TAX_HEADER, tax(3900))}), "accepted", rows=(2, 0)),
    "two packed tables": Case(
        "20200318_R04_两份.zip", packed({"甲.csv": as_csv(TAX_HEADER, tax(1)), "乙.csv": b"1"}), "rejected", {"several-files"}, ("甲.csv、乙.csv", "逐个")
    ),
    "600 MB in one string of a small workbook": Case(
        "20200318_R04_长串.xlsx", bomb(SHEET, BEFORE + b'<row><c t="inlineStr"><is><t>', LONG_TEXT * 50, 600, b"</t></is></c></row>" + AFTER),
        "rejected", {"too-large"}, ("单元格的长度",),
    ),
    "600 MB in many strings of a small workbook": Case(
        "20200318_R04_炸弹.xlsx", bomb(SHEET, BEFORE, (b'<row><c t="inlineStr"><is><t>' + LONG_TEXT + b"</t></is></c></row>") * 50, 600, AFTER),
        "rejected", {"too-much-memory"}, ("512 MB", "另存"),
    ),
    "a byte of no encoding": Case(
        "20200318_R04_乱码.csv", as_csv(TAX_HEADER, tax(2900, 3), "gb18030").replace("财税".encode("gb18030"), b"\xb2\xff", 1), "rejected",
        {"undecodable"}, ("第 2 行", "CSV UTF-8"),
    ),
    "a number beyond all columns": Case(
        "20200318_R04_天文.csv", spoilt(3000, 计税依据="1E+27"), "partly_accepted", {"number-too-large"}, ("I3", "1E+27", "核对数值和单位"), (1, 1)
    ),
    "a NUL in a cell": Case("20200318_R04_零.csv", spoilt(3100, 政策文号="财税\x00号"), "rejected", {"undecodable"}, ("第 3 行",)),
    "a key as long as a novel": Case("20200318_R04_长号.csv", spoilt(3200, 凭证号="".join(f"{n:x}" for n in range(5000))), "partly_accepted", {"text-too-long"}, ("A3", "凭证号"), (1, 1)),
    "a date in the year 9999": Case("20200318_R04_9999.csv", spoilt(3300, 业务日期="9999-12-31"), "partly_accepted", {"after-arrival"}, ("L3",), (1, 1)),
    "formulas for the next reader": Case(
        "20200318_R04_公式.csv", spoilt(3400, 凭证号="=HYPERLINK(1)", 计税依据="@SUM(1)"), "partly_accepted", {"not-a-number"}, ("I3", "@SUM(1)"), (1, 1)
    ),
}  # fmt: skip
GOOD = {
    ("TAX", "20200317_R04_TAX_V1.csv"): as_csv(TAX_HEADER, [tax_row(number, day="2020-03-17") for number in range(9500, 9510)]),
    ("GXJ", "20200318_R01_GXJ_V1.xlsx"): as_xlsx(INDUSTRY_HEADER, [industry_row(number) for number in range(1, 21)]),
    ("GSGS", "20200318_R08_GSGS_V1.csv"): as_csv(WATER_HEADER, [water_row(number) for number in range(1, 21)], "gb18030"),
}


@dataclass(frozen=True)
class Answered:
    """The one run, and every submission by the name that it has in the warehouse."""

    inbox: Inbox
    by_name: dict[tuple[str, str], dict[str, Any]]

    def text(self, row: dict[str, Any]) -> str:
        [path] = (self.inbox.settings.outbox / row["department_code"]).glob(f"*.{row['submission_id']}.回执.txt")
        return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def answered(empty_warehouse: tuple[Path, str], context: IntakeContext, tmp_path_factory: pytest.TempPathFactory) -> Answered:
    inbox = Inbox.create(empty_warehouse, "bad_input", tmp_path_factory.mktemp("bad_input"), context)
    registered = inbox.send("TJJ", "20200316_R00_TJJ_V1.csv", as_csv(REGISTER_HEADER, [register_row(77, old_number=OLD_NUMBER)]))
    assert registered.state == "accepted", inbox.receipt(registered)["findings"]
    for (department, name), content in GOOD.items():
        inbox.drop(department, name, content)
    for case in CASES.values():
        path = inbox.settings.inbox / "TAX" / case.name
        (write(case.content) if isinstance(case.content, bytes) else case.content)(path)
    inbox.drop("TAX", "~$20200318_R04.xlsx", b"lock")
    inbox.drop("TAX", "20200318_R04.csv.part", b"half")
    inbox.ingest()
    with psycopg.connect(inbox.settings.warehouse_url) as connection:
        rows = connection.cursor(row_factory=dict_row).execute("SELECT * FROM intake.submission").fetchall()
    return Answered(inbox, {(row["department_code"], row["file_name"]): row for row in rows if row["department_code"] != "TJJ"})


def stored(name: str) -> str:
    return collecting.storable(name)


def test_every_file_is_settled_and_answered_and_the_good_ones_are_accepted(answered: Answered) -> None:
    dropped = {("TAX", stored(case.name)) for case in CASES.values()} | GOOD.keys()
    assert answered.by_name.keys() == dropped
    assert len(dropped) == len(CASES) + len(GOOD)
    assert all(row["replied_at"] for row in answered.by_name.values())
    assert {answered.by_name[good]["state"] for good in GOOD} == {"accepted"}
    assert [answered.by_name[good]["rows_accepted"] for good in GOOD] == [10, 20, 20]
    assert answered.inbox.is_balanced()
    left = {path.name for path in (answered.inbox.settings.inbox / "TAX").iterdir()}
    assert left == {"~$20200318_R04.xlsx", "20200318_R04.csv.part", CASES["a folder"].name, "试投"}
    assert list(work_folder(answered.inbox.settings, "TAX").iterdir()) == []


@pytest.mark.parametrize("name", CASES)
def test_it_is_answered(answered: Answered, name: str) -> None:
    case = CASES[name]
    row = answered.by_name["TAX", stored(case.name)]
    findings = answered.inbox.rows("SELECT code, message_zh FROM intake.finding WHERE submission_id = %s", row["submission_id"])
    assert (row["state"], {code for code, _ in findings}) == (case.state, case.codes), findings
    assert (row["rows_accepted"], row["rows_set_aside"]) == case.rows
    text = answered.text(row)
    for words in case.says:
        assert words in text
    assert "{" not in text


def test_receipts_lie_in_the_senders_outbox_and_nowhere_else(answered: Answered) -> None:
    outbox = answered.inbox.settings.outbox
    assert {path.name for path in outbox.iterdir() if any(path.iterdir())} == {"TAX", "GXJ", "GSGS", "TJJ"}
    receipts = [path for path in (outbox / "TAX").iterdir() if path.name.endswith(".回执.json")]
    assert len(receipts) == len(CASES) + 1
    assert all(path.is_file() for path in (outbox / "TAX").iterdir())
    home = {
        path.name for path in answered.inbox.settings.home.iterdir() if path.name not in {"inbox", "outbox", "archive", "spool"}
    }
    assert [path for name in home for path in (answered.inbox.settings.home / name).iterdir()] == []
    assert list(answered.inbox.settings.spool.iterdir()) == []


def test_another_run_answers_nothing_twice(answered: Answered) -> None:
    before = answered.inbox.rows("SELECT COUNT(*), MAX(replied_at) FROM intake.submission")
    assert answered.inbox.ingest() == []
    assert answered.inbox.rows("SELECT COUNT(*), MAX(replied_at) FROM intake.submission") == before


def test_a_file_replaced_while_it_is_read_is_two_submissions(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = as_csv(TAX_HEADER, tax(1)), as_csv(TAX_HEADER, tax(5))
    name = "20200318_R04_TAX.csv"
    inbox.drop("TAX", name, first)
    archive = collecting.archive

    def meanwhile(settings: Settings, path: Path, **limit: int) -> tuple[str, int]:
        if path.read_bytes() == first:
            inbox.drop("TAX", name, second)
        return archive(settings, path, **limit)

    monkeypatch.setattr(collecting, "archive", meanwhile)
    assert [outcome.state for outcome in (*inbox.ingest(), *inbox.ingest())] == ["accepted", "accepted"]
    assert inbox.keys("tax_relief", "doc_id") == ["D00001", "D00002", "D00005", "D00006"]
    assert inbox.rows("SELECT COUNT(DISTINCT sha256), MIN(file_name), MAX(file_name) FROM intake.submission") == [(2, name, name)]


@pytest.mark.parametrize("is_name_in_use", [False, True])
def test_what_a_sender_writes_after_a_pause_is_taken_too(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, is_name_in_use: bool
) -> None:
    name = "20200318_R04_TAX_V1.csv"
    path = inbox.drop("TAX", name, as_csv(TAX_HEADER, [tax_row(1)]))
    archive = collecting.archive

    def sender_goes_on(settings: Settings, taken: Path, **limit: int) -> tuple[str, int]:
        monkeypatch.setattr(collecting, "archive", archive)
        found = archive(settings, taken, **limit)
        with taken.open("ab") as file:
            file.write(as_csv(TAX_HEADER, [tax_row(2)], encoding="utf-8").split(b"\r\n", 1)[1])
        if is_name_in_use:
            inbox.drop("TAX", name, as_csv(TAX_HEADER, [tax_row(3)]))
        return found

    monkeypatch.setattr(collecting, "archive", sender_goes_on)
    inbox.ingest()
    assert path.exists()
    inbox.ingest()
    assert not path.exists()
    assert inbox.keys("tax_relief", "doc_id") == ["D00001", "D00002", "D00003"][: 3 if is_name_in_use else 2]
    assert not any(work_folder(inbox.settings, "TAX").iterdir())


def test_a_file_still_being_written_is_left_for_later(inbox: Inbox) -> None:
    content = as_csv(TAX_HEADER, tax(1))
    path = inbox.drop("TAX", "20200318_R04_TAX.csv", content[:100])
    inbox.drop("GXJ", "20200318_R01_GXJ.csv", as_csv(INDUSTRY_HEADER, [industry_row(1)]))
    done = threading.Event()

    def go_on() -> None:
        with path.open("ab") as file:
            while not done.wait(0.02):
                file.write(b" ")
                file.flush()

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        found = collect(inbox.settings, settle_seconds=0.2)
    finally:
        done.set()
        writer.join()
    assert found.unfinished == [path]
    assert inbox.rows("SELECT department_code FROM intake.submission") == [("GXJ",)]
    path.write_bytes(content)
    assert [outcome.rows_accepted for outcome in inbox.ingest()] == [1, 2]


def test_a_file_of_60_mb_is_accepted_in_bounded_memory(inbox: Inbox) -> None:
    """The whole way, in a process of its own; `make prove` sends larger ones."""
    assert send_big_file(inbox, 460_000).size > 60_000_000
