"""What names and titles say: report, day, version, unit of money."""

from __future__ import annotations

from datetime import date

import pytest

from fugong.contracts.contract import Contracts, Due
from fugong.contracts.load import load_contracts
from fugong.core.settings import PROJECT
from fugong.parsing.file_name import matching_contracts
from fugong.parsing.marks import Marks, marks, title_words
from fugong.parsing.report_day import days_in, report_day

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


@pytest.mark.parametrize(
    "text",
    [
        "V3.18",
        "单价4.10元",
        "其中减免12.5万元",
        "12.5 千元",
        "共 3.17 万户",
        "R04",
        "第13号",
        "1.2.3",
        "完成85.5%",
        "410106000000015",
        "2020",
    ],
)
def test_what_only_looks_like_a_day_is_none(text: str) -> None:
    assert days_in(text) == []


@pytest.mark.parametrize("text", ["3.17人社局日报", "3.17个体户", "3.17号", "3.17日报", "3.17项目进度", "3.17家电企业"])
def test_a_day_may_stand_before_a_word_that_begins_like_a_unit(text: str) -> None:
    assert [day.written for day in days_in(text)] == ["3.17"]


@pytest.mark.parametrize(
    "name",
    [
        "税费0318", "税费 3-18", "税费20.3.18", "税费20-3-18", "税费20年3月18日", "税费200318", "税费2020 3 18", "税费2020年3月18",
        "税费2020-0318", "R04_0318_V2", "税费(0318)", "税费0318(2)", "税费0318更正", "税费减免退日报三月十八日", "税费二〇二〇年三月十八日", "税费二○二○年三月十八号",
        "财税〔2020〕13号税费0318", "税费_03_18",
    ],
)  # fmt: skip
def test_a_day_in_bare_numbers_is_read_from_the_name(name: str) -> None:
    found = report_day(name, (), ARRIVED)
    assert (found.day, found.problem) == (D, None), found


@pytest.mark.parametrize(
    "name",
    [
        "财税〔2020〕13号", "税费减免退R0318", "税费第0318号", "税费0318号文", "税费1503", "税费0101", "税费13103181234", "0371-68120318", "税费0371-0318", "税费V20.3.18",
        "税费3月第2周", "税费2020年3月", "税费0318户", "税费03:18", "税费20200",
    ],
)  # fmt: skip
def test_numbers_of_something_else_are_no_day(name: str) -> None:
    assert report_day(name, (), ARRIVED).problem == "no-report-date"


def test_a_bare_number_yields_to_a_day_of_the_name_and_contradicts_one_of_the_title() -> None:
    assert report_day("20200318_R04_0317", (), ARRIVED).day == D
    assert report_day("税费0318", ("统计日期:2020年3月18日",), ARRIVED).day == D
    assert report_day("税费0317", ("统计日期:2020年3月18日",), ARRIVED).problem == "two-report-dates"


DAILY = Due("daily", 1, "10:00", None)
WEEKLY = Due("weekly", 0, "10:00", 1)


@pytest.mark.parametrize(
    "name", ["税费18日", "税费日报18", "18日税费", "税费18号(2)", "税费日报18 V2", "税费日报18(更正)", "税费0318", "税费十八日"]
)
def test_a_bare_day_is_read_where_its_report_is_due(name: str) -> None:
    assert report_day(name, (), ARRIVED, DAILY).day == D


@pytest.mark.parametrize(
    ("name", "arrived"),
    [
        ("税费20日", ARRIVED),
        ("税费日报16", ARRIVED),
        ("税费附件18", ARRIVED),
        ("税费18家", ARRIVED),
        ("税费3日内", date(2020, 3, 4)),
        ("税费0218", ARRIVED),
        ("税费3-9", ARRIVED),
        ("税费第18号", ARRIVED),
    ],
)
def test_a_bare_day_of_no_report_that_is_due_is_asked_for(name: str, arrived: date) -> None:
    assert report_day(name, (), arrived, DAILY).problem == "no-report-date"


