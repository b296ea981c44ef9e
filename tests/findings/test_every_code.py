"""No code of the catalogue without a file that provokes it: those of the corpus, and what happens here in an inbox.

A code that nobody can provoke is dead and leaves the catalogue; a new one comes with a file of the corpus, or a happening here.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from fugong.contracts.contract import Contracts
from fugong.findings import collector
from fugong.findings.catalogue import CATALOGUE
from fugong.intake.types import Outcome
from fugong.reading.limits import Limits
from fugong.reading.reader import Reader
from tests.corpus.truth import truths
from tests.fixtures.inbox import (
    INDUSTRY_HEADER,
    TAX_HEADER,
    WATER_HEADER,
    Inbox,
    as_csv,
    as_xlsx,
    industry_row,
    tax_row,
    water_row,
)
from tests.receipts.test_resubmission import AMOUNT, as_bytes, changed, mended_whole, two_bad_rows, workbook_of

CORPUS = Path(__file__).parents[1] / "corpus" / "files"
Happening = Callable[[Inbox, pytest.MonkeyPatch], object]


def tax(*rows: list[str]) -> bytes:
    return as_csv(TAX_HEADER, rows)


def industry(n: int) -> bytes:
    return as_csv(INDUSTRY_HEADER, [industry_row(number) for number in range(1, n + 1)])


def a_folder(inbox: Inbox, _: pytest.MonkeyPatch) -> object:
    (inbox.settings.inbox / "TAX" / "3月18日").mkdir(parents=True)
    return inbox.ingest()


def no_permission(inbox: Inbox, patch: pytest.MonkeyPatch) -> object:
    locked, access = inbox.drop("TAX", "R04 3.18.csv", tax(tax_row(1))), os.access
    # Root may read everything.
    patch.setattr(os, "access", lambda path, mode: Path(path) != locked and access(path, mode))
    return inbox.ingest()


def not_a_file(inbox: Inbox, _: pytest.MonkeyPatch) -> object:
    (inbox.settings.inbox / "TAX" / "R04 3.18.csv").symlink_to("/etc/hostname")
    return inbox.ingest()


def with_reader(inbox: Inbox, limits: Limits, file: str) -> Outcome:
    with Reader(limits) as reader:
        narrow = Inbox(inbox.settings, replace(inbox.context, reader=reader))
        return narrow.send("TAX", "R04 3.18.xlsx", (CORPUS / file).read_bytes())


def took_too_long(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    return with_reader(inbox, replace(inbox.context.reader.limits, seconds=0.0), "formats/openpyxl.xlsx")


def too_much_memory(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    # So wide a limit lets calamine try.
    return with_reader(
        inbox, replace(inbox.context.reader.limits, cells=1 << 60, columns=1 << 20), "refused/cell_at_the_end.xlsx"
    )


def reader_crashed(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    reader = inbox.context.reader
    inbox.send("TAX", "R04 3.17.csv", tax(tax_row(1)))  # starts the fork server
    assert reader._fork_server
    children = Path(f"/proc/{reader._fork_server.pid}/task/{reader._fork_server.pid}/children")
    killed = threading.Event()

    def kill() -> None:
        while not killed.wait(0.001):
            for child in children.read_text(encoding="ascii").split():
                os.kill(int(child), 9)
                killed.set()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        many = as_xlsx(TAX_HEADER, [tax_row(number) for number in range(1000)])
        return inbox.send("TAX", "R04 3.18.xlsx", many)
    finally:
        killed.set()
        killer.join()


def macros_refused(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    context = inbox.context
    strict = Contracts(tuple(replace(contract, macros="refused") for contract in context.contracts))
    content = (CORPUS / "formats" / "macros.xlsm").read_bytes()
    return Inbox(inbox.settings, replace(context, contracts=strict)).send("TAX", "R04 3.18.xlsm", content)


def too_many_faults(inbox: Inbox, patch: pytest.MonkeyPatch) -> Outcome:
    patch.setattr(collector, "MAX_FAULTY_ROWS", 2)
    return inbox.send("TAX", "R04 3.18.csv", tax(*(tax_row(number, day="约") for number in range(1, 5)), tax_row(9)))


def fewer_keys(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    inbox.send("GXJ", "R01 3.18.csv", industry(20))
    return inbox.send("GXJ", "R01 3.18 V2.csv", industry(10))


def changed_rows(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    inbox.send("TAX", "R04 3.17.csv", tax(tax_row(1, day="2020-03-17")))
    return inbox.send("TAX", "R04 3.18.csv", tax(tax_row(1, "2000.00", day="2020-03-17")))


def nothing_to_withdraw(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    return inbox.send("TAX", "R04 3.18 作废.csv", b"")


def repair_too_late(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    first = inbox.send("TAX", "R04 3.18.csv", tax(tax_row(1), tax_row(2, "约3500")))
    back = mended_whole(inbox, first, {("退回行", 1, AMOUNT): 3500})
    inbox.send("TAX", "R04 3.18 更正.csv", tax(tax_row(1), tax_row(2, "3600")))
    return inbox.send("TAX", *back)


def mended_before(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    first = two_bad_rows(inbox)
    changes = {("退回行", 1, AMOUNT): 3500, ("退回行", 1, "凭证号"): "D00012"}
    inbox.send("TAX", *mended_whole(inbox, first, changes))
    return inbox.send("TAX", *mended_whole(inbox, first, {**changes, ("退回行", 1, "凭证号"): "D00022"}))


def both_changed(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    first = two_bad_rows(inbox)
    return inbox.send("TAX", *mended_whole(inbox, first, {("退回行", 1, AMOUNT): 3500, ("原表", 1, AMOUNT): 5}))


def nothing_changed(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    first = two_bad_rows(inbox)
    return inbox.send("TAX", *mended_whole(inbox, first, {}))


def several_receipts(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    first = two_bad_rows(inbox)
    second = inbox.send("TAX", "R04 3.17.csv", tax(tax_row(8, day="2020-03-17"), tax_row(9, "约", day="2020-03-17")))
    book = openpyxl.load_workbook(workbook_of(inbox, first))
    page = book.create_sheet("再来")
    for row in openpyxl.load_workbook(workbook_of(inbox, second))["退回行"].iter_rows(values_only=True):
        page.append(row)
    return inbox.send("TAX", "合并.xlsx", as_bytes(book))


def returned_without_number(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    book = openpyxl.load_workbook(workbook_of(inbox, two_bad_rows(inbox)))
    book["退回行"].delete_rows(1, 2)
    for sheet in ("回执", "原表"):
        del book[sheet]
    return inbox.send("TAX", "R04 3.18 再报.xlsx", as_bytes(book))


def unknown_submission(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    content = mended_whole(inbox, two_bad_rows(inbox), {("退回行", 1, AMOUNT): 3500})[1]
    return inbox.send("GXJ", "补.xlsx", content)


def uscc_from_account(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    inbox.send("GSGS", "R08 3.17.csv", as_csv(WATER_HEADER, [water_row(1)]))
    rows = [water_row(1, uscc_cell="", bill="B9"), water_row(2, uscc_cell="")]
    return inbox.send("GSGS", "R08 3.18.csv", as_csv(WATER_HEADER, rows))


def stale_copy(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    inbox.send("GXJ", "R01 3.17.csv", industry(3))
    return inbox.send("GXJ", "R01 3.18.csv", industry(3))


def written_over_example(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    return inbox.send("TAX", "R04 3.18.csv", tax(tax_row(1, 凭证号="示例:D00001"), tax_row(2)))


def table_beside(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
    rows = [[*industry_row(number), "", *industry_row(number + 10)] for number in (1, 2)]
    return inbox.send("GXJ", "R01 3.18.xlsx", as_xlsx([*INDUSTRY_HEADER, "", *INDUSTRY_HEADER], rows))


def answer(department: str, verdict: str, reason: str, *, cells: int = 2) -> Happening:
    """A doubt about a number of people (150), answered."""

    def happening(inbox: Inbox, _: pytest.MonkeyPatch) -> Outcome:
        rows = [industry_row(number) for number in range(1, 4)]
        rows[1][9] = "150"
        first = inbox.send("GXJ", "R01 3.18.csv", as_csv(INDUSTRY_HEADER, rows))
        given = {("待核实", 1, "核实结果"): verdict, ("待核实", 1, "核实说明"): reason}
        content = changed(workbook_of(inbox, first), dict(list(given.items())[:cells]), without=("回执", "原表"))
        if verdict == "属实" and reason == "此前已改":
            inbox.send("GXJ", "R01 3.18 更正.csv", industry(3))
        return inbox.send(department, "回复.xlsx", content)

    return happening


HAPPENINGS: dict[str, Happening] = {
    "table-beside": table_beside,
    "a-folder": a_folder,
    "no-permission": no_permission,
    "not-a-file": not_a_file,
    "took-too-long": took_too_long,
    "too-much-memory": too_much_memory,
    "reader-crashed": reader_crashed,
    "macros-refused": macros_refused,
    "too-many-faults": too_many_faults,
    "fewer-keys": fewer_keys,
    "changed-rows": changed_rows,
    "nothing-to-withdraw": nothing_to_withdraw,
    "repair-too-late": repair_too_late,
    "mended-before": mended_before,
    "both-changed": both_changed,
    "nothing-changed": nothing_changed,
    "several-receipts": several_receipts,
    "returned-without-number": returned_without_number,
    "unknown-submission": unknown_submission,
    "uscc-from-account": uscc_from_account,
    "uscc-unknown": uscc_from_account,
    "stale-copy": stale_copy,
    "written-over-example": written_over_example,
    "nothing-answered": answer("GXJ", "", "", cells=0),
    "no-answer-taken": answer("GXJ", "属实", ""),
    "answer-of-nobody": answer("TAX", "属实", "停产检修"),
    "answer-unclear": answer("GXJ", "看情况", "停产检修"),
    "answer-without-reason": answer("GXJ", "属实", ""),
    "answer-too-long": answer("GXJ", "属实", "停" * 201),
    "answer-stale": answer("GXJ", "属实", "此前已改"),
    "answer-not-mended": answer("GXJ", "已改", ""),
}


@pytest.mark.parametrize("code", HAPPENINGS)
def test_it_is_provoked(inbox: Inbox, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    HAPPENINGS[code](inbox, monkeypatch)
    last = inbox.rows("SELECT code FROM intake.finding WHERE submission_id = (SELECT MAX(submission_id) FROM intake.submission)")
    assert (code,) in last
    assert inbox.is_balanced()


def test_every_code_of_the_catalogue_is_provoked() -> None:
    in_corpus = {code for truth in truths() for _, code, _, _ in truth.answer.findings} & CATALOGUE.keys()
    assert in_corpus | HAPPENINGS.keys() == CATALOGUE.keys()
    assert not in_corpus & HAPPENINGS.keys(), "the corpus has it"


def test_a_copy_of_the_same_day_or_of_a_rejected_file_is_not_stale(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    rejected = inbox.send("GXJ", "R01 3.16 3.17.csv", industry(3))
    assert rejected.state == "rejected"
    assert inbox.codes(inbox.send("GXJ", "R01 3.17.csv", industry(3))) == set()
    assert inbox.send("GXJ", "R01 3.17 最终版.csv", industry(3)).state == "duplicate"
    outcome = stale_copy(inbox, monkeypatch)
    assert outcome.state == "accepted"
    [(value,)] = inbox.rows("SELECT value FROM intake.finding WHERE submission_id = %s", outcome.submission_id)
    assert value == "2020-03-17"
