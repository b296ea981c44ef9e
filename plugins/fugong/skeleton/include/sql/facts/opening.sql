-- Shops by day, from the list in force on the day.
--
-- view    fact.opening
-- grain   one row per as_of and shop
-- reads   report.opening
-- column  as_of  截至 | The day
-- column  shop_no  商户编号 | Shop
-- column  street  所在街区 | Street
-- column  is_open  是否营业 | Whether the shop was open
-- column  n_staff  到岗人数 | People who worked there
-- column  part_id  部分 | Part
-- column  sheet  工作表 | Sheet
-- column  row_number  行号 | Line
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
    COALESCE(line.n_staff, 0) AS n_staff,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.opening AS line
INNER JOIN part ON line.part_id = part.part_id
WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
