"""Lays out each report: headers in order, columns with a total, titles and senders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from .files import Cell, Column, Form

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Layout:
    """The form of one table.

    `columns` are (field, header, kind, group, total); kind is one of text, int, number, money, date.
    """

    title: str
    sender: str
    columns: tuple[tuple[str, str, str, str, bool], ...]
    sheet: str = "Sheet1"


def _columns(text: str) -> tuple[tuple[str, str, str, str, bool], ...]:
    """Read columns from lines of `field, header, kind, [group]`; a kind that ends in + gets a total."""
    made = []
    for line in text.strip().splitlines():
        parts = line.split()
        group = parts[3] if len(parts) > 3 else ""
        made.append((parts[0], parts[1], parts[2].rstrip("+"), group, parts[2].endswith("+")))
    return tuple(made)


_FIRM = """
name 企业名称 text
uscc 统一社会信用代码 text
township_code 所属镇办 text
should_resume 是否纳入应复工 text 复工情况
exempt_code 不纳入原因 text 复工情况
resumed 是否复工 text 复工情况
resume_date 复工日期 date 复工情况
normal_headcount 正常用工人数 int+ 人员情况
on_post 到岗人数 int+ 人员情况
not_returned_outside 其中:外省未返岗 int+ 人员情况
"""

_BILL = """
account_no 户号 text
bill_no 账单号 text
uscc 统一社会信用代码 text
user_class 用户类别 text
read_from 抄表起日 date
read_to 抄表止日 date
quantity 用量 number+
price_before 原单价 number
price_after 执行单价 number
bill_before 原应收 money+
bill_after 实收应收 money+
relief_claimed 减免金额 money+
arrears 欠费余额 money
arrears_since 最早欠费日 date
cut_off 是否停供 text
"""

LAYOUTS: dict[str, Layout] = {
    "R00": Layout(
        "上街区企业名录",
        "区统计局",
        _columns("""
uscc 统一社会信用代码 text
name 企业名称 text
township_code 所属镇办 text
industry_code 行业代码 text
scale_code 专业类别 text
scale_from 入库日期 date
scale_to 退库日期 date
size_class 规模 text
reg_status 登记状态 text
baseline_headcount 基准职工人数 int
baseline_daily_kwh 基准日均用电量 number
baseline_daily_output 基准日均产值 money
high_energy_flag 高耗能标志 text
vat_type 纳税人类别 text
key_supply_level 疫情防控重点保障企业 text
leader_post_code 分包领导职务代码 text
industry_dept 行业主管单位 text
"""),
    ),
    "R01": Layout(
        "上街区规上工业企业复工复产日报表",
        "区工业和信息化局",
        _columns(
            f"""{_FIRM}
output_value 当日产值 money+ 生产情况
capacity_rate 产能恢复率 number 生产情况
stop_reason 未复工原因 text
issue_text 需协调问题 text
remark 备注 text
""".replace("\n\n", "\n")
        ),
    ),
    "R02": Layout(
        "上街区规上服务业(含限上商贸)复工日报表",
        "区商务局",
        _columns(
            f"""{_FIRM}
revenue 当日营业收入 money+ 经营情况
normal_revenue 正常日均营业收入 money+ 经营情况
open_state 营业状态 text 经营情况
closed_by_order 防疫要求暂停开放 text 经营情况
stop_reason 未复工原因 text
issue_text 需协调问题 text
remark 备注 text
""".replace("\n\n", "\n")
        ),
    ),
    "R03": Layout(
        "上街区建设工程复工日报表",
        "区住房和城乡建设局",
        _columns("""
site_id 工程编号 text
site_name 工程名称 text
project_code 项目代码 text
site_type 工程类别 text
owner_uscc 建设单位信用代码 text
builder_uscc 施工单位信用代码 text
should_resume 应复工 text 复工情况
exempt_code 不纳入原因 text 复工情况
resumed 是否复工 text 复工情况
resume_date 复工日期 date 复工情况
planned_workers 现阶段计划用工 int+ 用工情况
on_site 现场人数 int+ 用工情况
acceptance_date 安全与防疫验收日期 date
"""),
    ),
    "R04": Layout(
        "上街区税费减免退日报表",
        "税务局",
        _columns("""