def test_how_far_back_a_bare_day_may_lie_depends_on_when_its_report_is_due() -> None:
    assert report_day("税费11日", (), ARRIVED, DAILY).day == date(2020, 3, 11)
    assert report_day("税费10日", (), ARRIVED, DAILY).problem == "no-report-date"
    assert report_day("税费10日", (), ARRIVED, WEEKLY).day == date(2020, 3, 10)
    assert report_day("税费3月2日", (), ARRIVED, DAILY).day == date(2020, 3, 2)


def test_digits_that_nothing_calls_a_day_yield_to_a_day_of_the_title() -> None:
    assert report_day("税费日报17", ("统计日期:2020年3月18日",), ARRIVED, DAILY).day == D
    assert report_day("税费17日", ("统计日期:2020年3月18日",), ARRIVED, DAILY).problem == "two-report-dates"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("税费3月16-18日", ("3月16", "18日")),
        ("税费2020年3月16-18日", ("2020年3月16", "18日")),
        ("税费3月16日-18日", ("3月16日", "18日")),
        ("税费3月16日至18日", ("3月16日", "18日")),
        ("税费3月16日至3月18日", ("3月16日", "3月18日")),
        ("税费3月16日—3月18日", ("3月16日", "3月18日")),
        ("税费3月16、18日", ("3月16", "18日")),
        ("税费3月17日18日", ("3月17日", "18日")),
        ("税费3月17日&18日", ("3月17日", "18日")),
        ("税费3月16日起至18日", ("3月16日", "18日")),
        ("税费2020.3.16.-3.18", ("2020.3.16", "3.18")),
        ("税费3月17和18日", ("3月17", "18日")),
        ("税费3.16-3.18", ("3.16", "3.18")),
        ("税费3.16-18", ("3.16", "18")),
        ("税费3.16~3.18", ("3.16", "3.18")),
        ("税费16—18日", ("16", "18")),
        ("税费16日~18日", ("16", "18")),
        ("税费0316-0318", ("0316", "0318")),
        ("税费20200316-20200318", ("20200316", "20200318")),
        ("税费2020-03-16至2020-03-18", ("2020-03-16", "2020-03-18")),
        ("税费2020.3.16-3.18", ("2020.3.16", "3.18")),
        ("税费2020.3.16-2020.3.18", ("2020.3.16", "2020.3.18")),
        ("税费三月十六日至十八日", ("3月16日", "18日")),
    ],
)
def test_a_range_of_days_is_asked_back_with_both_days(name: str, written: tuple[str, ...]) -> None:
    found = report_day(name, (), ARRIVED)
    assert (found.day, found.problem, found.written) == (None, "range-of-days", written)
    assert report_day("税费", (name,), ARRIVED).problem == ("no-report-date" if written[0] in ("16", "0316") else "range-of-days")


@pytest.mark.parametrize(
    "name",
    ["税费20200318-2", "税费3月18日-2", "税费3.18-2", "20200318-19版", "税费3月18日-更正2", "2020-03-18-R04", "税费3月18日_2"],
)
def test_the_number_of_a_copy_makes_no_range(name: str) -> None:
    assert report_day(name, (), ARRIVED).day == D


