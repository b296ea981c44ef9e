"""The sample district's files, read with openpyxl and csv alone: nothing of the engine is used here."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from include.samples.fugong_samples import write_district

GOLDEN = Path(__file__).parents[2] / "include" / "samples" / "golden.csv"
D = date(2020, 3, 18)
SOCIAL = {"养老", "失业", "工伤", "医疗"}

FILES = {
    "CZJ": 18,  # working days from 24 February
    "DCS": 28,
    "FGW": 26,  # a notice that is no report; services that the commerce bureau lists, too; 23 ledgers of projects and a second version
    "GDGS": 47,
    "GSGS": 18,
    "GXJ": 62,  # 47 days, one correction, one file that belongs to ZJJ; 13 of epidemic supplies
    "GZB": 2,
    "JRB": 31,  # 28 working days, one sent twice, two corrections
    "RQGS": 13,
    "RSJ": 30,  # 23 working days of refunds, three files of relief, four of recruitment
    "SCJ": 7,
    "SWJ": 53,  # 16 February was not sent; one correction; six ledgers of deals
    "TAX": 29,  # 28 working days, one correction
    "TJJ": 8,
    "Z01": 15,
    "Z02": 15,
    "Z03": 15,
    "Z04": 15,
    "Z05": 14,  # its leases of 16 March were not sent
    "Z06": 15,
    "ZJJ": 47,
    "ZRZY": 7,
    "ZWJ": 23,
}


@dataclass(frozen=True)
class Table:
    """One sheet as a person reads it: the lines above the header, and the rows by header."""

    title: str
    rows: list[dict[str, Any]]
    total: dict[str, Any]

    def column(self, *names: str) -> str:
        """The header that is one of `names`, with or without a unit in brackets."""
        found = [h for h in (self.rows[0] if self.rows else {}) if h.partition("(")[0] in names or h in names]
        assert len(found) == 1, (names, list(self.rows[0]) if self.rows else [])
        return found[0]

    def money(self, row: dict[str, Any], *names: str) -> Decimal:
        """A cell in yuan: by the unit in the header, else by the unit above the table."""
        header = self.column(*names)
        in_ten_thousands = "(万元)" in header or ("(元)" not in header and "金额单位:万元" in self.title)
        value = Decimal(str(row[header] if row[header] not in (None, "") else 0))
        return value * 10000 if in_ten_thousands else value


def read(path: Path) -> dict[str, Table]:
    if path.suffix == ".csv":
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig") if raw.startswith(b"\xef\xbb\xbf") else raw.decode("gb18030")
        return {"csv": table([[c or None for c in line] for line in csv.reader(io.StringIO(text))])}
    book = openpyxl.load_workbook(path, data_only=True)
    return {s.title: table([list(r) for r in s.iter_rows(values_only=True)]) for s in book if s.title != "填表说明"}


def table(lines: list[list[Any]]) -> Table:
    at = next(i for i, line in enumerate(lines) if line[0] == "序号")
    header, start = lines[at], at + 1
    if len(lines) > start and lines[start][0] is None and any(lines[start]):
        header, start = [below or above for above, below in zip(header, lines[start], strict=True)], start + 1
    rows, total = [], {}
    for line in lines[start:]:
        if re.sub(r"\s", "", str(line[0])) in ("合计", "总计"):
            total = dict(zip(header, line, strict=True))
        elif str(line[0]).isdigit():
            rows.append(dict(zip(header, line, strict=True)))
    return Table(" ".join(str(line[0]) for line in lines[:at]), rows, total)


def day(value: Any) -> date | None:
    if value in (None, ""):
        return None
    if isinstance(value, datetime):
        return value.date()
    parts = re.findall(r"\d+", str(value))
    year, month, dom = (parts[0][:4], parts[0][4:6], parts[0][6:]) if len(parts) == 1 else parts
    return date(int(year), int(month), int(dom))


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("district")
    write_district(to)
    return to


@pytest.fixture(scope="module")
def tables(inbox: Path) -> dict[str, dict[str, Table]]:
    return {str(p.relative_to(inbox)): read(p) for p in sorted(inbox.glob("*/*")) if p.suffix in (".xlsx", ".csv")}


def manifest(inbox: Path) -> list[tuple[str, datetime]]:
    with (inbox / "history.csv").open(encoding="utf-8", newline="") as file:
        return [(line["file"], datetime.fromisoformat(line["received_at"])) for line in csv.DictReader(file)]


def hashes(inbox: Path) -> dict[str, str]:
    return {str(p.relative_to(inbox)): hashlib.sha256(p.read_bytes()).hexdigest() for p in inbox.rglob("*") if p.is_file()}


def in_force(tables: dict[str, dict[str, Table]], department: str, report: str, sheet: str = "") -> Iterator[Table]:
    """The tables of an increment that count in the end: without what a correction replaced, and no file twice."""
    replaced = {
        "TAX/税费减免退日报(3月11日).xlsx",
        "JRB/20200214_R12_JRB_V1.xlsx",
        "JRB/20200310_R12_JRB_V1.xlsx",
        "JRB/企业贷款日报20200306(再发).xlsx",
    }
    assert replaced <= tables.keys()
    chosen = [n for n in tables if n.startswith(f"{department}/") and n not in replaced]
    for name in chosen:
        for title, found in tables[name].items():
            if report in found.title and sheet in title:
                yield found


def test_each_department_sends_as_many_files_as_told(inbox: Path) -> None:
    counts = {d.name: len(list(d.iterdir())) for d in inbox.iterdir() if d.is_dir()}
    assert counts == FILES
    assert sum(counts.values()) < 600


def test_the_manifest_lists_every_file_once_in_order_of_arrival(inbox: Path) -> None:
    listed = manifest(inbox)
    assert Counter(name for name, _ in listed) == Counter(str(p.relative_to(inbox)) for p in inbox.glob("*/*"))
    assert len(listed) == sum(FILES.values())
    times = [at for _, at in listed]
    assert times == sorted(times)
    assert {at.utcoffset() for at in times} == {timedelta(hours=8)}
    assert times[-1] <= datetime.fromisoformat("2020-03-19T12:00:00+08:00")


def test_the_same_seed_gives_the_same_bytes(inbox: Path, tmp_path: Path) -> None:
    write_district(tmp_path / "again")
    assert hashes(tmp_path / "again") == hashes(inbox)
    write_district(tmp_path / "other", as_of=date(2020, 2, 5), seed=2)
    other = hashes(tmp_path / "other")
    same = {name for name, sha256 in other.items() if hashes(inbox)[name] == sha256}
    assert len(other) > 15
    assert same == {"FGW/关于做好每日数据报送工作的通知.txt", "ZRZY/上街区土地供应台账2月3日.xlsx"}


def test_an_earlier_day_is_the_beginning_of_the_same_story(inbox: Path, tmp_path: Path) -> None:
    write_district(tmp_path, as_of=date(2020, 2, 25))
    told, whole = hashes(tmp_path), hashes(inbox)
    del told["history.csv"]
    assert told.items() <= whole.items()
    first = manifest(tmp_path)
    assert [line for line in manifest(inbox) if line[0] in told] == first
    # The commerce bureau is late with the 24th and 25th: they are not there yet, the 23rd is.
    assert {n for n in told if n.startswith("SWJ/")} >= {"SWJ/20200223_R02_SWJ_V1.xlsx"}
    assert not [n for n in told if re.search(r"SWJ/(?!招商).*(0224|0225|2月24日|2月25日)", n)]


def test_a_day_outside_the_story_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2020-03-18"):
        write_district(tmp_path, as_of=date(2020, 3, 19))


def test_every_report_names_its_day_in_the_title_and_never_another_in_the_name(tables: dict[str, dict[str, Table]]) -> None:
    assert len(tables) == sum(FILES.values()) - 1
    for name, sheets in tables.items():
        for found in sheets.values():
            match = re.search(r"统计日期:(\d{4})年(\d+)月(\d+)日", found.title)
            assert match, name
            year, month, dom = map(int, match.groups())
            forms = {f"{year}{month:02d}{dom:02d}", f"{month}月{dom}日", f"{month}.{dom}", f"{year}.{month}.{dom}"}
            assert any(form in name for form in forms), (name, forms)


def valid_code(code: str) -> bool:
    """GB 32100-2015, written down from the standard's table of weights."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    if not re.fullmatch(f"[{alphabet}]{{18}}", code):
        return False
    outer = 31 - sum(w * alphabet.index(c) for w, c in zip(weights, code, strict=False)) % 31
    values = [int(c, 36) for c in code[8:16]]
    inner = 11 - sum(v * w for v, w in zip(values, [3, 7, 9, 10, 5, 8, 4, 2], strict=True)) % 11
    return code[17] == alphabet[outer % 31] and code[16] == "0123456789X0"[inner]


