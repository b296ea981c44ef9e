-- description: |
--   Settlement at a share of the power price leaves out industries that use much energy. A bill that grants it is not eligible where the
--   bill, its industry or the register marks such a firm. The register is that of the month of the bill.
--
-- check: X12
-- severity: error
-- keys: [period, account_no, bill_no]
-- partition_by: period
-- reads: [fact.relief_power, fact.firm_class, report.power_bill, ref.policy_param]
-- touches: [S052]
-- message: "电费减免有 {n_rows} 张账单属高耗能行业,不应享受 | Power bills that let off firms of industries that use much energy and are not eligible: {n_rows}"
-- otherwise: {column: relief_claimed, constant: 0}
-- said: [uscc, industry_code, relief_claimed]
-- tells: [reason]
-- columns:
--   period: 账单月份 | First day of the month
--   business_date: 抄表止日 | End of the reading
--   report_date: 统计日 | Report date
--   account_no: 户号 | Account
--   bill_no: 账单号 | Bill
--   uscc: 统一社会信用代码 | Unified social credit code
--   industry_code: 账单行业代码 | Industry by the bill
--   relief_claimed: 减免金额(元) | Let off, yuan
--   reason: 依据 | 账单标志 the bill's own mark, 账单行业 its industry, 企业名录 the register
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        part_id,
        report_date
    FROM asof.part_holding
    WHERE table_name = 'power_bill'
),

excluded AS MATERIALIZED (
    SELECT
        industries_excluded,
        valid_from,
        valid_to
    FROM ref.param_version
    WHERE
        param = 'settlement_ratio'
        AND known_to = 'infinity'::date
),

register AS MATERIALIZED (
    SELECT
        uscc,
        first_month,
        last_month,
        is_high_energy,
        left(industry_code, 2) AS division
    FROM fact.firm_class
),

bill AS (
    SELECT
        date_trunc('month', line.read_to)::date AS period,
        line.read_to AS business_date,
        part.report_date,
        line.account_no,
        line.bill_no,
        line.uscc,
        line.industry_code,
        line.relief_claimed,
        COALESCE(line.high_energy_flag, false) AS is_marked,
        COALESCE(left(line.industry_code, 2) = ANY(excluded.industries_excluded), false) AS is_of_industry,
        excluded.industries_excluded,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.power_bill AS line
    INNER JOIN part ON line.part_id = part.part_id
    LEFT JOIN excluded ON line.read_to BETWEEN excluded.valid_from AND excluded.valid_to
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
        AND line.relief_claimed > 0
)

SELECT
    bill.period,
    bill.business_date,
    bill.report_date,
    bill.account_no,
    bill.bill_no,
    bill.uscc,
    bill.industry_code,
    bill.relief_claimed,
    CASE WHEN bill.is_marked THEN '账单标志' WHEN bill.is_of_industry THEN '账单行业' ELSE '企业名录' END AS reason,
    bill.part_id,
    bill.sheet,
    bill.row_number
FROM bill
LEFT JOIN register ON bill.uscc = register.uscc AND bill.period BETWEEN register.first_month AND register.last_month
WHERE
    bill.period = ANY(:days)
    AND (
        bill.is_marked
        OR bill.is_of_industry
        OR COALESCE(register.is_high_energy OR register.division = ANY(bill.industries_excluded), false)
    )
