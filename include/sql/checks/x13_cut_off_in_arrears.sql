-- description: |
--   Nobody is cut off for arrears while the epidemic lasts. The protection begins on the day its rule was known and ends with the epidemic,
--   whose end is an open parameter until it is declared.
--
-- check: X13
-- severity: error
-- keys: [business_date, utility, account_no, bill_no]
-- partition_by: business_date
-- reads: [report.water_bill, report.gas_bill, report.power_bill, ref.policy_param]
-- touches: [S044]
-- message: "欠费不停供期间有 {n_rows} 户欠费停供 | Accounts in arrears that were cut off while nobody may be: {n_rows}"
-- otherwise: {column: cut_off, constant: false}
-- said: [uscc, arrears, arrears_since]
-- columns:
--   business_date: 抄表止日 | End of the reading
--   report_date: 统计日 | Report date
--   utility: 类别 | water, gas or power
--   account_no: 户号 | Account
--   bill_no: 账单号 | Bill
--   uscc: 统一社会信用代码 | Unified social credit code
--   arrears: 欠费余额(元) | Arrears, yuan
--   arrears_since: 最早欠费日 | First day of the arrears
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        table_name,
        part_id,
        report_date
    FROM asof.part_holding
    WHERE table_name IN ('water_bill', 'gas_bill', 'power_bill')
),

protection AS MATERIALIZED (
    SELECT
        MIN(known_from) FILTER (WHERE policy_id = 'P22') AS first_day,
        COALESCE(MAX(value::date) FILTER (WHERE param = 'epidemic_end_date' AND value <> ''), 'infinity'::date) AS last_day
    FROM ref.param_version
    WHERE policy_id = 'P22' OR param = 'epidemic_end_date'
),

bill AS (
    SELECT
        line.read_to, 'water' AS utility,
        line.account_no,
        line.bill_no, line.uscc, line.arrears, line.arrears_since, line.part_id, line.sheet, line.row_number
    FROM report.water_bill AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'water_bill'))
        AND line.cut_off
    UNION ALL
    SELECT
        line.read_to, 'gas' AS utility,
        line.account_no,
        line.bill_no, line.uscc, line.arrears, line.arrears_since, line.part_id, line.sheet, line.row_number
    FROM report.gas_bill AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'gas_bill'))
        AND line.cut_off
    UNION ALL
    SELECT
        line.read_to, 'power' AS utility,
        line.account_no,
        line.bill_no, line.uscc, line.arrears, line.arrears_since, line.part_id, line.sheet, line.row_number
    FROM report.power_bill AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'power_bill'))
        AND line.cut_off
)

SELECT
    bill.read_to AS business_date,
    part.report_date,
    bill.utility,
    bill.account_no,
    bill.bill_no,
    bill.uscc,
    bill.arrears,
    bill.arrears_since,
    bill.part_id,
    bill.sheet,
    bill.row_number
FROM bill
INNER JOIN part ON bill.part_id = part.part_id
CROSS JOIN protection
WHERE
    bill.read_to = ANY(:days)
    AND bill.arrears > 0
    AND bill.read_to BETWEEN protection.first_day AND protection.last_day
