-- description: |
--   Lines of the report on social insurance: the premium due before relief, and what the bureau waived. fact.relief_social holds them against
--   the rule; whoever asks for amounts or months alone reads them here, without the register.
--
-- writes: fact.social_claim
-- grain: one row per line
-- reads: [report.social_insurance_relief]
-- columns:
--   business_date: 业务日 | Report date of the part
--   report_date: 统计日 | The same
--   period: 所属月份 | Month of the premium
--   premium_month: "费款所属月 | The same as written: YYYY-MM"
--   benefit_class: "受益类别 | A: cost avoided"
--   uscc: 统一社会信用代码 | Firm
--   insurance: 险种 | Kind of insurance
--   size_stated: 申报类别 | Size that the sender states
--   due: 应缴额(元) | Wage base × employer's rate, yuan
--   claimed: 申报金额(元) | Waived by the bureau's account, yuan
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        part_id,
        report_date
    FROM asof.part
    WHERE table_name = 'social_insurance_relief'
)

SELECT
    part.report_date AS business_date,
    part.report_date,
    to_date(line.premium_month, 'YYYY-MM') AS period,
    line.premium_month,
    'A' AS benefit_class,
    line.uscc,
    line.insurance,
    line.size_class AS size_stated,
    line.wage_base * line.employer_rate AS due,
    line.relief AS claimed,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.social_insurance_relief AS line
INNER JOIN part ON line.part_id = part.part_id