def test_every_credit_code_is_valid_but_for_the_seeded_ones(tables: dict[str, dict[str, Table]]) -> None:
    assert valid_code("91350100M000100Y43")
    assert not valid_code("91350100M000100Y44")
    codes = ("信用代码", "识别号")
    seen: Counter[str] = Counter()
    wrong: dict[str, list[str]] = {}
    for name, sheets in tables.items():
        for found in sheets.values():
            for row in found.rows:
                for header, value in row.items():
                    if header.endswith(codes) and value:
                        seen[value] += 1
                        if not valid_code(str(value)):
                            wrong.setdefault(name, []).append(str(value))
    assert len(seen) > 320
    assert all(code[8] == "Y" for code in seen if valid_code(code))
    assert {name: len(found) for name, found in wrong.items()} == {
        "GXJ/2月12日复工.xlsx": 1,  # check digit
        "GXJ/2月26日规上工业复工.csv": 1,  # lower case
        "SWJ/规上服务业(含限上商贸)复工日报2月20日.xlsx": 1,  # lower case and a blank
        "ZJJ/20200221_R03_ZJJ_V1.xlsx": 1,  # 9.14101E+17
        "JRB/20200310_R12_JRB_V1.xlsx": 1,  # 9.14101E+17
    }


def test_totals_below_the_tables_are_the_sums_of_their_rows(tables: dict[str, dict[str, Table]]) -> None:
    compared = 0
    for name, sheets in tables.items():
        for found in sheets.values():
            for header, value in found.total.items():
                if header != "序号" and value not in (None, ""):
                    cells = [str(r[header]) for r in found.rows if r[header] not in (None, "")]
                    numbers = [Decimal(c) for c in cells if re.fullmatch(r"-?\d+(\.\d+)?", c)]
                    if len(numbers) == len(cells) and (name, header) != ("GXJ/2月26日规上工业复工.csv", "正常用工人数"):
                        assert abs(sum(numbers, Decimal(0)) - Decimal(str(value))) < Decimal("0.001"), (name, header)
                        compared += 1
    assert compared > 900