def test_a_period_in_the_title_that_ends_on_the_named_day_is_no_doubt() -> None:
    assert report_day("20200318_R04", ("统计时段:2020年2月10日至3月18日",), ARRIVED).day == D
    assert report_day("20200318_R04", ("统计时段:2020年3月16日至3月17日",), ARRIVED).problem == "range-of-days"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("R04 3.18", Marks()),
        ("20200318_R04_TAX_V1", Marks(version=1)),
        ("20200318_R04_TAX_V2", Marks(version=2)),
        ("R04 3.18 v12", Marks(version=12)),
        ("R04 3.18 V2.0", Marks(version=2)),
        ("R04 3.18 V2.1", Marks(version=2)),
        ("R04 3.18 Ｖ ２", Marks(version=2)),
        ("R04 3.18 Ver. 2", Marks(version=2)),
        ("税费减免退日报3月18日第2版", Marks(version=2)),
        ("税费减免退日报(第三稿)3月18日", Marks(version=3)),
        ("税务局_税费减免退日报_3月18日_版本号:2", Marks(version=2)),
        ("R04 3.18 修订版2", Marks(version=2)),
        ("R04 3.18 2版", Marks(version=2)),
        ("R04 3.18 第1版", Marks(version=1)),
        ("R04 3.18 行业分类第4版", Marks()),
        ("R04 3.18 产业结构调整项目", Marks()),
        ("R04 3.18最终版(2)", Marks()),
        ("R04 3.18 补报", Marks()),
        ("R04 3.18 更正", Marks(is_correction=True)),
        ("R04 3.18(更正)", Marks(is_correction=True)),
        ("R04 3.18更正版", Marks(is_correction=True)),
        ("R04 3.18-更正2", Marks(is_correction=True)),
        ("R04 3.18已更正", Marks(is_correction=True)),
        ("更正税费减免退日报3月18日", Marks(is_correction=True)),
        ("土地供应更正0318", Marks(is_correction=True)),
        ("社保费缓缴申请更正0318", Marks(is_correction=True)),
        ("R04 3.18 核对无误确认", Marks(is_confirmed=True)),
        ("R04 3.18 作废", Marks(is_withdrawal=True)),
        ("作废件 R04 3.18", Marks(is_withdrawal=True)),
        ("R04 3.18 V2 确认", Marks(version=2, is_confirmed=True)),
        ("IPV6 3.18", Marks()),
        ("R04 3.18 V2X项目", Marks()),
        ("R04 3.18 V2型口罩", Marks()),
        ("R04_TAX_V2final", Marks(version=2)),
        ("R04 3.18 第二次更正", Marks(is_correction=True)),
        ("R04 3.18 到岗人数更正", Marks(is_correction=True)),
        ("R04 3.18 数据作废", Marks(is_withdrawal=True)),
        ("税费减免退日报3月18日确认无误", Marks(is_confirmed=True)),
        ("上街区税务局确认 税费减免退日报3月18日", Marks(is_confirmed=True)),
    ],
)
def test_marks_of_a_name(contracts: Contracts, name: str, expected: Marks) -> None:
    found = marks([name], words=title_words(contracts, ["税务局", "TAX"]))
    assert (found, found.not_taken, found.not_numbered) == (expected, (), ())
    assert found.is_replacement is (expected.is_correction or (expected.version or 1) > 1)


@pytest.mark.parametrize(
    "name",
    [
        "R04 3.18 未确认", "R04 3.18待更正", "R04 3.18 请确认", "R04 3.18(待局长确认)", "R04 3.18 未经确认", "R04 3.18 请勿作废", "R04 3.18如需更正", "R04 3.18不作废",
        "R04 3.18 更正前", "R04 3.18 更正说明", "R04 3.18 是否作废", "R04 3.18 无需更正", "R04 3.18 没有更正", "R04 3.18 尚未 作废", "R04 3.18 非作废", "若作废R04 3.18",
        "R04 3.18 作废申请", "R04 3.18 原表作废以此为准", "R04 3.18 旧版作废", "R04 3.18此前报送的作废", "R04 3.18 确认中", "R04 3.18 须更正",
        "R04 3.18 作废凭证", "R04 3.18 作废表清单", "R04 3.18 含作废发票", "R04 3.18 取消作废", "R04 3.18 误作废恢复", "R04 3.18 作废无效", "R04 3.18 作废(说明)",
        "R04 3.18 更正申报户", "R04 3.18 更正登记企业", "R04 3.18 被更正", "R04 3.18 撤销更正", "R04 3.18 收入确认", "R04 3.18 资格确认", "R04 3.18 复工确认表",
        "R04 3.18 确认名单", "R04 3.18 供确认", "R11 3.18 作废地块", "R08 3.18-作废账单", "R04 3.18 报局长确认",
    ],
)  # fmt: skip
def test_words_spoken_against_are_no_marks_and_are_told(contracts: Contracts, name: str) -> None:
    found = marks([name], words=title_words(contracts, ["税务局", "TAX"]))
    assert (found, found.not_taken) == (Marks(), (name,))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("20200318_R04_TAX_修订版", "修订版"), ("20200318_R04_TAX_2", "_2"), ("税费减免退日报3月18日-2", "-2"), ("税费减免退日报0318_02", "_02"),
        ("R04 3.18 V1.1", "V1.1"), ("R04 3.18 V3.18", "V3.18"), ("R04 3.18_v2.0.1", "V2.0.1"), ("R04 3.18(修改后)", "修改后"), ("R04 3.18 重新上报", "重新上报"),
        ("R04 3.18 第三次修订", "第三次修订"), ("R04 3.18 第2次报送", "第2次报送"), ("R04 3.18 新版", "新版"), ("R04 3.18(替换)", "替换"), ("R04 3.18 以此为准", "以此为准"), ("R04 3.18 撤回", "撤回"),
    ],
)  # fmt: skip
def test_what_may_be_meant_as_a_version_and_is_none_is_told(contracts: Contracts, name: str, told: str) -> None:
    found = marks([name], words=title_words(contracts, ["税务局", "TAX"]))
    assert (found, found.not_numbered) == (Marks(), (told,))


