"""A sender answers doubts in the sheets 待核实 and 退回行: what is taken, what is asked again, what is told."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl

from fugong.core.sanitize import restore
from fugong.core.time import SHANGHAI
from fugong.intake.types import Outcome
from fugong.receipts.answers import MAX_REASON
from tests.fixtures.inbox import INDUSTRY_HEADER, TAX_HEADER, Inbox, as_csv, as_xlsx, code, industry_row, tax_row
from tests.receipts.test_resubmission import AMOUNT, as_bytes, changed, two_bad_rows, workbook_of

VERDICT, NOTE = "核实结果", "核实说明"
Given = Mapping[int, tuple[str, str]]
"""Row below the header → what is written into the two cells for the answer."""


def industry(inbox: Inbox, day: int = 18, *, on_post: object = 150, name: str = "", at: datetime | None = None) -> Outcome:
    """A daily report in which a firm has more people on post (150) than it employs, or another number."""
    rows = [industry_row(number) for number in range(1, 13)]
    rows[2][9] = on_post
    content = as_xlsx(INDUSTRY_HEADER, rows, ["规上工业企业复工复产日报", f"统计日期:2020年3月{day}日"])
    at = at or (datetime(2020, 3, day + 1, 9, tzinfo=SHANGHAI) if day > 18 else None)
    return inbox.send("GXJ", name or f"R01 3.{day}.xlsx", content, at=at)


def filled_in(path: Path, given: Given, sheet: str = "待核实", *, only: bool = False) -> bytes:
    """A workbook whose doubts are answered; only that sheet, if wanted."""
    changes = {
        (sheet, row, header): cell for row, cells in given.items() for header, cell in zip((VERDICT, NOTE), cells, strict=True)
    }
    others = [name for name in openpyxl.load_workbook(path).sheetnames if name != sheet] if only else []
    return changed(path, changes, without=others)


def as_text(content: bytes, sheet: str = "待核实", *, delimiter: str = ",", skip: int = 0) -> bytes:
    """One sheet of a workbook, as the clerk saves it as a text."""
    page = openpyxl.load_workbook(io.BytesIO(content))[sheet]
    text = io.StringIO()
    rows = [["" if cell is None else cell for cell in row] for row in page.iter_rows(values_only=True)]
    csv.writer(text, delimiter=delimiter).writerows(rows[skip:])
    return text.getvalue().encode("gb18030")


def answers(inbox: Inbox) -> list[tuple[str, str, bool]]:
    """Verdict and reason of every answer, and whether it holds."""
    return inbox.rows("SELECT verdict, reason, superseded_at IS NULL FROM intake.answer ORDER BY answer_id")


def doubts(path: Path) -> list[tuple[object, ...]]:
    """What the sheet 待核实 asks, without the numbers."""
    book = openpyxl.load_workbook(path)
    return [row[1:] for row in book["待核实"].iter_rows(min_row=4, values_only=True)] if "待核实" in book.sheetnames else []


def confirmed(inbox: Inbox, reason: str = "停产检修") -> Outcome:
    """The doubt of 18 March, and its sender's word that the value is right."""
    first = industry(inbox)
    assert inbox.send("GXJ", "回复.xlsx", filled_in(workbook_of(inbox, first), {1: ("属实", reason)})).state == "accepted"
    return first


def test_a_confirmed_value_is_not_asked_about_the_next_day(inbox: Inbox) -> None:
    first = industry(inbox)
    [(place, item, value, sentence, *empty)] = doubts(workbook_of(inbox, first))
    assert (place, item, value, empty) == (f"第 6 行 J6\n{code(3)}", "到岗人数", "150", [None, None])
    assert "用工" in str(sentence)
    assert "待核实" in (inbox.settings.outbox / "GXJ" / f"R01 3.18.{first.submission_id}.回执.txt").read_text(encoding="utf-8")
    answer = inbox.send("GXJ", "回复.xlsx", filled_in(workbook_of(inbox, first), {1: ("属实", "停产检修")}))
    assert (answer.state, answer.rows_read, answer.report) == ("accepted", 0, None)
    [taken] = inbox.receipt(answer)["answers"]
    assert (taken["verdict"], taken["reason"], taken["value"], taken["code"]) == (
        "confirmed",
        "停产检修",
        "150",
        "above-normal-staff",
    )
    told = next((inbox.settings.outbox / "GXJ").glob(f"*.{answer.submission_id}.回执.txt")).read_text(encoding="utf-8")
    assert "已收 1 条核实说明。" in told
    assert "属实\uff1a停产检修" in told

    second = industry(inbox, 19)
    receipt = inbox.receipt(second)
    assert [(one["code"], one["verdict"], one["reason"]) for one in receipt["verified"]] == [
        ("above-normal-staff", "confirmed", "停产检修")
    ]
    assert (receipt["findings"], receipt["n_to_verify"]) == ([], 0)
    assert "已核实属实\uff1a停产检修" in (inbox.settings.outbox / "GXJ" / f"R01 3.19.{second.submission_id}.回执.txt").read_text(
        "utf-8"
    )
    # It is recorded all the same.
    assert inbox.rows(
        "SELECT code, value, answer_id IS NOT NULL FROM intake.finding WHERE submission_id = %s", second.submission_id
    ) == [("above-normal-staff", "150", True)]
    assert inbox.is_balanced()


