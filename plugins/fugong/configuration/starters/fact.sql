-- description: What counts on each day, line by line, from the list in force on the day.
--
-- writes: fact.$name
-- grain: one row per as_of and item
-- reads: [report.$name]
-- columns:
--   as_of: 截至 | The day
--   item_no: 编号 | Item
--   is_item: 项数 | One per item
--   quantity: 数量 | How many there are
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE table_name = '$name'
)

SELECT
    part.as_of,
    line.item_no,
    1 AS is_item,
    line.quantity,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.$name AS line
INNER JOIN part ON line.part_id = part.part_id
WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