def resumption(rows: list[dict[str, Any]], baseline: dict[str, int], should: str, post: str) -> tuple[int, int, int, int]:
    code = next(h for h in rows[0] if h.endswith("信用代码"))
    counted = [r for r in rows if r[should] == "是" or r["不纳入原因"] == "X10"]
    return (
        sum(r["是否复工"] == "是" for r in counted),
        len(counted),
        sum(int(r[post]) for r in counted),
        sum(baseline[r[code]] for r in counted),
    )


def figures(tables: dict[str, dict[str, Table]]) -> dict[str, Any]:
    made: dict[str, Any] = {"S001": D}
    register = tables["TJJ/20200316_R00_TJJ_V1.xlsx"]["Sheet1"] if "TJJ/20200316_R00_TJJ_V1.xlsx" in tables else None
    register = register or tables["TJJ/上街区四上企业名录(3月16日).xlsx"]["Sheet1"]
    code = register.column("统一社会信用代码", "信用代码")
    members = [r for r in register.rows if not r["退库日期"]]
    scale = {r[code]: r["专业类别"] for r in members}
    baseline = {r[code]: int(r["基准职工人数"]) for r in members}
    assert Counter(scale.values()) == {"B": 118, "F": 34, "E": 28, "S": 16, "C": 14, "X": 10}
    made["S018"] = sum(1 for r in members if r["分包领导职务代码"])

    industry = tables["GXJ/上街区规上工业企业复工复产日报表(3月18日).xlsx"]["Sheet1"].rows
    assert {r["统一社会信用代码"] for r in industry} == {c for c, s in scale.items() if s == "B"}
    n, of, on, normal = resumption(industry, baseline, "是否纳入应复工", "到岗人数")
    made |= {"S002": Decimal(n) / of, "S003": Decimal(on) / normal}
    assert of == 116

    listed = tables["SWJ/规上服务业(含限上商贸)复工日报3月18日.xlsx"]["Sheet1"].rows
    name, post = next(h for h in listed[0] if h.endswith("信用代码")), next(h for h in listed[0] if h in ("到岗人数", "返岗人数"))
    services = [r for r in listed if scale[r[name]] == "F"]
    assert (len(listed), len(services)) == (78, 34)
    n, of, on, normal = resumption(services, baseline, "是否纳入应复工", post)
    made |= {"S004": Decimal(n) / of, "S005": Decimal(on) / normal}
    n, of, on, normal = resumption([r for r in listed if scale[r[name]] in "ES"], baseline, "是否纳入应复工", post)
    assert (n, of, on) == (43, 43, normal)

    sites = tables["ZJJ/上街区建设工程复工日报(3月18日).xlsx"]["Sheet1"].rows
    made["S006"] = sum(r["应复工"] == "是" for r in sites)
    made["S007"] = Decimal(sum(r["是否复工"] == "是" for r in sites)) / len(sites)
    made["S008"] = Decimal(sum(int(r["现场人数"]) for r in sites)) / sum(int(r["现阶段计划用工"]) for r in sites)

    ledger = next(
        t["Sheet1"] for n, t in tables.items() if n.startswith("RSJ/稳岗返还台账3月18日") or n == "RSJ/20200318_R06_RSJ_V1.xlsx"
    )
    made["S033"] = sum(
        (ledger.money(r, "拨付金额", "实际拨付金额") for r in ledger.rows if r["拨付日期"] and (day(r["拨付日期"]) or D) <= D),
        Decimal(0),
    )

    land = tables["ZRZY/上街区土地供应台账3月16日.xlsx"]
    made["S034"] = sum(Decimal(str(r["计划面积(亩)"])) for r in land["计划"].rows if r["年度"] == 2020)
    parcels = land["地块"].rows
    made["S035"] = sum(Decimal(str(r["面积(亩)"])) for r in parcels if (on := day(r["供应日期"])) and on.month == 3 and on <= D)
    made["S037"] = min(Decimal(str(r["保证金比例(%)"])) for r in parcels if (on := day(r["公告日"])) and on <= D) / 100

    loans = [(t, r) for t in in_force(tables, "JRB", "企业贷款") for r in t.rows]
    assert len({r["放款编号"] for _, r in loans}) == len(loans) == 67
    new = [(t.money(r, "放款金额"), r["统一社会信用代码"]) for t, r in loans if r["业务性质"] == "新增"]
    made |= {"S038": len({firm for amount, firm in new if amount > 0}), "S039": sum(amount for amount, _ in new)}

    documents = {r["凭证号"]: (t, r) for t in in_force(tables, "TAX", "税费减免") for r in t.rows}
    assert len(documents) == 344
    made["S041"] = sum(
        t.money(r, "减免税额", "减免额") + t.money(r, "退税额")
        for t, r in documents.values()
        if r["优惠类型"] != "缓" and r["征收项目"] not in SOCIAL
    )
    assert [r["优惠类型"] for _, r in documents.values()].count("缓") > 10
    assert sum(r["征收项目"] in SOCIAL for _, r in documents.values()) > 10
    assert sum(r["冲销凭证号"] not in (None, "") for _, r in documents.values()) == 1

    relief = Decimal(0)
    before = date(2020, 1, 31)
    bills = [(t, r) for t in in_force(tables, "GSGS", "供水") for r in t.rows]
    volume = next(t for t, _ in bills).column
    assert volume("用量", "用水量")
    for t, r in bills:
        quantity = r[t.column("用量", "用水量")]
        since, to = day(r["抄表起日"]), day(r["抄表止日"])
        assert since is not None
        assert to is not None
        if quantity == "约3500" or r[t.column("用户类别", "用水性质")] != "工商业" or to > D:
            continue
        overlap = Decimal((to - max(since, before)).days) / (to - since).days
        relief += (Decimal(str(quantity)) * overlap * (Decimal("4.1") - Decimal("4.0"))).quantize(Decimal("0.000001"))
    made["S049"] = relief

    projects = tables["FGW/上街区重点项目台账(3月18日).xlsx"]["项目"]
    state, investment = projects.column("开复工状态", "开复工情况"), "总投资(亿元)"
    listed = [r for r in projects.rows if r["是否列入省市重点"] == "是"]
    due = [r for r in listed if r["不纳入原因"] in (None, "")]
    made |= {"S063": len(projects.rows), "S064": sum(Decimal(str(r[investment])) for r in projects.rows) * 10**8}
    made |= {"S066": len(listed), "S067": sum(Decimal(str(r[investment])) for r in listed) * 10**8}
    made["S069"] = sum(r[state] in ("已开工", "已复工") for r in listed)
    assert (made["S069"], len(due)) == (16, 18)
    approvals = tables["ZWJ/20200318_R15_ZWJ_V1.xlsx"]["手续"].rows
    made |= {"S026": len(approvals), "S027": sum(r["办理状态"] == "已办结" for r in approvals)}
    assert {r["项目代码"] for r in approvals} == {r["项目代码"] for r in listed if r["建设性质"] == "新开工"}
    ledgers = [(name, sheets) for name, sheets in tables.items() if "走访" in sheets]
    made["S059"] = sum(len(sheets["走访"].rows) for _, sheets in ledgers)
    last = [r for name, sheets in ledgers if "0318" in name or "3月18日" in name for r in sheets["问题"].rows]
    made |= {"S060": len(last), "S061": sum(r["解决方式"] == "现场解决" for r in last)}
    made["S062"] = sum(r["状态"] in ("已交办", "办理中") and bool(r["责任岗位"] and r["办结时限"]) for r in last)
    deals = [r for r in tables["SWJ/招商签约台账(3月16日).xlsx"]["Sheet1"].rows if r["协议类型"] == "正式合同"]
    made |= {"S072": len(deals), "S073": sum(Decimal(str(r[investment])) for r in deals) * 10**8}

    offered = tables["RSJ/招聘用工台账3月16日.xlsx"]
    made |= {"S030": len(offered["期次"].rows), "S031": sum(r["岗位数"] for r in offered["岗位"].rows)}
    made["S032"] = sum(r["意向人数"] for r in offered["岗位"].rows)
    awards = tables["CZJ/奖补资金台账3月18日.xlsx"]["Sheet1"]
    made["S040"] = sum((awards.money(r, "拨付金额") for r in awards.rows if (on := day(r["拨付日期"])) and on <= D), Decimal(0))
    supplies = [t for n, sheets in tables.items() for t in sheets.values() if n.startswith("GXJ/") and "防疫物资" in t.title]
    arrived = Counter[str]()
    for found in supplies:
        for r in found.rows:
            if "到货日" in r and (on := day(r["到货日"])) and on <= D:
                arrived[r["品名"]] += r["数量"]
    made |= {"S053": arrived["温度计"], "S054": arrived["测温枪"], "S055": arrived["口罩"]}
    made["S056"] = sum(r["设计日产能"] for r in tables["GXJ/20200318_R18_GXJ_V1.xlsx"]["产线"].rows)
    return made


