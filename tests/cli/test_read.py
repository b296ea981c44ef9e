"""`fugong read`: files of every format, printed as table, JSON and CSV; refusals in a sentence."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
import xlwt
from typer.testing import CliRunner, Result

from fugong.cli.app import app
from tests.fixtures.files import big_xls, ods, packed, xls, xlsx

HEADER = ["企业名称", "金额(元)", "日期"]
ROWS = [["甲厂", "12.5", "2020-03-01"], ["乙厂", "3", "2020-03-02"], ["丙厂", "7.25", "2020-03-03"]]
LINES = "上街区日报\n" + "".join(",".join(row) + "\n" for row in [HEADER, *ROWS]) + "合计,22.75,\n"

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "120")

    def read(content: bytes, *options: str, name: str = "文件") -> Result:
        path = tmp_path / name
        path.write_bytes(content)
        return CliRunner().invoke(app, ["read", str(path), *options])

    return read


def book(rows: list[list[str]]) -> Callable[[xlsxwriter.Workbook], object]:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("日报")
        sheet.write(0, 0, "上街区日报")
        for index, row in enumerate([HEADER, *rows, ["合计", "22.75"]], 1):
            sheet.write_row(index, 0, row)

    return fill


def old_book(sheet: xlwt.Worksheet) -> None:
    for index, row in enumerate([["上街区日报"], HEADER, *ROWS, ["合计", "22.75"]]):
        for column, cell in enumerate(row):
            sheet.write(index, column, cell)


def ods_rows() -> str:
    return "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row)
        + "</table:table-row>"
        for row in [["上街区日报"], HEADER, *ROWS, ["合计", "22.75"]]
    )


def html() -> bytes:
    rows = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>"
        for row in [["上街区日报"], HEADER, *ROWS, ["合计", "22.75"]]
    )
    return f"<html><body><table>{rows}</table></body></html>".encode()


FORMATS = {
    "utf-8": LINES.encode(),
    "utf-8 with mark": b"\xef\xbb\xbf" + LINES.encode(),
    "gb18030": LINES.encode("gb18030"),
    "utf-16": b"\xff\xfe" + LINES.encode("utf-16-le"),
    "tabs": LINES.replace(",", "\t").encode(),
    "semicolons, CR": LINES.replace(",", ";").replace("\n", "\r").encode(),
    "xlsx": xlsx(book(ROWS)),
    "xls": xls(old_book),
    "ods": ods(ods_rows()),
    "html": html(),
    "zip": packed({"日报.csv": LINES.encode("gb18030")}),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_table(run: Run, name: str) -> None:
    result = run(FORMATS[name], "--json")
    assert result.exit_code == 0, result.output
    (table,) = json.loads(result.stdout)
    assert table["header"] == HEADER
    assert table["rows"] == ROWS
    assert table["n_rows"] == 3
    assert table["range"] == "A2:C6"
    assert [(item["rows"], item["why"]) for item in table["left_out"]] == [("1", "title"), ("6", "total")]
    printed = run(FORMATS[name], "--csv")
    assert list(csv.reader(io.StringIO(printed.stdout))) == [HEADER, *ROWS]


def test_json_says_how_a_text_was_cut_and_why(run: Run) -> None:
    (table,) = json.loads(run(LINES.replace(",", ";").encode("gb18030"), "--json", "--lang", "en").stdout)
    reasons = table["dialect"].pop("reasons")
    assert table["dialect"] == {
        "encoding": "gb18030",
        "delimiter": ";",
        "quote": '"',
        "escape": '"',
        "line_end": "\n",
        "skips_blanks": False,
        "merges": False,
    }
    assert reasons[0].startswith("most records have 3 cells")
    assert table["header_reason"] == "header in row 2: words here, numbers, dates or codes below"
    assert table["sheet"] is None


def test_western_text_is_read_where_nothing_else_fits(run: Run) -> None:
    lines = "Städte;Anzahl\n" + "".join(f"Köln-{i};{i}\n" for i in range(5))
    (table,) = json.loads(run(lines.encode("cp1252"), "--json").stdout)
    assert table["header"] == ["Städte", "Anzahl"]
    assert table["dialect"]["encoding"] == "cp1252"


def test_utf_16_without_a_mark_is_read(run: Run) -> None:
    (table,) = json.loads(run("day,amount\n2020-03-01,1\n2020-03-02,2\n".encode("utf-16-be"), "--json").stdout)
    assert table["rows"] == [["2020-03-01", "1"], ["2020-03-02", "2"]]


def test_the_screen_shows_tables_limits_and_what_was_left_out(run: Run) -> None:
    shown = run(LINES.encode(), "--limit", "2").stdout
    for words in (
        "找到 1 张表",
        "分隔符 逗号",
        "表 1 · A2:C6 · 3 行",
        "甲厂",
        "乙厂",
        "另有 1 行",
        "第 1 行 标题  上街区日报",
        "第 6 行 合计行",
    ):
        assert words in shown
    assert "丙厂" not in shown
    english = run(LINES.encode(), "--lang", "en").stdout
    for words in ("1 table found", "delimiter comma", "Table 1 · A2:C6 · 3 rows", "丙厂", "row 1 title", "row 6 total"):
        assert words in english


def test_what_a_cell_holds_cannot_act_on_the_screen(run: Run) -> None:
    content = "name,n\n\x1b[31mred[/bold],1\nb\u202etxt,2\n[red]x,3\n"
    shown = run(content.encode()).stdout
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[red]x" in shown
    assert run(content.encode(), "--csv").stdout.splitlines()[1] == "\x1b[31mred[/bold],1"


def test_one_table_of_several_can_be_chosen(run: Run) -> None:
    def two(workbook: xlsxwriter.Workbook) -> None:
        book(ROWS)(workbook)
        sheet = workbook.add_worksheet("附表")
        for index, row in enumerate([["code", "n"], *[[f"A{i}", str(i)] for i in range(9)]]):
            sheet.write_row(index, 0, row)

    content = xlsx(two)
    assert [table["sheet"] for table in json.loads(run(content, "--json").stdout)] == ["日报", "附表"]
    assert run(content, "--csv").stdout.splitlines()[0] == "code,n"
    assert run(content, "--csv", "--table", "1").stdout.splitlines()[0] == ",".join(HEADER)
    assert [table["sheet"] for table in json.loads(run(content, "--json", "--table", "2").stdout)] == ["附表"]
    missing = run(content, "--table", "3")
    assert missing.exit_code == 1
    assert "没有第 3 张表,共找到 2 张。" in missing.stderr


@pytest.mark.parametrize(
    ("content", "zh", "en"),
    [
        (b"%PDF-1.4 \x00", "PDF", "PDF"),
        (big_xls()[:3000], "完整", "complete"),
        ("某某厂,1\n".encode() * 9 + "某某厂,1\n".encode("gb18030"), "字节", "byte"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(run: Run, content: bytes, zh: str, en: str) -> None:
    for lang, words in (("zh", zh), ("en", en)):
        result = run(content, "--lang", lang)
        assert result.exit_code == 1
        assert result.stdout == ""
        assert words in result.stderr
        assert "Traceback" not in result.stderr


def test_a_file_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["read", str(tmp_path / "nothing.csv"), "--lang", "en"])
    assert result.exit_code == 1
    assert "there is no such file" in result.stderr.replace("\n", " ")


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text(LINES)
    (tmp_path / "link.csv").symlink_to("real.csv")
    result = CliRunner().invoke(app, ["read", str(tmp_path / "link.csv"), "--csv"])
    assert list(csv.reader(io.StringIO(result.stdout))) == [HEADER, *ROWS]


def test_an_empty_file_has_no_table(run: Run) -> None:
    assert "空的" in run(b"").stdout
    assert json.loads(run(b"", "--json").stdout) == []
    printed = run(b"", "--csv")
    assert (printed.exit_code, printed.stdout) == (0, "")


def test_blank_cells_stay_as_typed_and_rows_as_long(run: Run) -> None:
    content = b"n,what,how\n1, ,x\n2,,\n3\n4,a,b,c\n"
    (table,) = json.loads(run(content, "--json").stdout)
    assert table["rows"] == [["1", " ", "x"], ["2", "", ""], ["3"], ["4", "a", "b", "c"]]
    assert run(content, "--csv").stdout.encode() == content


def test_json_and_csv_exclude_each_other(run: Run) -> None:
    assert run(LINES.encode(), "--json", "--csv").exit_code == 2


def test_a_quote_out_of_place_is_told(run: Run) -> None:
    lines = LINES.replace("乙厂", '"乙厂')
    (table,) = json.loads(run(lines.encode(), "--json").stdout)
    assert table["rows"][1] == ['"乙厂', "3", "2020-03-02"]
    assert "1 条记录的引号位置不对" in table["dialect"]["reasons"][1]