def test_another_value_is_asked_about_and_told_from_the_one_that_was_confirmed(inbox: Inbox) -> None:
    confirmed(inbox)
    [(_, _, value, sentence, *_)] = doubts(workbook_of(inbox, industry(inbox, 19, on_post=160)))
    assert value == "160"
    assert str(sentence).endswith("以前核实的是“150”\uff08属实\uff1a停产检修\uff09\uff1b值变了\uff0c请重新核实。")


def test_the_sheet_alone_is_an_answer_in_any_format_and_under_any_name(inbox: Inbox) -> None:
    path = workbook_of(inbox, industry(inbox))
    forms: dict[str, Callable[[bytes], bytes]] = {
        "回复.xlsx": lambda alone: alone,
        "1.csv": as_text,
        "新建文本文档.txt": lambda alone: as_text(alone, delimiter="\t"),
        "没有标题.xlsx": lambda alone: as_text(alone, skip=2),
    }
    for name, form in forms.items():
        answer = inbox.send("GXJ", name, form(filled_in(path, {1: ("口径不同", name)}, only=True)))
        assert (answer.state, inbox.codes(answer)) == ("accepted", set()), name
    assert answers(inbox) == [("definition", name, name == "没有标题.xlsx") for name in forms]


def test_one_workbook_brings_a_mended_row_and_an_answer(inbox: Inbox) -> None:
    rows = [industry_row(number) for number in range(1, 13)]
    rows[2][9], rows[4][9] = "150", "约90"
    first = inbox.send(
        "GXJ", "R01 3.18.xlsx", as_xlsx(INDUSTRY_HEADER, rows, ["规上工业企业复工复产日报", "统计日期:2020年3月18日"])
    )
    assert (first.state, first.rows_set_aside) == ("partly_accepted", 1)
    path = workbook_of(inbox, first)
    both = changed(path, {("退回行", 1, "到岗人数"): 90, ("待核实", 1, VERDICT): "属实", ("待核实", 1, NOTE): "返岗"})
    repair = inbox.send("GXJ", "改好了.xlsx", both)
    assert (repair.state, repair.rows_accepted) == ("accepted", 1), inbox.receipt(repair)["findings"]
    assert inbox.receipt(repair)["repairs"] == first.submission_id
    assert answers(inbox) == [("confirmed", "返岗", True)]
    assert [one["reason"] for one in inbox.receipt(repair)["answers"]] == ["返岗"]
    assert (inbox.state(first), len(inbox.keys("industry_resumption", "uscc")), inbox.is_balanced()) == ("accepted", 12, True)


def test_a_returned_row_that_is_right_is_answered_and_the_other_one_mended(inbox: Inbox) -> None:
    first = two_bad_rows(inbox)
    path = workbook_of(inbox, first)
    row_answer = {("退回行", 2, VERDICT): "属实", ("退回行", 2, NOTE): "凭证遗失"}
    mixed = inbox.send("TAX", "补.csv", as_text(changed(path, {("退回行", 1, AMOUNT): 3500, **row_answer}), "退回行"))
    assert (mixed.state, mixed.rows_read, mixed.rows_accepted, mixed.rows_set_aside) == ("accepted", 1, 1, 0)
    assert answers(inbox) == [("confirmed", "凭证遗失", True)]
    receipt = inbox.receipt(mixed)
    assert (receipt["n_still_returned"], receipt["repairs"]) == (1, first.submission_id)
    assert (inbox.state(first), inbox.is_balanced()) == ("partly_accepted", True)
    # The same row the next day is not asked about again: it goes back with the answer.
    again = inbox.send(
        "TAX",
        "R04 3.19.csv",
        as_csv(TAX_HEADER, [tax_row(5, day="2020-03-19"), tax_row(4, "不详")]),
        at=datetime(2020, 3, 20, 9, tzinfo=SHANGHAI),
    )
    assert again.rows_set_aside == 1
    page = openpyxl.load_workbook(workbook_of(inbox, again))["退回行"]
    at = [cell.value for cell in page[3]].index(VERDICT) + 1
    assert (page.cell(4, at).value, page.cell(4, at + 1).value) == ("属实", "凭证遗失")


