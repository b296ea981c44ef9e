-- description: |
--   A file whose bytes equal those of an earlier day, but for its name, may be yesterday's list sent again. Intake finds it when it loads
--   the file; the check shows the finding while the file is in force, of increments on their own day.
--
-- check: X23
-- severity: warning
-- keys: [as_of, finding_id]
-- partition_by: as_of
-- reads: [fact.recorded_finding]
-- touches: [report]
-- message: "有 {n_rows} 份在用报表与前一日完全相同,只改了日期 | Reports in force that are copies of an earlier day with another date: {n_rows}"
-- said: [report_date, value]
-- tells: [message]
-- columns:
--   as_of: 截至 | The day
--   submission_id: 报送编号 | Submission
--   finding_id: 问题编号 | Finding
--   report: 报表 | Report tables of the file
--   report_date: 统计日 | Report date
--   value: 相同的统计日 | Report date it equals
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
    AND code IN ('stale-copy')
