-- description: Relief, refunds and deferrals of taxes and fees, document by document, as the tax bureau claims them.
--
-- writes: fact.tax_relief
-- grain: one row per line of the parts that hold the days asked for
-- reads: [report.tax_relief]
-- columns:
--   business_date: 业务日 | Day the document was posted
--   report_date: 统计日 | Report date of the part
--   doc_id: 凭证号 | Document
--   uscc: 统一社会信用代码 | Taxpayer
--   levy_item: 征收项目 | Tax or fee
--   is_social: 社会保险费 | One of the four social insurances, which another bureau may claim too
--   relief_kind: 优惠类型 | REDUCE, EXEMPT, REFUND or DEFER
--   policy_vintage: 政策年度 | New in 2020 or continued from 2019
--   reduced: 减免额(元) | Not charged, yuan
--   refunded: 退税费额(元) | Paid back, yuan
--   deferred: 缓缴额(元) | Due later, yuan; never part of the relief
--   relief: 减免退税费(元) | Reduced and refunded, yuan; nothing for a deferral
--   is_line: 笔数 | 1 for a document, 0 for a reversal
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        part_id,
        report_date
    FROM asof.part_holding
    WHERE table_name = 'tax_relief'
)

SELECT
    line.post_date AS business_date,
    part.report_date,
    line.doc_id,
    line.uscc,
    line.levy_item,
    (line.levy_item IN ('养老', '失业', '工伤', '医疗')) AS is_social,
    line.relief_kind,
    line.policy_vintage,
    CASE WHEN line.relief_kind = 'DEFER' THEN 0 ELSE COALESCE(line.amt_relief, 0) END AS reduced,
    CASE WHEN line.relief_kind = 'DEFER' THEN 0 ELSE COALESCE(line.amt_refund, 0) END AS refunded,
    COALESCE(line.amt_defer, 0) AS deferred,
    CASE WHEN line.relief_kind = 'DEFER' THEN 0 ELSE COALESCE(line.amt_relief, 0) + COALESCE(line.amt_refund, 0) END AS relief,
    (COALESCE(line.reverses_id, '') = '')::integer AS is_line,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.tax_relief AS line
INNER JOIN part ON line.part_id = part.part_id
WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
