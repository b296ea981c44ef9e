-- description: |
--   Findings of intake, for as long as their file counts: of snapshots and ledgers on every day on which they are in force, of increments
--   on their own day. A file with several sheets has one row with all its tables.
--
-- writes: fact.recorded_finding
-- grain: one row per as_of and finding of a file that speaks for the day
-- reads: [intake.finding, intake.part]
-- columns:
--   as_of: 截至 | The day
--   code: 代码 | Code of the finding
--   submission_id: 报送编号 | Submission
--   finding_id: 问题编号 | Finding
--   report: 报表 | Report tables of the file
--   report_date: 统计日 | Report date
--   value: 填报值 | As typed
--   message: 说明 | As in the receipt
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line

-- Ledgers only for a month after their day: builds look no further back for files.
WITH part AS MATERIALIZED (
    SELECT
        in_force.as_of,
        in_force.table_name,
        in_force.report_date,
        in_force.part_id,
        settled.submission_id,
        settled.sheet
    FROM asof.part_in_force AS in_force
    INNER JOIN intake.part AS settled ON in_force.part_id = settled.part_id
    WHERE in_force.age_days <= 31
    UNION ALL
    SELECT
        day.as_of,
        part.table_name,
        part.report_date,
        part.part_id,
        part.submission_id,
        part.sheet
    FROM asof.part AS part
    INNER JOIN asof.day AS day ON part.report_date = day.as_of
    WHERE part.mode = 'increment'
)

SELECT
    part.as_of,
    finding.code,
    finding.submission_id,
    finding.finding_id,
    string_agg(DISTINCT part.table_name, ' ' ORDER BY part.table_name) AS report,
    MIN(part.report_date) AS report_date,
    finding.value,
    finding.message_zh AS message,
    MIN(part.part_id) AS part_id,
    finding.sheet,
    finding.row_number
FROM part
INNER JOIN intake.finding AS finding
    ON part.submission_id = finding.submission_id AND (finding.sheet = part.sheet OR finding.sheet = '')
WHERE finding.submission_id = ANY(ARRAY(SELECT part.submission_id FROM part))
GROUP BY
    part.as_of,
    finding.code,
    finding.submission_id,
    finding.finding_id,
    finding.value,
    finding.message_zh,
    finding.sheet,
    finding.row_number