doc_id 凭证号 text
uscc 统一社会信用代码 text
period_from 所属期起 date
period_to 所属期止 date
levy_item 征收项目 text
relief_kind 优惠类型 text
relief_code 减免性质代码 text
doc_no 政策文号 text
base_amount 计税依据 money+
rate_std 法定税率 text
rate_act 实际税率 text
amt_relief 减免税额 money+
amt_refund 退税额 money+
amt_defer 缓缴额 money+
policy_vintage 政策年度 text
post_date 业务日期 date
reverses_id 冲销凭证号 text
"""),
    ),
    "R05": Layout(
        "上街区社保费减免日报表",
        "区人力资源和社会保障局",
        _columns("""
premium_month 费款所属月 text
uscc 统一社会信用代码 text
insurance 险种 text
insured 缴费人数 int
wage_base 缴费基数合计 money+
employer_rate 单位费率 text
size_class 划型 text
relief_share 减免比例 text
due_before 应缴 money+
relief 减免额 money+
deferred 缓缴额 money
refund 退费额 money+
refund_date 退费日期 date
"""),
    ),
    "R06": Layout(
        "上街区稳岗返还台账",
        "区人力资源和社会保障局",
        _columns("""
application_id 申请编号 text
uscc 统一社会信用代码 text
batch 批次 text
kind 类型 text
prev_year_premium 上年缴纳失业保险费 money+
insured_start 上年初参保人数 int
insured_end 上年末参保人数 int
layoff_rate 裁员率 text
ratio 返还比例 text
approved 核定金额 money+
notice_from 公示起 date
notice_to 公示止 date
paid 拨付金额 money+
paid_date 拨付日期 date
status 状态 text
"""),
    ),
    "R07 issues": Layout(
        "上街区招聘用工台账(期次)",
        "区人力资源和社会保障局",
        _columns("""
issue_no 期号 text
published_date 发布日期 date
channel 渠道 text
activity 活动名称 text
n_firms 参加企业数 int
"""),
        "期次",
    ),
    "R07 posts": Layout(
        "上街区招聘用工台账(岗位)",
        "区人力资源和社会保障局",
        _columns("""
issue_no 期号 text
uscc 统一社会信用代码 text
post 岗位名称 text
posts 岗位数 int+
vacancies 需求人数 int+
intents 意向人数 int+
signed 签约人数 int+
started 到岗人数 int+
"""),
        "岗位",
    ),
    "R08": Layout("上街区供水账单及水费减免日报表", "供水公司", _columns(_BILL)),
    "R09": Layout("上街区供气账单及气费减免日报表", "燃气公司", _columns(f"{_BILL.strip()}\nlate_fee_waived 减免违约金 money\n")),
    "R10": Layout(
        "上街区供电日报表(日用电量)",
        "供电公司",
        _columns("""
account_no 户号 text
uscc 统一社会信用代码 text
kwh_day 日用电量 number+
"""),
        "日电量",
    ),
    "R10 bills": Layout(
        "上街区供电日报表(电费账单)",
        "供电公司",
        _columns(f"""{_BILL.strip()}
industry_code 行业代码 text
high_energy_flag 高耗能标志 text
bill_total 到户电费 money+
settlement_ratio 结算比例 text
"""),
        "电费账单",
    ),
    "R11 plan": Layout(
        "上街区2020年土地供应计划",
        "自然资源和规划局上街分局",
        _columns(
            "plan_year 年度 int\nuse 用途 text\nplan_mu 计划面积(亩) number+\n"
            + "\n".join(f"plan_mu_m{m:02d} {m}月 number+ 分月计划(亩)" for m in range(1, 13))
        ),
        "计划",
    ),
    "R11 parcels": Layout(
        "上街区土地供应台账(地块)",
        "自然资源和规划局上街分局",
        _columns("""
parcel_no 宗地编号 text
location 位置 text
use 用途 text
area_mu 面积(亩) number+
supply_mode 供应方式 text
notice_date 公告日 date
start_price 起始价(万元) money
floor_price 出让最低价(万元) money
deposit 竞买保证金(万元) money
deposit_ratio 保证金比例(%) number
deal_date 成交日 date
deal_price 成交价(万元) money
contract_no 合同号 text
contract_date 合同日 date
supply_date 供应日期 date
status 状态 text
"""),
        "地块",
    ),
    "R11 milestones": Layout(
        "上街区土地供应台账(合同履约)",
        "自然资源和规划局上街分局",
        _columns("""