def test_the_files_add_up_to_the_golden_figures(tables: dict[str, dict[str, Table]]) -> None:
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        golden = {line["figure"]: line["value"] for line in csv.DictReader(file)}
    made = figures(tables)
    assert made.keys() <= golden.keys()
    assert len(made) == 38
    assert made.pop("S001").isoformat() == golden["S001"]
    assert made == {figure: Decimal(golden[figure]) for figure in made}


def test_the_seeded_faults_are_where_the_readme_says(inbox: Path, tables: dict[str, dict[str, Table]]) -> None:
    # ×10,000: larger than its own base, so it cannot be right.
    wrong = tables["TAX/税费减免退日报(3月11日).xlsx"]["Sheet1"]
    right = {r["凭证号"]: r for r in tables["TAX/20200311_R04_TAX_V2.xlsx"]["Sheet1"].rows}
    changed = [r for r in wrong.rows if r != right[r["凭证号"]]]
    assert len(changed) == 1
    assert wrong.money(changed[0], "减免税额") == 10000 * Decimal(str(right[changed[0]["凭证号"]][wrong.column("减免税额")]))
    assert wrong.money(changed[0], "减免税额") > wrong.money(changed[0], "计税依据")
    # The same bytes under two names.
    assert (inbox / "JRB/20200306_R12_JRB_V1.xlsx").read_bytes() == (inbox / "JRB/企业贷款日报20200306(再发).xlsx").read_bytes()
    # A file in a neighbour's folder, and later in its own.
    assert (inbox / "GXJ/20200303_R03_ZJJ_V1.xlsx").read_bytes() == (inbox / "ZJJ/20200303_R03_ZJJ_V1.xlsx").read_bytes()
    # The correction keeps every firm and changes three lines.
    first = tables["GXJ/20200305_R01_GXJ_V1.xlsx"]["Sheet1"].rows
    second = tables["GXJ/上街区规上工业企业复工复产日报表(3月5日)更正.xlsx"]["Sheet1"].rows
    assert len(first) == len(second) == 118
    assert sum(a != b for a, b in zip(first, second, strict=True)) == 3
    # A nil report: a header, no rows.
    assert tables["JRB/20200210_R12_JRB_V1.xlsx"]["Sheet1"].rows == []
    # One firm twice; the bill that could not be read comes again a day later.
    codes = [r["统一社会信用代码"] for r in tables["SWJ/规上服务业(含限上商贸)复工日报3月4日.xlsx"]["Sheet1"].rows]
    assert sorted(Counter(codes).values())[-1] == 2
    unread = [r["账单号"] for t in in_force(tables, "GSGS", "供水") for r in t.rows if r[t.column("用量", "用水量")] == "约3500"]
    again = [r["账单号"] for r in tables["GSGS/供水日报(3月13日).xlsx"]["Sheet1"].rows]
    assert len(unread) == 1
    assert unread[0] in again


