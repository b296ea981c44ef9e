"""What stands outside a row says which of its cells is wrong: totals and the report before; and a total is told once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from fugong.core.time import SHANGHAI
from fugong.parsing.interpreted import Interpreted
from tests.fixtures.credit_codes import firm_code
from tests.fixtures.inbox import Inbox, as_csv

HEADER = ("放款编号", "统一社会信用代码", "银行", "合同金额", "放款日期", "放款金额", "业务性质", "余额")
LOANS = [(6_000_000, 5_000_000), (3_100_000, 2_340_000), (880_000, 880_000), (1_250_000, 610_000)]


def loans(changed: dict[tuple[int, int], float] | None = None, total: Sequence[object] = ()) -> bytes:
    """Four loans; some amounts are typed otherwise. Columns 0 and 1 are contract and disbursement."""
    rows: list[list[str]] = []
    for n, amounts in enumerate(LOANS):
        typed = [(changed or {}).get((n, at), amount) for at, amount in enumerate(amounts)]
        rows.append([
            f"L{n}", firm_code(n + 1), "中国工商银行", str(typed[0]), "2020-03-12", str(typed[1]), "新增", str(LOANS[n][1]),
        ])  # fmt: skip
    return as_csv(HEADER, [*rows, *([[str(cell) for cell in total]] if total else [])])


def total(*, contracts: int | None = None, disbursed: int | None = None) -> list[object]:
    """A total line; what is not given is the true sum."""
    sums = [sum(amounts[at] for amounts in LOANS) for at in (0, 1)]
    return ["合计", "", "", contracts or sums[0], "", disbursed or sums[1], "", sum(amounts[1] for amounts in LOANS)]


def told(inbox: Inbox, content: bytes, day: int = 18) -> list[dict[str, Any]]:
    sent = inbox.send("JRB", f"202003{day}_R12_JRB_V1.csv", content, at=datetime(2020, 3, day + 1, 9, tzinfo=SHANGHAI))
    return [one for one in inbox.receipt(sent)["findings"] if one["code"] in ("more-than-contract", "control-total")]


def test_without_a_total_neither_amount_is_called_wrong(inbox: Inbox) -> None:
    found = told(inbox, loans({(1, 1): 23_400_000}))
    assert {(one["cell"], one["is_doubtful"]) for one in found} == {("D3", True), ("F3", True)}


def test_a_total_says_which_amount_is_wrong_and_is_told_beneath_it(inbox: Inbox) -> None:
    [one] = told(inbox, loans({(1, 1): 23_400_000}, total()))
    assert (one["cell"], one["proposed"], one["is_doubtful"]) == ("F3", "2340000", False)
    assert "应为 2,340,000?(按 第 6 行的合计)" in one["message_zh"].replace("？", "?").replace("（", "(").replace("）", ")")
    assert one["message_zh"].rstrip("。").endswith("第 6 行的合计也正好差这么多")
    assert "the total in line 6 differs by as much" in one["message_en"].replace("The", "the")


def test_a_total_that_agrees_speaks_for_the_amounts_above_it(inbox: Inbox) -> None:
    found = told(inbox, loans({(1, 0): 310_000}, total(contracts=sum(one[0] for one in LOANS) - 3_100_000 + 310_000)))
    assert "F3" in {one["cell"] for one in found if one["code"] == "more-than-contract"}


def test_two_cells_of_a_column_explain_its_total_together(inbox: Inbox) -> None:
    before = loans()
    told(inbox, before, day=17)
    found = told(inbox, loans({(1, 1): 23_400_000, (3, 1): 61_000_000}, total()))
    assert [(one["code"], one["cell"], one["proposed"]) for one in found] == [
        ("more-than-contract", "F3", "2340000"),
        ("more-than-contract", "F5", "610000"),
    ]
    assert all("有 2 格如此" in one["message_zh"] for one in found)


def test_a_slip_that_no_rule_sees_is_named_by_the_total(inbox: Inbox) -> None:
    [one] = told(inbox, loans({(0, 0): 60_000_000}, total()))
    assert one["code"] == "control-total"
    assert "D2 的 60,000,000 多写了一个 0" in one["message_zh"]
    assert "应为 6,000,000" in one["message_zh"]


def test_a_total_that_no_single_slip_explains_names_no_row(inbox: Inbox) -> None:
    [one] = told(inbox, loans({(0, 0): 6_123_456}, total()))
    assert (one["code"], "若" in one["message_zh"]) == ("control-total", False)


def test_the_report_before_says_which_amount_is_wrong(inbox: Inbox) -> None:
    told(inbox, loans(), day=17)
    [one] = told(inbox, loans({(1, 1): 23_400_000}))
    assert (one["cell"], one["proposed"], one["is_doubtful"]) == ("F3", "2340000", False)
    assert "上一期所报" in one["message_zh"]
    assert "可能应为" in one["message_zh"]


def test_a_value_that_somebody_may_have_forgotten_to_change_is_not_trusted_alone(inbox: Inbox) -> None:
    told(inbox, loans(), day=17)
    found = told(inbox, loans({(1, 1): 3_700_000}))
    assert {(one["cell"], one["is_doubtful"]) for one in found} == {("D3", True), ("F3", True)}


def test_a_later_report_says_nothing(inbox: Inbox) -> None:
    told(inbox, loans(), day=18)
    found = told(inbox, loans({(1, 1): 23_400_000}), day=17)
    assert {(one["cell"], one["is_doubtful"]) for one in found} == {("D3", True), ("F3", True)}


def test_many_totals_that_do_not_agree_cost_one_more_reading_of_the_rows(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Interpreted.blocks
    readings: list[Interpreted] = []
    monkeypatch.setattr(Interpreted, "blocks", lambda one: (readings.append(one), read(one))[1])
    counts = []
    for day, n_totals in ((17, 0), (18, 60)):
        readings.clear()
        lines = [["小计", "", "", "1", "", "2", "", "3"]] * n_totals
        content = loans().decode("utf-8-sig") + "\r\n".join(",".join(line) for line in lines)
        inbox.send("JRB", f"202003{day}_R12_JRB_V1 更正.csv", content.encode())
        counts.append(len(readings))
    assert counts[1] == counts[0] + 1
