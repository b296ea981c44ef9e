-- description: |
--   Production lines of epidemic supplies in the district: the list in force on each day. Capacity is not output.
--
-- writes: fact.supply_line
-- grain: one row per as_of and line of the list in force
-- reads: [report.supply_line]
-- columns:
--   as_of: 截至 | The day
--   line_id: 产线编号 | Production line
--   uscc: 统一社会信用代码 | Firm
--   firm_name: 企业名称 | Name of the firm
--   item: 品名 | Kind of supplies
--   start_date: 投产日期 | Day on which production began
--   is_line: 投产产线 | A line in production by the day
--   daily_capacity: 设计日产能 | Designed capacity of a day, of a line in production
--   output: 当日产量 | Output of the day
--   stock: 库存 | Stock at the end of the day; empty where not given
--   is_without_stock: 未填库存 | A line in production that does not give it
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
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
    line.stock,
    (line.is_line AND line.stock IS NULL) AS is_without_stock,
    line.part_id,
    line.sheet,
    line.row_number
FROM line