def test_answers_to_returned_rows_alone_judge_no_row_again(inbox: Inbox) -> None:
    first = two_bad_rows(inbox)
    alone = filled_in(workbook_of(inbox, first), {1: ("待查", ""), 2: ("属实", "凭证遗失")}, "退回行", only=True)
    answer = inbox.send("TAX", "说明.xlsx", alone)
    assert (answer.state, answer.rows_read, inbox.codes(answer)) == ("accepted", 0, set())
    assert answers(inbox) == [("pending", "", True), ("confirmed", "凭证遗失", True)]
    assert inbox.rows("SELECT COUNT(*) FROM intake.set_aside_row") == [(2,)]


def test_nobody_answers_for_another_department(inbox: Inbox) -> None:
    content = filled_in(workbook_of(inbox, industry(inbox)), {1: ("属实", "停产检修")}, only=True)
    foreign = inbox.send("TAX", "回复.xlsx", content)
    assert (foreign.state, inbox.codes(foreign)) == ("rejected", {"answer-of-nobody", "no-answer-taken"})
    assert answers(inbox) == []
    assert not [one for one in inbox.receipt(foreign)["findings"] if "150" in str(one)]
    assert inbox.receipt(industry(inbox, 19))["n_to_verify"] == 1


def test_the_same_answers_twice_have_no_second_effect_and_other_ones_supersede_them(inbox: Inbox) -> None:
    first = industry(inbox)
    path = workbook_of(inbox, first)
    content = filled_in(path, {1: ("属实", "停产检修")})
    assert [inbox.send("GXJ", f"回复{n}.xlsx", content).state for n in range(3)] == ["accepted", "duplicate", "duplicate"]
    assert answers(inbox) == [("confirmed", "停产检修", True)]
    inbox.send("GXJ", "回复.xlsx", filled_in(path, {1: ("待查", "再问一问")}))
    assert answers(inbox) == [("confirmed", "停产检修", False), ("pending", "再问一问", True)]
    [(ended, begun)] = inbox.rows(
        "SELECT MAX(superseded_at), MAX(answered_at) FROM intake.answer WHERE verdict = 'confirmed' OR superseded_at IS NULL"
    )
    assert ended == begun
    # 待查 keeps the question open, and what was said stands in its cells.
    [(*_, verdict, note)] = doubts(workbook_of(inbox, industry(inbox, 19)))
    assert (verdict, note) == ("待查", "再问一问")


def test_corrected_without_a_change_is_told_and_taken_once_it_is_true(inbox: Inbox) -> None:
    first = industry(inbox)
    content = filled_in(workbook_of(inbox, first), {1: ("已改", "")}, only=True)
    early = inbox.send("GXJ", "回复.xlsx", content)
    assert (early.state, inbox.codes(early)) == ("rejected", {"answer-not-mended", "no-answer-taken"})
    industry(inbox, on_post=95, name="R01 3.18 更正.xlsx")
    assert inbox.send("GXJ", "回复.xlsx", content).state == "accepted"
    assert answers(inbox) == [("corrected", "", True)]
    # The value that was corrected is asked about when it comes back.
    assert inbox.receipt(industry(inbox, 19))["n_to_verify"] == 1


def test_an_answer_about_a_value_that_has_changed_is_told_to_be_stale(inbox: Inbox) -> None:
    content = filled_in(workbook_of(inbox, industry(inbox)), {1: ("属实", "停产检修")}, only=True)
    industry(inbox, on_post=160, name="R01 3.18 更正.xlsx")
    late = inbox.send("GXJ", "回复.xlsx", content)
    assert (late.state, inbox.codes(late)) == ("rejected", {"answer-stale", "no-answer-taken"})
    told = [one["message_zh"] for one in inbox.receipt(late)["findings"] if one["code"] == "answer-stale"]
    assert told[0].startswith("这一条核实说明没有收:问的“150”后来已经变了,现在是“160”,不必再答。")
    assert answers(inbox) == []