def test_nothing_is_told_beside_a_mark_that_says_what_is_meant(contracts: Contracts) -> None:
    found = marks(["R04 3.18 修订版(更正)", "R04 3.18 V3 修订版"], words=title_words(contracts, ["税务局", "TAX"]))
    assert (found, found.not_numbered) == (Marks(version=3, is_correction=True), ())


TITLES = [
    ("税费减免退日报(第2版)", Marks(version=2)),
    ("税费减免退日报2020年3月18日 V2.0", Marks(version=2)),
    ("税费减免退日报(更正)", Marks(is_correction=True)),
    ("税费减免退日报(V3)", Marks(version=3)),
    ("税务局税费减免退日报(2020年3月18日)【更正】", Marks(is_correction=True)),
    ("上街区税费减免退日报2020年3月18日 作废", Marks(is_withdrawal=True)),
    ("税费减免退日报(更正)  单位:万元", Marks(is_correction=True)),
    ("R04 3.18 V2 更正 确认", Marks(version=2, is_correction=True, is_confirmed=True)),
    ("规上工业复工复产日报更正稿", Marks(is_correction=True)),
]


@pytest.mark.parametrize(("title", "expected"), TITLES)
def test_a_title_of_report_date_and_mark_declares(contracts: Contracts, title: str, expected: Marks) -> None:
    assert marks(["R04 3.18"], [title], title_words(contracts, ["税务局", "TAX"])) == expected


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("填表说明：本表一式两份,涂改作废", False),
        ("注:本表如有更正,以V2为准", False),
        ("说明：确认无误后由局长签字", False),
        ("税费减免退日报,逾期作废。", False),
        ("确认:", True),
        ("作废", True),
        ("税费减免退日报经局长确认", True),
        ("税费减免退日报(待更正)", True),
        ("负责人确认签字  2020年3月18日", True),
        ("以V2为准", False),
        ("以第2版为准", False),
        ("行业分类第4版", False),
        ("本表涂改作废", True),
        ("确认日期:2020年3月18日", True),
        ("税费减免退情况确认表", True),
        ("税费减免退日报更正申报户", True),
    ],
)
def test_a_title_that_says_more_commands_nothing(contracts: Contracts, title: str, told: bool) -> None:
    found = marks(["R04 3.18"], [title], title_words(contracts, ["税务局", "TAX"]))
    assert (found, bool(found.not_taken)) == (Marks(), told)


def test_every_report_is_known_by_its_number_and_its_name_and_by_nothing_of_another(contracts: Contracts) -> None:
    assert len(contracts.all) == len(list((PROJECT / "include" / "contracts").glob("*.odcs.yaml"))) > 10
    for contract in contracts:
        assert matching_contracts(f"20200318_{contract.report}_V1", contracts) == (contract,)
        assert matching_contracts(f"{contract.name}(3月18日)", contracts) == (contract,)


def test_the_longest_word_decides(contracts: Contracts) -> None:
    assert [found.report for found in matching_contracts("服务业复工复产日报", contracts)] == ["R02"]
    assert matching_contracts("会议通知", contracts) == ()


@pytest.mark.parametrize(
    "title", ["请于3月19日前更正", "请于2020年3月19日报送", "3月19日下午5点前报送", "3月19日12:00前交", "务必在3月19日18时前报"]
)
def test_a_day_until_which_something_is_asked_is_no_report_date(title: str) -> None:
    assert report_day("20200318_R04", (title,), ARRIVED).day == D
