-- description: What should hold of the lines of $fact. Write the condition that a wrong line meets in the last line of the SELECT.
--
-- check: $name
-- severity: review
-- keys: [$day, part_id, sheet, row_number]
-- partition_by: $day
-- reads: [$fact]
-- touches: [$figure]
-- message: "{n_rows} 行与应有的情况不符 | Lines that are not as they should be: {n_rows}"
-- columns:
--   $day: 截至 | The day
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
SELECT
    $day,
    part_id,
    sheet,
    row_number
FROM $fact
WHERE
    $day = ANY(:days)
    AND row_number IS NULL