HOSTILE = {
    "'=cmd|' /C calc'!A0": ("属实", None),
    "<script>alert(1)</script>": ("属实", None),
    "[red]停产[/x]": ("属实", None),
    "\u202e停产\n\n检修": ("属实", None),
    "停" * MAX_REASON: ("属实", None),
    "停" * (MAX_REASON + 1): ("属实", "answer-too-long"),
    "": ("属实", "answer-without-reason"),
    "……": ("口径不同", "answer-without-reason"),
    "停产检修": ("看情况", "answer-unclear"),
    "联系 13812345678": ("属实", "personal-contact"),
}
"""What a stranger writes → the verdict, and the finding that it makes."""
ID_NUMBER = "41010619800307001X"


def test_the_text_of_a_stranger_is_kept_only_if_it_can_do_no_harm(inbox: Inbox) -> None:
    def send(day: int, on_post: int) -> Outcome:
        rows = [industry_row(number, on_post=on_post) for number in range(1, len(HOSTILE) + 1)]
        return inbox.send(
            "GXJ", f"R01 3.{day}.csv", as_csv(INDUSTRY_HEADER, rows), at=datetime(2020, 3, day + 1, 9, tzinfo=SHANGHAI)
        )

    path = workbook_of(inbox, send(18, 150))
    assert len(doubts(path)) == len(HOSTILE)
    with_id = inbox.send("GXJ", "回复1.xlsx", filled_in(path, {1: ("属实", f"身份证 {ID_NUMBER}")}, only=True))
    assert (with_id.state, inbox.codes(with_id), answers(inbox)) == ("rejected", {"personal-data"}, [])

    given = {row: (verdict, reason) for row, (reason, (verdict, _)) in enumerate(HOSTILE.items(), start=1)}
    answer = inbox.send("GXJ", "回复2.xlsx", filled_in(path, given, only=True))
    told = inbox.rows("SELECT row_number - 3, code FROM intake.finding WHERE submission_id = %s", answer.submission_id)
    assert dict(told) == {row: code for row, (_, code) in enumerate(HOSTILE.values(), start=1) if code}
    kept = [restore(reason).replace("\u202e", "").replace("\n", " ") for reason, (_, code) in HOSTILE.items() if code is None]
    assert [said for _, said, _ in answers(inbox)] == [*kept, "联系 138****5678"]
    assert answer.state == "accepted"
    # They are quoted beside another value; nothing of it runs.
    book = openpyxl.load_workbook(workbook_of(inbox, send(19, 160)))
    assert all(cell.data_type != "f" for page in book for row in page.iter_rows() for cell in row)
    assert "=cmd|' /C calc'!A0" in str(book["待核实"]["E4"].value)
    shown = "".join(path.read_text("utf-8") for path in (inbox.settings.outbox / "GXJ").glob("*.txt"))
    assert not any(secret in shown for secret in ("13812345678", ID_NUMBER))


def test_a_clerk_may_write_both_into_one_cell(inbox: Inbox) -> None:
    path = workbook_of(inbox, industry(inbox))
    assert inbox.send("GXJ", "回复.xlsx", filled_in(path, {1: ("属实\uff1a停产检修", "")}, only=True)).state == "accepted"
    assert inbox.send("GXJ", "回复.xlsx", filled_in(path, {1: ("", "口径不同,含派遣")}, only=True)).state == "accepted"
    assert [one[:2] for one in answers(inbox)] == [("confirmed", "停产检修"), ("definition", "含派遣")]


def test_doubts_without_any_answer_are_told_and_nothing_is_recorded(inbox: Inbox) -> None:
    path = workbook_of(inbox, industry(inbox))
    blank = inbox.send("GXJ", "回复.xlsx", filled_in(path, {}, only=True))
    assert (blank.state, inbox.codes(blank)) == ("rejected", {"nothing-answered"})
    whole = inbox.send("GXJ", "回复2.xlsx", as_bytes(openpyxl.load_workbook(path)))
    assert inbox.codes(whole) == {"nothing-changed"}


def test_an_answer_holds_from_the_day_it_was_asked_about(inbox: Inbox) -> None:
    confirmed(inbox)
    assert inbox.receipt(industry(inbox, 17, at=datetime(2020, 3, 19, 15, tzinfo=SHANGHAI)))["n_to_verify"] == 1
    assert (
        inbox.receipt(industry(inbox, 20, at=datetime(2020, 3, 19, 9, tzinfo=SHANGHAI) + timedelta(days=2)))["n_to_verify"] == 0
    )
