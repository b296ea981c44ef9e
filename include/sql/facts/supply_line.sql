-- Production lines of epidemic supplies in the district: the list in force on each day. Capacity is not output.
--
-- view    fact.supply_line
-- grain   one row per as_of and line of the list in force
-- reads   report.supply_line
-- column  as_of  截至 | The day
-- column  line_id  产线编号 | Production line
-- column  uscc  统一社会信用代码 | Firm
-- column  firm_name  企业名称 | Name of the firm
-- column  item  品名 | Kind of supplies
-- column  start_date  投产日期 | Day on which production began
-- column  is_line  投产产线 | A line in production by the day
-- column  daily_capacity  设计日产能 | Designed capacity of a day, of a line in production
-- column  output  当日产量 | Output of the day
-- column  stock  库存 | Stock at the end of the day
-- column  part_id  部分 | Part
-- column  sheet  工作表 | Sheet
-- column  row_number  行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'supply_line'
),

line AS (
    SELECT
        part.as_of,
        line.*,
        COALESCE(line.start_date <= part.as_of, line.output > 0) AS is_line
    FROM report.supply_line AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
)

SELECT
    line.as_of,
    line.line_id,
    line.uscc,
    line.firm_name,
    line.item,
    line.start_date,
    line.is_line,
    CASE WHEN line.is_line THEN line.daily_capacity ELSE 0 END AS daily_capacity,
    line.output,
    COALESCE(line.stock, 0) AS stock,
    line.part_id,
    line.sheet,
    line.row_number
FROM line