def test_resumption_rises_from_a_fifth_and_one_firm_relapses(tables: dict[str, dict[str, Table]]) -> None:
    running: dict[date, set[str]] = {}
    listed: dict[date, int] = {}
    for name, sheets in tables.items():
        for found in sheets.values():
            if name.startswith("GXJ/") and "规上工业" in found.title and "更正" not in name:
                on = day("-".join(re.findall(r"统计日期:(\d+)年(\d+)月(\d+)日", found.title)[0]))
                assert on is not None
                resumed = found.column("是否复工", "是否已复工")
                code = found.column("统一社会信用代码", "信用代码", "社会信用代码")
                running[on] = {r[code] for r in found.rows if r[resumed] == "是"}
                listed[on] = len(found.rows)
    assert sorted(running) == [date(2020, 2, 1) + timedelta(days=i) for i in range(47)]
    assert 0.15 < len(running[date(2020, 2, 1)]) / listed[date(2020, 2, 1)] < 0.25
    stopped = running[date(2020, 3, 1)] - running[date(2020, 3, 3)]
    assert len(stopped) == 1
    assert stopped <= running[D]


def test_other_seeds_reach_the_same_totals() -> None:
    from include.samples.fugong_samples.district import make_district
    from include.samples.fugong_samples.reports import Reports

    for seed in range(2, 8):
        reports = Reports(make_district(seed, 1))
        scope = [r for r in reports.tax_documents if r["relief_kind"] != "缓" and r["levy_item"] not in SOCIAL]
        assert sum((r["amt_relief"] or 0) + (r["amt_refund"] or 0) for r in scope) == Decimal("13798800.00")
        assert sum(r["paid"] or 0 for r in reports.refunds) == Decimal("2189000.00")
        assert sum(r["disbursed"] for r in reports.all_loans if r["nature"] == "新增") == 215_000_000
        firms = [f for f in reports.district.of("B") if not f.is_exempt(D)]
        assert sum(f.on_post(D) for f in firms) == sum(f.headcount for f in firms)
        assert all(f.is_resumed(D) for f in firms)
