-- description: A line of epidemic supplies makes at most a fifth more than its design capacity, and nothing before the day it began.
--
-- check: X19
-- severity: warning
-- keys: [as_of, line_id]
-- partition_by: as_of
-- reads: [report.supply_line]
-- touches: [S056, S057]
-- message: "有 {n_rows} 条防疫物资产线的产量超过设计产能的 1.2 倍或早于投产 | Lines of epidemic supplies that make more than 1.2 times their capacity, or made something before they began: {n_rows}"
-- otherwise: {column: output, value: daily_capacity}
-- said: [uscc, item, daily_capacity, output, start_date]
-- columns:
--   as_of: 截至 | The day
--   line_id: 产线编号 | Line
--   uscc: 统一社会信用代码 | Unified social credit code
--   item: 品名 | Item
--   daily_capacity: 设计日产能 | Design capacity per day
--   output: 当日产量 | Output of the day
--   start_date: 投产日期 | Day production began
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        report_date,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'supply_line'
)

SELECT
    part.as_of,
    line.line_id,
    line.uscc,
    line.item,
    line.daily_capacity,
    line.output,
    line.start_date,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.supply_line AS line
INNER JOIN part ON line.part_id = part.part_id
WHERE
    line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    AND part.as_of = ANY(:days)
    AND (line.output > 1.2 * line.daily_capacity OR (line.output > 0 AND line.start_date > part.report_date))
