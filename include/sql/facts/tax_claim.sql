-- description: |
--   Tax documents as the bureau sends them, without the social insurances: their relief is computed from the social insurance report.
--   fact.relief_tax gives each its policy and holds it against the rule; whoever asks for amounts or months alone reads them here, without
--   the register.
--
-- writes: fact.tax_claim
-- grain: one row per document
-- reads: [report.tax_relief]
-- columns:
--   business_date: 业务日 | Day the document was posted
--   report_date: 统计日 | Report date of the part
--   period: 所属月份 | Month in which the tax period begins
--   period_from: 所属期起 | First day of the tax period
--   benefit_class: 受益类别 | A reduced or exempt, B refunded, C deferred
--   uscc: 统一社会信用代码 | Taxpayer
--   levy_item: 征收项目 | Tax or fee
--   relief_code: 减免代码 | Relief code
--   plain_doc_no: 文号 | Number of the document that grants it, without brackets and spaces
--   base_amount: 计税依据(元) | Sales without tax, yuan
--   claimed: 申报金额(元) | Reduced, refunded or deferred by the bureau's account, yuan
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        part_id,
        report_date
    FROM asof.part
    WHERE table_name = 'tax_relief'
)

SELECT
    line.post_date AS business_date,
    part.report_date,
    date_trunc('month', line.period_from)::date AS period,
    line.period_from,
    CASE line.relief_kind WHEN 'REFUND' THEN 'B' WHEN 'DEFER' THEN 'C' ELSE 'A' END AS benefit_class,
    line.uscc,
    line.levy_item,
    line.relief_code,
    ref.plain_doc_no(line.doc_no) AS plain_doc_no,
    line.base_amount,
    CASE
        WHEN line.relief_kind = 'DEFER' THEN COALESCE(line.amt_defer, 0)
        ELSE COALESCE(line.amt_relief, 0) + COALESCE(line.amt_refund, 0)
    END AS claimed,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.tax_relief AS line
INNER JOIN part ON line.part_id = part.part_id
WHERE line.levy_item NOT IN ('养老', '失业', '工伤', '医疗')
