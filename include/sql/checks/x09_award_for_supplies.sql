-- description: Awards for epidemic supplies go to firms that the register lists as key suppliers, or to firms with a production line of such supplies.
--
-- check: X09
-- severity: warning
-- keys: [as_of, payment_id]
-- partition_by: as_of
-- reads: [report.award, report.enterprise, report.supply_line]
-- touches: [S011, S012, S040]
-- message: "防疫物资奖补有 {n_rows} 笔拨给了既非重点保障企业、也无防疫物资产线的单位 | Awards for epidemic supplies to firms that are neither key suppliers nor have a line of such supplies: {n_rows}"
-- otherwise: {is_absent: true}
-- said: [uscc, clause_id, paid]
-- columns:
--   as_of: 截至 | The day
--   payment_id: 拨付编号 | Payment
--   uscc: 统一社会信用代码 | Unified social credit code
--   clause_id: 政策条款 | Clause
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
    WHERE table_name IN ('award', 'enterprise', 'supply_line')
),

supplier AS MATERIALIZED (
    SELECT
        part.as_of,
        line.uscc
    FROM report.enterprise AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'enterprise'))
        AND COALESCE(line.key_supply_level, '') NOT IN ('', '-', '–', '无')
    UNION
    SELECT
        part.as_of,
        line.uscc
    FROM report.supply_line AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'supply_line'))
)

SELECT
    part.as_of,
    line.payment_id,
    line.uscc,
    line.clause_id,
    line.paid,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.award AS line
INNER JOIN part ON line.part_id = part.part_id
LEFT JOIN supplier ON part.as_of = supplier.as_of AND line.uscc = supplier.uscc
WHERE
    line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'award'))
    AND line.item = '防疫物资'
    AND supplier.uscc IS NULL
    AND part.as_of = ANY(:days)
