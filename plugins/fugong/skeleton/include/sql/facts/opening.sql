-- description: Shops by day, from the list in force on the day.
--
-- writes: fact.opening
-- grain: one row per as_of and shop
-- reads: [report.opening]
-- columns:
--   as_of: 截至 | The day
--   shop_no: 商户编号 | Shop
--   street: 所在街区 | Street
--   is_open: 是否营业 | Whether the shop was open
--   n_staff: 到岗人数 | People who worked there; empty where not given
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'opening'
)

SELECT
    part.as_of,
    line.shop_no,
    line.street,
    line.is_open,
    line.n_staff,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.opening AS line
INNER JOIN part ON line.part_id = part.part_id
WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
