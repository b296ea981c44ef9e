"""What names and titles say: report, day, version, unit of money."""

from __future__ import annotations

from datetime import date

import pytest

from fugong.contracts.contract import Contracts
from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT
from fugong.parsing.file_name import Marks, days_in, marks, matching_contracts, report_day

ARRIVED = date(2020, 3, 19)
D = date(2020, 3, 18)


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return load_contracts(PROJECT / "include" / "contracts")


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("20200318_R04_TAX_V1", ()),
        ("R04_2020-03-18", ()),
        ("R04 2020.3.18", ()),
        ("税费减免退日报2020年3月18日", ()),
        ("税费减免退日报(3月18日)", ()),
        ("税费减免退日报3.18", ()),
        ("税费减免退日报 3月18号 最终版(2)", ()),
        ("税费减免退日报3月18", ()),
        ("税费减免退日报", ("税费减免退日报(2020年3月18日)",)),
        ("税费减免退日报", ("统计日期:2020-03-18  单位:万元", "填报日期:2020年3月19日")),
        ("税费减免退日报3月18日", ("税费减免退日报", "统计日期:2020年3月18日")),
        ("税费减免退日报", ("2020 年 3 月 18 日",)),
    ],
)
def test_the_day_is_found_wherever_it_is_written(name: str, titles: tuple[str, ...]) -> None:
    found = report_day(name, titles, ARRIVED)
    assert (found.day, found.problem) == (D, None), found


@pytest.mark.parametrize(
    ("name", "titles", "problem", "written"),
    [
        ("税费减免退日报", ("税费减免退日报",), "no-report-date", ()),
        ("R04 V2", (), "no-report-date", ()),
        ("R04 3.18", ("统计日期:2020年3月17日",), "two-report-dates", ("3.18", "2020年3月17日")),
        ("R04 3.18", ("统计日期:2019年3月18日", "2020年3月18日"), "two-report-dates", ("3.18", "2019年3月18日", "2020年3月18日")),
        ("R04 20200231", (), "impossible-date", ("20200231",)),
        ("R04 2020年2月30日", (), "impossible-date", ("2020年2月30日",)),
        ("R04 20200320", (), "future-date", ("20200320",)),
        ("R04 2021-03-18", (), "future-date", ("2021-03-18",)),
    ],
)
def test_a_day_that_cannot_be_known_is_asked_for(
    name: str, titles: tuple[str, ...], problem: str, written: tuple[str, ...]
) -> None:
    found = report_day(name, titles, ARRIVED)
    assert (found.day, found.problem, found.written) == (None, problem, written)


@pytest.mark.parametrize(
    ("written", "arrived", "day"),
    [
        ("12.31", date(2020, 1, 2), date(2019, 12, 31)),
        ("1.2", date(2020, 1, 2), date(2020, 1, 2)),
        ("1.3", date(2020, 1, 2), date(2019, 1, 3)),
    ],
)
def test_a_day_without_a_year_takes_the_latest_year_not_after_arrival(written: str, arrived: date, day: date) -> None:
    assert report_day(f"R04 {written}", (), arrived).day == day


def test_a_day_without_a_year_is_completed_by_the_title() -> None:
    assert report_day("R04 3.18", ("统计日期:2019年3月18日",), ARRIVED).day == date(2019, 3, 18)


def test_the_day_of_filling_in_or_printing_is_not_the_report_date() -> None:
    assert days_in("填报日期:2020年3月19日") == []
    assert days_in("打印时间 2020-03-19") == []
    assert [day.written for day in days_in("截至2020年3月18日  报送时间:2020年3月19日")] == ["2020年3月18日"]


@pytest.mark.parametrize("text", ["V3.18", "单价4.10元", "R04", "第13号", "1.2.3", "完成85.5%", "410106000000015", "2020"])
def test_what_only_looks_like_a_day_is_none(text: str) -> None:
    found = [day.written for day in days_in(text)]
    assert found == ([] if text != "单价4.10元" else ["4.10"])  # month and day all the same: nobody can tell


@pytest.mark.parametrize(
    ("texts", "expected", "replaces"),
    [
        (["R04 3.18"], Marks(), False),
        (["20200318_R04_TAX_V1"], Marks(version=1), False),
        (["20200318_R04_TAX_V2"], Marks(version=2), True),
        (["R04 3.18 v12"], Marks(version=12), True),
        (["R04 3.18 V2", "税费减免退日报(V3)"], Marks(version=3), True),
        (["R04 3.18 更正"], Marks(is_correction=True), True),
        (["R04 3.18", "税费减免退日报(更正)"], Marks(is_correction=True), True),
        (["R04 3.18 作废"], Marks(is_withdrawal=True), False),
        (["R04 3.18 V2 确认"], Marks(version=2, is_confirmed=True), True),
        (["IPV6 3.18"], Marks(), False),
    ],
)
def test_marks(texts: list[str], expected: Marks, replaces: bool) -> None:
    assert marks(texts) == expected
    assert marks(texts).is_replacement is replaces


def test_every_report_is_known_by_its_number_and_its_name_and_by_nothing_of_another(contracts: Contracts) -> None:
    assert len(contracts.all) == len(list((PROJECT / "include" / "contracts").glob("*.odcs.yaml"))) > 10
    for contract in contracts:
        assert matching_contracts(f"20200318_{contract.report}_V1", contracts) == (contract,)
        assert matching_contracts(f"{contract.name}(3月18日)", contracts) == (contract,)


def test_the_longest_word_decides(contracts: Contracts) -> None:
    assert [found.report for found in matching_contracts("服务业复工复产日报", contracts)] == ["R02"]
    assert matching_contracts("会议通知", contracts) == ()
