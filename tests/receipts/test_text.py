"""The sentences of a receipt, and text made safe to show, to name a file by and to open in a spreadsheet."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fugong.core.sanitize import file_stem, neutralise, one_line, restore
from fugong.core.typesetting import set_chinese, width
from fugong.core.vocabulary import Lang, Severity, State
from fugong.findings.catalogue import CATALOGUE, finding
from fugong.parsing.file_name import without_our_ending
from fugong.receipts import text as receipt
from fugong.receipts.phrases import PHRASES


def document(**changes: Any) -> dict[str, Any]:
    return (
        {
            "submission_id": 42,
            "department_code": "TAX",
            "report": "tax_relief",
            "report_name": "税费减免退日报",
            "report_name_en": "Tax and fee relief",
            "report_date": "2020-03-18",
            "file_name": "20200318_R04_TAX_V1.xlsx",
            "state": "accepted",
            "received_at": "2020-03-19T09:12:00+08:00",
            "due_at": "2020-03-19T10:00:00+08:00",
            "repairs": None,
            "rows_read": 0,
            "rows_accepted": 0,
            "rows_set_aside": 0,
            "rows_not_data": 0,
            "related": None,
            "replaced": [],
            "withdrawn": [],
            "n_still_returned": 0,
            "n_returned": 0,
            "is_trial": False,
            "workbook": None,
            "parts": [],
            "tables": [],
            "findings": [],
            "finding_counts": [],
            "verified": [],
            "answers": [],
            "n_to_verify": 0,
        }
        | {"state_zh": State(changes.get("state", "accepted")).zh}
        | changes
    )


def found(code: str, n: int, *, listed: int = 3, **details: Any) -> dict[str, Any]:
    made = finding(code, header="减免税额", value="约3500", **details)
    one = {
        "sheet": "Sheet1",
        "row_number": 45,
        "cell": "F45",
        "column_name": "amt_relief",
        "code": code,
        "severity": str(made.severity),
        "value": made.value,
        "message_zh": made.message_zh,
        "message_en": made.message_en,
        "n_same": 1,
    }
    return {
        "findings": [one | {"row_number": 45 + place, "cell": f"F{45 + place}"} for place in range(min(n, listed))],
        "finding_counts": [{"severity": str(made.severity), "code": code, "column_name": "amt_relief", "n": n}],
    }


def test_what_was_taken_comes_first_and_three_examples_stand_for_many() -> None:
    said = receipt.text(
        document(
            state="partly_accepted", rows_read=129, rows_accepted=126, rows_set_aside=3, n_returned=3, workbook="a.42.回执.xlsx"
        )
        | found("not-a-number", 415, listed=10)
    ).splitlines()
    assert said[0] == "2020-03-18 税费减免退日报 —— 部分入库\uff1a已收 126 行\uff0c退回 3 行。"
    examples = [line for line in said if "应为数字" in line]
    assert [line.split("“")[0] for line in examples] == ["  第 45 行 F45", "  第 46 行 F46", "  第 47 行 F47"]
    assert said[said.index(examples[-1]) + 1] == "  ……同类问题还有 412 处\uff0c见回执工作簿。"


def test_the_english_receipt_says_the_same() -> None:
    said = receipt.text(
        document(
            state="partly_accepted", rows_read=129, rows_accepted=126, rows_set_aside=3, n_returned=3, workbook="a.42.回执.xlsx"
        )
        | found("not-a-number", 415),
        lang=Lang.EN,
    )
    assert said.startswith("2020-03-18 Tax and fee relief -- partly accepted: 126 rows taken, 3 returned.")
    assert 'Line 45 F45: "减免税额" should be a number, found "约3500".' in said
    assert "... and 412 more of this kind" in said
    assert said.endswith("Please send it by 2020-03-19 10:00.\n")


def test_every_state_has_words_in_both_languages() -> None:
    states = {"received", "accepted", "partly_accepted", "rejected", "duplicate", "superseded", "withdrawn"}
    assert set(State) == states
    for lang in Lang:
        closings = {receipt.text(document(state=state), lang=lang).split("\n\n")[-1] for state in states}
        assert len(closings) == len(states)
        openings = {receipt.text(document(state=state), lang=lang).split("\n")[0] for state in states}
        assert len(openings) == len(states)


def test_a_question_names_the_word_that_answers_it() -> None:
    asked = {"fewer-keys": "确认", "changed-rows": "更正"}
    for code, word in asked.items():
        details = dict.fromkeys(("kept", "before", "what", "what_en", "example"), "x")
        said = receipt.text(document(state="rejected") | found(code, 1, **details))
        assert f"在文件名中加一个词重新放入收件夹即可回答\uff1a{word}" in said
    plain = receipt.text(document(state="rejected") | found("no-report-date", 1))
    assert "加一个词" not in plain
    assert "把整份文件重新放入收件夹" in plain


def test_an_advice_about_one_word_in_a_warning_is_not_taken_for_a_question() -> None:
    assert CATALOGUE["unreadable-optional"].severity is Severity.WARNING
    assert "加一个词" not in receipt.text(document(state="rejected") | found("unreadable-optional", 1))


def test_a_file_that_is_refused_whole_does_not_say_that_its_cells_were_taken() -> None:
    said = receipt.text(document(state="rejected") | found("unreadable-optional", 1)).splitlines()
    [at] = [number for number, line in enumerate(said) if "按空值收下" in line]
    assert "这次没有收" in said[at - 1]
    said = receipt.text(document(state="rejected") | found("unreadable-optional", 1), lang=Lang.EN).splitlines()
    [at] = [number for number, line in enumerate(said) if "taken as empty" in line]
    assert "nothing was taken this time" in said[at - 1]
    assert "这次没有收" not in receipt.text(document(rows_read=1, rows_accepted=1) | found("unreadable-optional", 1))


def test_a_late_file_is_told_that_it_is_late() -> None:
    said = receipt.text(document(state="rejected", received_at="2020-03-19T10:00:01+08:00"))
    assert "报送时限 2020-03-19 10:00 已过" in said
    assert "时限" not in receipt.text(document(state="rejected", due_at=None))


def test_sheets_are_named_where_there_are_several_and_the_value_where_the_sentence_does_not_say_it() -> None:
    made = found("missing-value", 2)
    made["findings"][0]["sheet"] = "账单"
    said = receipt.text(document(state="partly_accepted") | made)
    assert "工作表“账单” 第 45 行 F45" in said
    assert "\uff08填的是“约3500”\uff09" in said


def test_what_strangers_typed_cannot_write_lines_of_its_own() -> None:
    made = found("not-a-number", 1)
    made["findings"][0]["message_zh"] = "填的是“1\n不必再报\x1b[2J\u202e”。"
    said = receipt.text(document(state="rejected", file_name="a\nb\u202e.xlsx") | made)
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert all(line != "不必再报" for line in said.splitlines())
    assert "a b.xlsx" in said


@pytest.mark.parametrize(
    ("sent", "stem"),
    [
        ("20200318_R04_TAX_V1.xlsx", "20200318_R04_TAX_V1"),
        ("../../etc/passwd", "_._etc_passwd"),
        ("..\\..\\boot.ini", "_._boot"),
        ("CON.xlsx", "_CON"),
        ("lpt1", "_lpt1"),
        ("a..b.csv", "a.b"),
        ("复工3.18", "复工3.18"),
        ("R01 3.18最终版(2).xls", "R01 3.18最终版(2)"),
        ("日报.  .xlsx", "日报"),
        ("....", "_"),
        ("", "_"),
        ("\u202efdp.\x00xlsx", "fdp. xlsx"),
        ('a<b>:"c|?*.csv', "a_b___c___"),
        ("表" * 100 + ".xlsx", "表" * 40),
    ],
)
def test_a_file_name_becomes_a_safe_stem(sent: str, stem: str) -> None:
    assert file_stem(sent) == stem


@given(st.text())
def test_any_name_at_all_becomes_a_safe_stem(name: str) -> None:
    stem = file_stem(name)
    assert 0 < len(stem.encode()) <= 120
    assert not set(stem) & set('/\\\x00\n<>:"|?*')
    assert ".." not in stem
    assert stem == stem.strip(". ")


@pytest.mark.parametrize(
    "typed", ["=1+1", "@SUM(A1)", "+1+cmd", "-1+cmd|' /C calc'!A0", "\t=1", "\r=1", "\uff1d1+1", " =1+1", "- 红冲", "=", "\n@x"]
)
def test_text_that_a_spreadsheet_could_run_gets_an_apostrophe(typed: str) -> None:
    assert neutralise(typed) == "'" + typed


@pytest.mark.parametrize(
    "typed", ["-12.5", "+3", "-1,379.88", "-3%", "-1e5", "-", "--", "\uff0d12.5", "12", "约3500", "'x", "", "a=b", "2020-03-18"]
)
def test_numbers_and_plain_text_stay(typed: str) -> None:
    assert neutralise(typed) == typed


@given(st.text())
def test_what_comes_back_is_what_was_sent(text: str) -> None:
    if not text.startswith("'"):
        assert restore(neutralise(text)) == text


def test_chinese_sentences_get_full_width_marks_outside_quotes() -> None:
    assert set_chinese("已收 126 行,退回 3 行:见“a,b:c(d)”(共 2 处)。") == (
        "已收 126 行\uff0c退回 3 行\uff1a见“a,b:c(d)”\uff08共 2 处\uff09。"
    )
    assert set_chinese("在 10:00 前,共 1,379.88 元;完") == "在 10:00 前\uff0c共 1,379.88 元\uff1b完"


@pytest.mark.parametrize(
    ("name", "plain", "number"),
    [
        ("复工3.18.12.回执.xlsx", "复工3.18.xlsx", 12),
        ("复工3.18.12.退回行 (2).xlsx", "复工3.18 (2).xlsx", 12),
        ("复工3.18.12.回执 更正.xlsx", "复工3.18 更正.xlsx", 12),
        ("复工3.18.12.回执-副本.csv", "复工3.18-副本.csv", 12),
        ("复工3.18.试投.回执.xlsx", "复工3.18.xlsx", 0),
        ("退回行.xlsx", "退回行.xlsx", None),
        ("3.12.回执单.xlsx", "3.12.回执单.xlsx", None),
    ],
)
def test_names_of_our_own_files_tell_whose_they_are(name: str, plain: str, number: int | None) -> None:
    assert without_our_ending(name) == (plain, number)


def test_a_trial_says_that_nothing_was_kept() -> None:
    for state in ("accepted", "partly_accepted", "rejected"):
        said = receipt.text(document(state=state, is_trial=True, n_returned=1, workbook="a.试投.回执.xlsx"))
        assert "试投\uff0c什么也没有保存" in said.splitlines()[0]
        assert "报送编号" not in said
        assert "退回行" not in said
        assert ("放入收件夹" in said, "再报" in said) == (False, True)


def test_width_counts_chinese_twice() -> None:
    assert width("abc\n中文字") == 6
    assert one_line("a\tb") == "a b"


def table(**changes: Any) -> dict[str, Any]:
    return {
        "table": "tax_relief",
        "sheet": "明细",
        "header_lines": [1, 1],
        "columns": ["A", "P"],
        "n_columns": 16,
        "total_lines": [],
        "other_sheets": [],
    } | changes


def test_what_was_taken_for_the_table_is_told_where_it_could_surprise() -> None:
    assert receipt.text(document(tables=[table()])) == receipt.text(document())
    deeper = [table(header_lines=[3, 4], total_lines=[230], other_sheets=["1月"])]
    assert "工作表“明细”第 3–4 行作表头，A–P 列，认出 16 列，合计行第 230 行不算数据；工作表“1月”没有读。" in receipt.text(
        document(tables=deeper)
    )
    assert 'read as: sheet "明细", header in lines 3 to 4, columns A to P, 16 known' in receipt.text(
        document(tables=deeper), "en"
    )
    hostile = [table(header_lines=[2, 2], sheet="张三13800138000\n已入库")]
    said = receipt.text(document(tables=hostile))
    assert "13800138000" not in said
    assert "\n已入库" not in said


def test_both_languages_have_the_same_phrases() -> None:
    zh, en = PHRASES[Lang.ZH], PHRASES[Lang.EN]
    for name in ("outcomes", "sections", "sections_of_rejected", "answers", "steps"):
        assert getattr(zh, name).keys() == getattr(en, name).keys() != set(), name
    assert zh.sections.keys() == set(Severity)
    assert {state.value for state in State} <= zh.outcomes.keys()


@pytest.mark.parametrize(("lang", "book"), [(Lang.ZH, "本工作簿"), (Lang.EN, "this workbook")])
def test_a_workbook_speaks_of_itself(lang: Lang, book: str) -> None:
    given = document(state="partly_accepted", n_returned=1, workbook="a.42.回执.xlsx")
    within = list(receipt.ReceiptText(given, PHRASES[lang], is_within=True).next_steps())
    assert book in within[0]
    assert "a.42.回执.xlsx" in next(receipt.ReceiptText(given, PHRASES[lang]).next_steps())


def test_a_name_with_braces_is_no_placeholder() -> None:
    said = receipt.text(document(file_name="{due}.xlsx", report_date=None, report_name=None))
    assert said.startswith("“{due}.xlsx” —— 已入库")
