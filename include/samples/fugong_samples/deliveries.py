"""Writes the sample district: seven weeks of department files, 1 February to 18 March 2020, all of it invented.

    write_district(Path("var/inbox"))            the files in a folder per department, and history.csv beside the folders

The figures that the last day leads to are in golden.csv; what goes wrong on the way, and in which file, is in README.md.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

from .district import FIRST_DAY, LAST_DAY, make_district
from .files import Column, Form, csv_bytes, workbook_bytes
from .layout import form
from .money import files as money_files
from .projects import files as project_files
from .reports import INCREMENTS_FROM, WATER_FROM, Reports, Row, days, with_changes, workdays

SHANGHAI = timezone(timedelta(hours=8))
MANIFEST = "history.csv"


@dataclass(frozen=True)
class Delivery:
    """One file as it arrives: the department, the file name, the moment of arrival and the report date."""

    department: str
    name: str
    received_at: datetime
    report_date: date
    content: Callable[[], bytes]

    @property
    def path(self) -> str:
        """The file's path relative to the inbox."""
        return f"{self.department}/{self.name}"


def write_district(
    to: Path,
    *,
    as_of: date = LAST_DAY,
    seed: int = 1,
    scale: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write every file that has arrived by noon of the day after `as_of`, and the manifest of their arrival.

    Args:
        to: the inbox; files become `to/<DEPT>/<name>`, the manifest `to/history.csv`.
        as_of: the last report date, 2020-02-01 to 2020-03-18. An earlier day gives the beginning of the same story.
        seed: draws other firms and amounts; the golden figures stay the same.
        scale: multiplies firms and rows for load tests; the golden figures hold for 1 only.
        on_progress: called with (files written, files in all).

    Returns:
        The files in order of arrival, then the manifest.
    """
    if not FIRST_DAY <= as_of <= LAST_DAY:
        raise ValueError(f"as_of: wanted {FIRST_DAY} to {LAST_DAY}, found {as_of}")
    chosen = arrived(as_of=as_of, seed=seed, scale=scale)
    written = []
    for delivery in chosen:
        path = to / delivery.department / delivery.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(delivery.content())
        written.append(path)
        if on_progress:
            on_progress(len(written), len(chosen))
    manifest = to / MANIFEST
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["file", "received_at"])
    writer.writerows([d.path, d.received_at.isoformat()] for d in chosen)
    manifest.write_text(out.getvalue(), encoding="utf-8", newline="")
    return [*written, manifest]


def arrived(*, as_of: date, seed: int, scale: int) -> list[Delivery]:
    """The deliveries up to noon of the day after `as_of`, in order of arrival."""
    story = sorted(_story(Reports(make_district(seed, scale))), key=lambda d: (d.received_at, d.path))
    names = [d.path for d in story]
    if len(names) != len(set(names)):
        raise ValueError(f"two deliveries have one name: {sorted(n for n in names if names.count(n) > 1)}")
    until = _at(as_of, 1, "12:00")
    return [d for d in story if d.report_date <= as_of and d.received_at <= until]


def _at(day: date, later: int, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime.combine(day + timedelta(days=later), time(hour, minute), SHANGHAI)


def _minute(day: date, step: int) -> int:
    """A minute of the hour that differs from day to day."""
    return (day.toordinal() * step) % 50


def _story(reports: Reports) -> Iterator[Delivery]:
    yield from _register(reports)
    yield from _industry(reports)
    yield from _services(reports)
    yield from _sites(reports)
    yield from _tax(reports)
    yield from _insurance(reports)
    yield from _water(reports)
    yield from _power(reports)
    yield from _land(reports)
    yield from _loans(reports)
    yield from (Delivery(*file) for file in project_files(reports))
    yield from (Delivery(*file) for file in money_files(reports))
    yield Delivery("FGW", "关于做好每日数据报送工作的通知.txt", _at(date(2020, 2, 3), 0, "17:05"), date(2020, 2, 3), _notice)


def _notice() -> bytes:
    return "各有关单位:\r\n    请每日九点前报送前一日数据,表式不变。联系人见工作群。\r\n(示例)\r\n".encode("gb18030")


# --- R00 企业名录 ---------------------------------------------------------------------------------------------------


def _register(reports: Reports) -> Iterator[Delivery]:
    for i, day in enumerate([FIRST_DAY, *(d for d in days(FIRST_DAY) if d.weekday() == 0)]):

        def bureau(day: date = day, i: int = i) -> bytes:
            rows = reports.register(day, "TJJ")
            notes = (
                "注:专业类别 B工业 C资质建筑业 E批发零售 S住宿餐饮 X房地产开发 F服务业。",
                "填报人:          审核人:          ",
            )
            headers = {"uscc": "信用代码", "leader_post_code": "分包领导职务代码"} if i % 2 else {}
            return workbook_bytes([form("R00", rows, day, notes=notes, headers=headers, kind="累计")])

        name = f"{day:%Y%m%d}_R00_TJJ_V1.xlsx" if i % 2 else f"上街区四上企业名录({day.month}月{day.day}日).xlsx"
        yield Delivery("TJJ", name, _at(day, 0, f"09:{_minute(day, 7):02d}"), day, bureau)
    for day in (d for d in days(FIRST_DAY) if d.weekday() == 0):

        def market(day: date = day) -> bytes:
            rows = reports.register(day, "SCJ")
            made = form("R00", rows, day, headers={"uscc": "统一信用代码"}, sender="区市场监督管理局", date_style="%Y/%m/%d")
            return csv_bytes(made, encoding="gb18030")

        yield Delivery("SCJ", f"企业名录_规下_{day:%Y%m%d}.csv", _at(day, 0, "09:30"), day, market)


# --- R01 规上工业 ---------------------------------------------------------------------------------------------------

LAND_TAX = "城镇土地使用税"
SIGNATURE = "填报人:              审核人:              单位负责人:              "


def _industry_file(reports: Reports, day: date, changes: dict[int, Row] | None = None, mark: str = "") -> bytes:
    rows = with_changes(reports.industry(day), changes or {})
    style = day.toordinal() % 5
    unit = "元" if style == 3 else "万元"
    notes = (f"注:1.到岗人数截至当日24时;2.不纳入原因按X01—X10填写;3.当日产值按{unit}填报。", SIGNATURE)
    if style == 1:
        made = form(
            "R01",
            rows,
            day,
            unit=unit,
            unit_in_header=True,
            groups=False,
            headers={"uscc": "信用代码"},
            date_style="%Y.%-m.%-d",
        )
        return csv_bytes(made, encoding="gb18030")
    if style == 3:
        headers = {
            "uscc": "社会信用代码",
            "township_code": "镇办",
            "resumed": "是否已复工",
            "on_post": "实际到岗人数",
            "capacity_rate": "产能恢复率(%)",
        }
        made = form(
            "R01",
            rows,
            day,
            unit=unit,
            own_unit={"output_value": unit},
            headers=headers,
            notes=notes,
            total_on_top=True,
            mark=mark,
        )
        return workbook_bytes([made])
    headers = {"capacity_rate": "产能恢复率(%)"}
    made = form("R01", rows, day, unit=unit, unit_in_header=True, headers=headers, notes=notes, total_label="合  计", mark=mark)
    return workbook_bytes([made])


def _industry(reports: Reports) -> Iterator[Delivery]:
    first = reports.industry(FIRST_DAY)
    wrong_check = str(first[26]["uscc"])[:17] + ("7" if str(first[26]["uscc"])[17] != "7" else "8")
    odd: dict[date, dict[int, Row]] = {
        date(2020, 2, 12): {26: {"uscc": wrong_check}},
        date(2020, 2, 19): {31: {"on_post": "约90"}, 47: {"on_post": "—"}},
        date(2020, 2, 26): {
            8: {"normal_headcount": _full_width(first[8]["normal_headcount"])},
            9: {"uscc": str(first[9]["uscc"]).lower()},
        },
        # Two headcounts lack their last digit, and one firm was not running: the bureau says so the next afternoon.
        date(2020, 3, 5): {
            2: {"on_post": int(str(reports.industry(date(2020, 3, 5))[2]["on_post"])[:-1] or 0)},
            5: {"on_post": int(str(reports.industry(date(2020, 3, 5))[5]["on_post"])[:-1] or 0)},
            12: {"resumed": "是", "resume_date": date(2020, 2, 20), "stop_reason": None, "on_post": 20},
        },
    }
    for day in days(FIRST_DAY):
        stem = f"上街区规上工业企业复工复产日报表({day.month}月{day.day}日)"
        is_csv = day.toordinal() % 5 == 1
        names = [
            f"{stem}.xlsx",
            f"{day:%Y%m%d}_R01_GXJ_V1.xlsx",
            f"R01 {day.month}.{day.day}最终版(2).xlsx",
            f"{day.month}月{day.day}日复工.xlsx",
        ]
        name = names[0] if day == LAST_DAY else names[day.toordinal() % 4]
        if is_csv:
            name = f"{day.month}月{day.day}日规上工业复工.csv"
        received = (
            _at(day, 0, f"{18 + day.day % 3}:{_minute(day, 11):02d}")
            if day.weekday() < 5
            else _at(day, 1, f"08:{_minute(day, 11):02d}")
        )
        if day == LAST_DAY:
            received = _at(day, 0, "20:40")
        yield Delivery("GXJ", name, received, day, lambda day=day: _industry_file(reports, day, odd.get(day)))
    day = date(2020, 3, 5)
    name = f"上街区规上工业企业复工复产日报表({day.month}月{day.day}日)更正.xlsx"
    yield Delivery("GXJ", name, _at(day, 1, "15:30"), day, lambda: _industry_file(reports, day, mark="更正"))


def _percent(value: object) -> str:
    return f"{value}%" if value is not None else ""


def _full_width(value: object) -> str:
    return "".join(chr(ord(c) + 0xFEE0) for c in str(value))


# --- R02 规上服务业(含限上商贸) -------------------------------------------------------------------------------------

NOT_SENT = date(2020, 2, 16)
LATE = {date(2020, 2, 24), date(2020, 2, 25), date(2020, 2, 26)}
TOO_FEW_BACK = date(2020, 3, 12)


def _services_file(reports: Reports, day: date, *, corrected: bool = False) -> bytes:
    rows = reports.services(day)
    if day == TOO_FEW_BACK and not corrected:  # three firms that are back; the bureau looks again on the 16th
        stopped = {"resumed": "否", "resume_date": None, "stop_reason": "其他", "on_post": 0}
        rows = with_changes(rows, {3: stopped, 7: stopped, 11: stopped})
    mark = "更正" if corrected else ""
    if day == date(2020, 2, 20):  # lower case and a blank inside: repaired and loaded
        code = str(rows[6]["uscc"])
        rows = with_changes(rows, {6: {"uscc": f"{code[:8].lower()} {code[8:].lower()}"}})
    if day == date(2020, 3, 4):  # one firm twice: both lines go back
        rows = [*rows, dict(rows[15])]
    if day == date(2020, 3, 10):
        rows = [
            row | {"revenue": f"{row['revenue']:,.2f}"} if i % 6 == 0 and row["revenue"] else row for i, row in enumerate(rows)
        ]
    notes = ("注:限上批发零售、住宿餐饮企业一并填报。", SIGNATURE)
    if day.day % 4 == 1:
        headers = {"uscc": "信用代码", "should_resume": "是否应复工", "resume_date": "复工时间"}
        made = form("R02", rows, day, unit_in_header=True, groups=False, headers=headers, date_style="%Y-%m-%d", notes=notes)
        return csv_bytes(made, encoding="utf-8-sig")
    if day.day % 4 == 3:
        return workbook_bytes([form("R02", rows, day, unit="万元", notes=notes)])
    headers = {"name": "单位名称", "on_post": "返岗人数"} if day.day % 4 == 2 else {}
    return workbook_bytes(
        [form("R02", rows, day, unit_in_header=True, headers=headers, notes=notes, total_label="总计", mark=mark)]
    )


def _services(reports: Reports) -> Iterator[Delivery]:
    for day in days(FIRST_DAY):
        if day == NOT_SENT:
            continue
        ending = "csv" if day.day % 4 == 1 else "xlsx"
        name = (
            f"{day:%Y%m%d}_R02_SWJ_V1.{ending}"
            if day.day % 2
            else f"规上服务业(含限上商贸)复工日报{day.month}月{day.day}日.{ending}"
        )
        received = _at(day, 1, f"08:{_minute(day, 13):02d}")
        if day in LATE:
            received = _at(date(2020, 2, 27), 0, f"{17 + day.day % 4}:{10 + day.day % 7}")
        yield Delivery("SWJ", name, received, day, lambda day=day: _services_file(reports, day))
    name = f"规上服务业(含限上商贸)复工日报{TOO_FEW_BACK.month}月{TOO_FEW_BACK.day}日(更正).xlsx"
    yield Delivery(
        "SWJ", name, _at(TOO_FEW_BACK, 4, "14:30"), TOO_FEW_BACK, lambda: _services_file(reports, TOO_FEW_BACK, corrected=True)
    )
    day = date(2020, 3, 5)

    def second_sender() -> bytes:
        rows = reports.services(day)[:3]
        return workbook_bytes([form("R02", rows, day, unit_in_header=True, sender="区发展改革委", totals=False)])

    yield Delivery("FGW", f"{day:%Y%m%d}_R02_FGW_V1.xlsx", _at(day, 1, "08:35"), day, second_sender)


# --- R03 建设工程 ---------------------------------------------------------------------------------------------------

WRONG_FOLDER = date(2020, 3, 3)
SITES_LATE = date(2020, 3, 7)
HOW_TO = Form(
    title="填表说明",
    subtitle="",
    columns=[Column("事项"), Column("要求")],
    rows=[["报送时间", "次日九点前"], ["现场人数", "含管理人员"], ["验收日期", "不得晚于复工日期"]],
    sheet="填表说明",
)


def _sites_file(reports: Reports, day: date) -> bytes:
    rows = reports.sites(day)
    if day == date(2020, 2, 21):  # what Excel makes of a code that looks like a number
        rows = with_changes(rows, {18: {"builder_uscc": "9.14101E+17"}})
    notes = ("注:1.验收未通过的工程不得复工;2.现场人数含管理人员。", SIGNATURE)
    if day.day % 3 == 2:
        headers = {"site_id": "工程编号/施工许可证号", "planned_workers": "计划用工人数", "on_site": "现场用工人数"}
        made = form("R03", rows, day, headers=headers, notes=notes, date_style="%Y年%-m月%-d日", groups=False)
        return workbook_bytes([made], first_sheets=[HOW_TO])
    return workbook_bytes([form("R03", rows, day, notes=notes)])


def _sites(reports: Reports) -> Iterator[Delivery]:
    for day in days(FIRST_DAY):
        name = f"上街区建设工程复工日报({day.month}月{day.day}日).xlsx" if day.day % 2 == 0 else f"{day:%Y%m%d}_R03_ZJJ_V1.xlsx"
        received = _at(day, 0, f"19:{_minute(day, 17):02d}") if day.day % 2 else _at(day, 1, f"07:{_minute(day, 17):02d}")
        if day == WRONG_FOLDER:
            yield Delivery("GXJ", name, _at(day, 0, "18:50"), day, lambda day=day: _sites_file(reports, day))
            received = _at(day, 1, "08:40")
        if day == SITES_LATE:  # a Saturday
            received = _at(day, 2, "08:50")
        yield Delivery("ZJJ", name, received, day, lambda day=day: _sites_file(reports, day))


# --- R04 税费减免退 -------------------------------------------------------------------------------------------------

TOO_MUCH = date(2020, 3, 11)
TAX_LATE = date(2020, 2, 25)


def _tax_file(reports: Reports, day: date, *, corrected: bool = False) -> bytes:
    rows = list(reports.tax(day))
    if day == date(2020, 3, 4):  # two documents of the day before once more, unchanged
        rows = [*reports.tax(date(2020, 3, 3))[:2], *rows]
    if day == TOO_MUCH and not corrected:  # 元 typed as if the form were in 万元
        i = next(i for i, row in enumerate(rows) if row["levy_item"] == "房产税")
        rows = with_changes(rows, {i: {"amt_relief": rows[i]["amt_relief"] * 10000}})
    mark = "更正" if corrected else ""
    notes = (
        "" if rows else "今日无新增业务(零报告)。",
        "注:优惠类型 减、免、退、缓;红冲凭证以负数填列并注明冲销凭证号。",
        SIGNATURE,
    )
    notes = tuple(n for n in notes if n)
    if day.day % 3 == 0:
        headers = {"uscc": "纳税人识别号", "amt_relief": "减免额", "doc_no": "文号"}
        return csv_bytes(
            form("R04", rows, day, unit_in_header=True, headers=headers, notes=notes, date_style="%Y%m%d"), encoding="gb18030"
        )
    if day.day % 3 == 1:
        # The base of the tax on land is square metres, whatever unit the column's money has.
        area = {i: {"base_amount": row["base_amount"] * 10000} for i, row in enumerate(rows) if row["levy_item"] == LAND_TAX}
        return workbook_bytes([form("R04", with_changes(rows, area), day, unit="万元", notes=notes, kind="增量", mark=mark)])
    return workbook_bytes([form("R04", rows, day, unit_in_header=True, notes=notes, kind="增量", mark=mark)])


def _tax(reports: Reports) -> Iterator[Delivery]:
    for day in workdays(INCREMENTS_FROM):
        ending = "csv" if day.day % 3 == 0 else "xlsx"
        name = f"{day:%Y%m%d}_R04_TAX_V1.{ending}" if day.day % 2 == 0 else f"税费减免退日报({day.month}月{day.day}日).{ending}"
        received = _at(day, 3, "16:20") if day == TAX_LATE else _at(day, 1, f"09:{_minute(day, 19):02d}")
        yield Delivery("TAX", name, received, day, lambda day=day: _tax_file(reports, day))
    day = TOO_MUCH
    yield Delivery(
        "TAX", f"{day:%Y%m%d}_R04_TAX_V2.xlsx", _at(day, 1, "14:20"), day, lambda: _tax_file(reports, day, corrected=True)
    )


# --- R05 社保费减免, R06 稳岗返还 -----------------------------------------------------------------------------------


def _insurance(reports: Reports) -> Iterator[Delivery]:
    for day in (date(2020, 2, 28), date(2020, 3, 13), LAST_DAY):

        def relief(day: date = day) -> bytes:
            made = form("R05", reports.social_insurance(day), day, unit_in_header=True, notes=(SIGNATURE,), kind="增量")
            return workbook_bytes([made])

        yield Delivery("RSJ", f"社保费减免日报({day.year}年{day.month}月{day.day}日).xlsx", _at(day, 1, "09:25"), day, relief)
    for i, day in enumerate(workdays(date(2020, 2, 17))):

        def stabilisation(day: date = day, i: int = i) -> bytes:
            notes = ("注:拨付金额以国库实际拨付为准;公示期不少于5个工作日。", SIGNATURE)
            headers = {"application_id": "受理编号", "paid": "实际拨付金额"} if i % 2 else {}
            made = form(
                "R06", reports.stabilisation(day), day, unit_in_header=i % 2 == 0, headers=headers, notes=notes, kind="累计"
            )
            return workbook_bytes([made])

        name = f"稳岗返还台账{day.month}月{day.day}日.xlsx" if i % 2 else f"{day:%Y%m%d}_R06_RSJ_V1.xlsx"
        yield Delivery("RSJ", name, _at(day, 1, f"09:{_minute(day, 23):02d}"), day, stabilisation)


# --- R08 供水 -------------------------------------------------------------------------------------------------------

UNREADABLE = date(2020, 3, 12)
REPEATED = date(2020, 3, 13)


def _water_file(reports: Reports, day: date) -> bytes:
    rows: list[Row] = list(reports.water(day))
    if day == UNREADABLE:
        rows = with_changes(rows, {4: {"quantity": "约3500"}})
    if day == REPEATED:  # the line that came back, mended, with the next day's bills
        rows = [*rows, reports.water(UNREADABLE)[4]]
    notes = ("注:抄表起日为上次抄表日;工商业用水自2月1日起执行4.0元/立方米。",)
    if day.day % 2 == 0:
        headers = {"uscc": "信用代码", "quantity": "用水量", "user_class": "用水性质"}
        return csv_bytes(form("R08", rows, day, unit_in_header=True, headers=headers, notes=notes), encoding="utf-8-sig")
    return workbook_bytes([form("R08", rows, day, notes=notes, kind="增量")])


def _water(reports: Reports) -> Iterator[Delivery]:
    for day in workdays(WATER_FROM):
        name = f"R08 {day.month}.{day.day}.csv" if day.day % 2 == 0 else f"供水日报({day.month}月{day.day}日).xlsx"
        yield Delivery("GSGS", name, _at(day, 1, f"09:{_minute(day, 29):02d}"), day, lambda day=day: _water_file(reports, day))


# --- R10 供电 -------------------------------------------------------------------------------------------------------


def _power(reports: Reports) -> Iterator[Delivery]:
    for day in days(FIRST_DAY):

        def both(day: date = day) -> bytes:
            daily = form(
                "R10", reports.power_daily(day), day, kind="快照", total_label="总计", headers={"kwh_day": "日用电量(千瓦时)"}
            )
            bills = reports.power_bills(day)
            notes = () if bills else ("当日无新出账单(零报告)。",)
            return workbook_bytes([daily, form("R10 bills", bills, day, unit_in_header=True, notes=notes, kind="增量")])

        name = f"{day:%Y%m%d}_R10_GDGS_V1.xlsx" if day.day % 2 else f"供电日报{day.year}.{day.month}.{day.day}.xlsx"
        yield Delivery("GDGS", name, _at(day, 1, f"07:{_minute(day, 31):02d}"), day, both)


# --- R11 土地供应 ---------------------------------------------------------------------------------------------------


def _land(reports: Reports) -> Iterator[Delivery]:
    for day in [d for d in days(FIRST_DAY) if d.weekday() == 0]:

        def sheets(day: date = day) -> bytes:
            plan = form("R11 plan", reports.land_plan(), day)
            parcels = form(
                "R11 parcels", reports.land_parcels(day), day, unit="万元", notes=("注:保证金比例=竞买保证金÷起始价。",)
            )
            return workbook_bytes([plan, parcels, form("R11 milestones", reports.land_milestones(), day)])

        yield Delivery(
            "ZRZY", f"上街区土地供应台账{day.month}月{day.day}日.xlsx", _at(day, 0, f"09:{_minute(day, 37):02d}"), day, sheets
        )


# --- R12 企业贷款 ---------------------------------------------------------------------------------------------------

SPOILT_CODE = date(2020, 3, 10)
SENT_TWICE = date(2020, 3, 6)
SHORT_AMOUNT = date(2020, 2, 14)


def _loan_file(reports: Reports, day: date, *, corrected: bool = False) -> bytes:
    rows: list[Row] = list(reports.loans(day))
    if day == SPOILT_CODE and not corrected:
        rows = with_changes(rows, {0: {"uscc": "9.14101E+17"}})
    if day == SHORT_AMOUNT and not corrected:  # one amount lacks its last digit; the office notices days later
        rows = with_changes(rows, {0: {"disbursed": rows[0]["disbursed"] // 10}})
    notes = () if rows else ("今日无新增放款(零报告)。",)
    mark = "更正" if corrected else ""
    if day.day % 4 == 3:
        return workbook_bytes([form("R12", rows, day, unit="元", unit_in_header=True, notes=notes, mark=mark)])
    return workbook_bytes(
        [form("R12", rows, day, unit="万元", unit_in_header=day.day % 2 == 0, notes=(*notes, SIGNATURE), kind="增量", mark=mark)]
    )


def _loans(reports: Reports) -> Iterator[Delivery]:
    for day in workdays(INCREMENTS_FROM):
        name = f"企业贷款日报{day.month}月{day.day}日.xlsx" if day.day % 2 else f"{day:%Y%m%d}_R12_JRB_V1.xlsx"
        yield Delivery("JRB", name, _at(day, 1, f"11:{_minute(day, 41):02d}"), day, lambda day=day: _loan_file(reports, day))
    yield Delivery(
        "JRB",
        f"企业贷款日报{SENT_TWICE:%Y%m%d}(再发).xlsx",
        _at(SENT_TWICE, 3, "10:15"),
        SENT_TWICE,
        lambda: _loan_file(reports, SENT_TWICE),
    )
    for day, later, clock in ((SPOILT_CODE, 1, "16:05"), (SHORT_AMOUNT, 5, "10:40")):
        name = f"企业贷款日报{day.month}月{day.day}日(更正).xlsx"
        yield Delivery("JRB", name, _at(day, later, clock), day, lambda day=day: _loan_file(reports, day, corrected=True))
