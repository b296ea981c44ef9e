-- description: |
--   A total line is a control, never data: the rows above it should add up to it, returned ones included. Intake checks it when it loads
--   the file; the check shows the finding while the file is in force, of increments on their own day.
--
-- check: X24
-- severity: error
-- keys: [as_of, finding_id]
-- partition_by: as_of
-- reads: [fact.recorded_finding]
-- touches: [report]
-- message: "有 {n_rows} 处合计行与明细之和不符 | Total lines that differ from the sum of their rows: {n_rows}"
-- said: [value]
-- tells: [message]
-- columns:
--   as_of: 截至 | The day
--   submission_id: 报送编号 | Submission
--   finding_id: 问题编号 | Finding
--   report: 报表 | Report tables of the file
--   report_date: 统计日 | Report date
--   value: 合计行所填 | What the total line says
--   message: 说明 | As in the receipt
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
SELECT
    as_of,
    submission_id,
    finding_id,
    report,
    report_date,
    value,
    message,
    part_id,
    sheet,
    row_number
FROM fact.recorded_finding
WHERE
    as_of = ANY(:days)
    AND code IN ('control-total', 'control-subtotal')
