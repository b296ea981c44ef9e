-- description: |
--   What utilities let off by their own account and cannot be computed from their bills: late fees waived (a cost avoided; the arrears
--   themselves fall due later and are no relief), and the capacity charge of suspended transformers. No report has daily balances or
--   suspended capacity.
--
-- writes: fact.relief_utility
-- grain: one row per bill and kind of relief with an amount
-- reads: [report.water_bill, report.gas_bill, report.power_bill]
-- shared: true
-- columns:
--   business_date: 业务日 | End of the reading
--   report_date: 计入日 | Report date of the part
--   sent_date: 统计日 | The same
--   period: 所属月份 | Month of the end of the reading
--   policy_id: 政策编号 | P19 capacity charge, P22F late fees
--   benefit_class: "受益类别 | A: cost avoided"
--   utility: 公用事业 | water, gas or power
--   uscc: 统一社会信用代码 | Firm; empty where unknown
--   claimed: 申报金额(元) | Let off by the company's account, yuan
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        part_id,
        report_date
    FROM asof.part
    WHERE table_name IN ('water_bill', 'gas_bill', 'power_bill')
),

line AS NOT MATERIALIZED (
    SELECT
        'water' AS utility,
        'P22F' AS policy_id,
        line.uscc,
        line.read_to,
        line.late_fee_waived AS claimed,
        part.report_date,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.water_bill AS line
    INNER JOIN part ON line.part_id = part.part_id
    UNION ALL
    SELECT
        'gas' AS utility,
        'P22F' AS policy_id,
        line.uscc,
        line.read_to,
        line.late_fee_waived AS claimed,
        part.report_date,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.gas_bill AS line
    INNER JOIN part ON line.part_id = part.part_id
    UNION ALL
    SELECT
        'power' AS utility,
        'P22F' AS policy_id,
        line.uscc,
        line.read_to,
        line.late_fee_waived AS claimed,
        part.report_date,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.power_bill AS line
    INNER JOIN part ON line.part_id = part.part_id
    UNION ALL
    SELECT
        'power' AS utility,
        'P19' AS policy_id,
        line.uscc,
        line.read_to,
        line.capacity_relief AS claimed,
        part.report_date,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.power_bill AS line
    INNER JOIN part ON line.part_id = part.part_id
)

SELECT
    line.read_to AS business_date,
    line.report_date,
    line.report_date AS sent_date,
    date_trunc('month', line.read_to)::date AS period,
    line.policy_id,
    'A' AS benefit_class,
    line.utility,
    line.uscc,
    line.claimed,
    line.part_id,
    line.sheet,
    line.row_number
FROM line
WHERE line.claimed <> 0