contract_no 合同号 text
milestone 节点 text
due_date 约定日 date
actual_date 实际日 date
exempt_from 疫情不计期起 date
exempt_to 疫情不计期止 date
approval_doc_no 批准文号 text
"""),
        "履约",
    ),
    "R12": Layout(
        "上街区企业贷款日报表",
        "区金融工作办",
        _columns("""
loan_id 放款编号 text
uscc 统一社会信用代码 text
bank_code 银行 text
product 品种 text
contract_amount 合同金额 money+
disbursed_date 放款日期 date
disbursed 放款金额 money+
annual_rate 年利率(%) number
maturity_date 到期日 date
nature 业务性质 text
guarantee_mode 担保方式 text
is_relending 是否专项再贷款 text
is_subsidised 是否贴息 text
credit_line 授信额度 money
balance 余额 money+
"""),
    ),
    "R15 projects": Layout(
        "上街区重点项目台账",
        "区发展改革委",
        _columns("""
project_code 项目代码 text
project_name 项目名称 text
level 级别 text
phase 建设性质 text
is_prov_city 是否列入省市重点 text
total_investment 总投资(亿元) number+
year_plan 年度计划投资(亿元) number+
invested_total 累计完成投资(亿元) number+
invested_year 当年完成投资(亿元) number+
planned_start 计划开工日 date
actual_start 实际开复工日 date
status 开复工状态 text
exempt_code 不纳入原因 text
owner_dept 责任单位 text
township_code 所属镇办 text
on_site 现场人数 int+
"""),
        "项目",
    ),
    "R15 approvals": Layout(
        "上街区新开工项目联审联批手续台账",
        "政务服务和大数据管理局",
        _columns("""
project_code 项目代码 text
procedure 手续名称 text
is_required 是否需办 text
dept 办理部门 text
accepted_date 受理日期 date
done_date 办结日期 date
status 办理状态 text
blocker 卡点 text
"""),
        "手续",
    ),
    "R16": Layout(
        "上街区招商签约台账",
        "区商务局",
        _columns("""
deal_id 签约编号 text
project_name 项目名称 text
investor 投资方 text
kind 协议类型 text
total_investment 总投资(亿元) number
amount_scope 金额范围 text
signed_date 签约日期 date
industry 产业类别 text
township_code 拟落地镇办 text
status 履约状态 text
project_code 对应项目代码 text
"""),
    ),
    "R17 visits": Layout(
        "上街区三送一强台账(走访)",
        "督查室",
        _columns("""
visit_id 走访编号 text
visit_date 走访日期 date
visitor_kind 走访主体类别 text
visitor_post_code 主体职务代码 text
target_kind 对象类型 text
uscc 统一社会信用代码 text
project_code 项目代码 text
is_on_site_work 是否现场办公 text
"""),
        "走访",
    ),
    "R17 problems": Layout(
        "上街区三送一强台账(问题)",
        "督查室",
        _columns("""
problem_id 问题编号 text
visit_id 来源走访 text
raised_date 提出日期 date
uscc 统一社会信用代码 text
project_code 项目代码 text
category 问题类别 text
content 问题内容 text
resolution 解决方式 text
owner_dept 责任单位 text
owner_post 责任岗位 text
assigned_date 交办日期 date
due_date 办结时限 date
closed_date 办结日期 date
status 状态 text
satisfaction 满意度 text
"""),
        "问题",
    ),
    "R17 events": Layout(
        "上街区三送一强台账(服务事项)",
        "督查室",
        _columns("""
event_id 事项编号 text
kind 事项类型 text
event_date 日期 date
qty 数量 int
qty_unit 计量单位 text
organiser 承办单位 text
channel 渠道 text
policy_field 政策领域 text
post_code 职务代码 text
uscc 统一社会信用代码 text
is_exempt_inspection 检查是否例外 text
doc_no 文号 text
"""),
        "事项",
    ),
    "R13": Layout(
        "上街区奖补资金台账",
        "区财政局",
        _columns("""
