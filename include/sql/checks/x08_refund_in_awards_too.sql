-- description: |
--   Stabilisation refunds come from the unemployment insurance fund and are figures of their own. The same payment (firm, day, amount) in the
--   list of awards would be counted twice.
--
-- check: X08
-- severity: warning
-- keys: [as_of, payment_id]
-- partition_by: as_of
-- reads: [report.award, report.stabilisation_refund]
-- touches: [S033, S040]
-- message: "奖补资金中有 {n_rows} 笔与稳岗返还相同(企业、日期、金额),可能重复统计 | Awards that are the same payment as a stabilisation refund (firm, day, amount) and may be counted twice: {n_rows}"
-- otherwise: {is_absent: true}
-- said: [uscc, paid_date, paid]
-- columns:
--   as_of: 截至 | The day
--   payment_id: 拨付编号 | Payment in the list of awards
--   application_id: 稳岗申请编号 | Application in the list of refunds
--   uscc: 统一社会信用代码 | Unified social credit code
--   paid_date: 拨付日期 | Day of payment
--   paid: 拨付金额(元) | Paid, yuan
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        table_name,
        part_id
    FROM asof.part_in_force
    WHERE table_name IN ('award', 'stabilisation_refund')
),

refund AS MATERIALIZED (
    SELECT
        part.as_of,
        line.uscc,
        line.paid_date,
        line.paid,
        MIN(line.application_id) AS application_id
    FROM report.stabilisation_refund AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'stabilisation_refund'))
        AND line.paid > 0
    GROUP BY part.as_of, line.uscc, line.paid_date, line.paid
)

SELECT
    part.as_of,
    line.payment_id,
    refund.application_id,
    line.uscc,
    line.paid_date,
    line.paid,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.award AS line
INNER JOIN part ON line.part_id = part.part_id
INNER JOIN refund
    ON
        part.as_of = refund.as_of
        AND line.uscc = refund.uscc
        AND line.paid_date = refund.paid_date
        AND line.paid = refund.paid
WHERE
    line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'award'))
    AND part.as_of = ANY(:days)
