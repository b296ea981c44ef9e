-- description: |
--   Power bills as the company sends them: the original bill without the relief of the capacity charge, and what the company let off.
--   fact.relief_power holds them against the rule; whoever asks for amounts or months alone reads them here, without the register.
--
-- writes: fact.power_claim
-- grain: one row per bill
-- reads: [report.power_bill]
-- columns:
--   business_date: 业务日 | End of the reading
--   report_date: 统计日 | Report date of the part
--   period: 所属月份 | Month of the end of the reading
--   benefit_class: "受益类别 | A: cost avoided"
--   uscc: 统一社会信用代码 | Firm; empty where unknown
--   user_class: 用电类别 | Class of the user
--   industry_code: 行业代码 | GB/T 4754-2017, on the bill
--   is_high_energy: 高耗能 | Marked as using much energy
--   read_from: 抄表起日 | Begin of the reading
--   read_to: 抄表止日 | End of the reading
--   bill_base: 优惠前电费(元) | Original bill without relief of the capacity charge, yuan
--   claimed: 申报金额(元) | Let off by the company's account, yuan
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        part_id,
        report_date
    FROM asof.part
    WHERE table_name = 'power_bill'
)

SELECT
    line.read_to AS business_date,
    part.report_date,
    date_trunc('month', line.read_to)::date AS period,
    'A' AS benefit_class,
    line.uscc,
    line.user_class,
    line.industry_code,
    COALESCE(line.high_energy_flag, false) AS is_high_energy,
    line.read_from,
    line.read_to,
    line.bill_before - COALESCE(line.capacity_relief, 0) AS bill_base,
    line.relief_claimed AS claimed,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.power_bill AS line
INNER JOIN part ON line.part_id = part.part_id