payment_id 拨付编号 text
uscc 统一社会信用代码 text
clause_id 政策条款 text
item 项目类别 text
fund_source 资金来源 text
recognised_investment 认定投资额 money
upper_subsidy 上级补贴额 money
subsidy_ratio 补贴比例 text
approved 核定金额 money+
paid 拨付金额 money+
paid_date 拨付日期 date
doc_no 指标文号 text
"""),
    ),
    "R14": Layout(
        "上街区房租减免台账",
        "区国有资产管理办公室",
        _columns("""
lease_id 租约编号 text
lessor_type 出租方类型 text
lessor_uscc 出租方信用代码 text
tenant_uscc 承租方信用代码 text
tenant_reg_no 承租方注册号 text
tenant_kind 承租方类别 text
lease_from 合同起 date
lease_to 合同止 date
monthly_rent 月租金 money
free_months 免租月份 text
half_months 减半月份 text
relief_claimed 减免金额 money+
paid_handling 已收抵扣方式 text
agreed_date 协议日期 date
"""),
    ),
    "R18 lots": Layout(
        "上街区防疫物资日报表(协调购置)",
        "区工业和信息化局",
        _columns("""
lot_id 批次号 text
item 品名 text
spec 规格 text
qty 数量 int
qty_unit 计量单位 text
arrived_date 到货日 date
purpose 用途 text
unit_price 单价 number
"""),
        "协调购置",
    ),
    "R18 lines": Layout(
        "上街区防疫物资日报表(产线)",
        "区工业和信息化局",
        _columns("""
line_id 产线编号 text
uscc 企业信用代码 text
firm_name 企业名称 text
item 品名 text
daily_capacity 设计日产能 int
output 当日产量 int
stock 库存 int
start_date 投产日期 date
"""),
        "产线",
    ),
}


def form(
    report: str,
    rows: Iterable[Row],
    day: date,
    *,
    unit: str = "元",
    unit_in_header: bool = False,
    own_unit: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    extra: tuple[tuple[str, str, str, str, bool], ...] = (),
    groups: bool = True,
    date_style: str = "",
    notes: tuple[str, ...] = (),
    total_label: str = "合计",
    total_on_top: bool = False,
    totals: bool = True,
    sender: str = "",
    kind: str = "",
    mark: str = "",
) -> Form:
    """Lay rows out as a department's form.

    `unit` holds for the whole sheet and stands in the subtitle; `own_unit` gives single columns another one in their
    header; `headers` replaces headers by other words for the same thing.
    """
    layout = LAYOUTS[report]
    own = own_unit or {}
    columns, fields = [], []
    for field, header, column_kind, group, total in [*layout.columns, *extra]:
        text = (headers or {}).get(field, header)
        if column_kind == "money" and "(" not in text:
            if field in own:
                text = f"{text}({own[field]})"
            elif unit_in_header:
                text = f"{text}({unit})"
        columns.append(Column(text, column_kind, group if groups else "", total and totals))
        fields.append((field, column_kind, _divisor(text, unit)))
    made = [[_cell(row.get(field), column_kind, divisor) for field, column_kind, divisor in fields] for row in rows]
    has_money = any(c.kind == "money" for c in columns)
    subtitle = f"填报单位:{sender or layout.sender}    统计日期:{day.year}年{day.month}月{day.day}日"
    subtitle += f"    金额单位:{unit}" if has_money else ""
    subtitle += f"    报表类型:{kind}" if kind else ""
    subtitle += f"    {mark}" if mark else ""
    return Form(
        title=layout.title + (f"({mark})" if mark else ""),
        subtitle=subtitle,
        columns=columns,
        rows=made,
        sheet=layout.sheet,
        notes=notes,
        total_label=total_label,
        total_on_top=total_on_top,
        date_style=date_style,
    )


def _divisor(header: str, unit: str) -> int:
    if "(万元)" in header:
        return 10000
    return 1 if "(元)" in header else {"元": 1, "万元": 10000}[unit]


def _cell(value: Cell, kind: str, divisor: int) -> Cell:
    if kind == "money" and divisor != 1 and isinstance(value, Decimal | int):
        return Decimal(value) / divisor
    return value
