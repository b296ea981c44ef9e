-- A total line is a control, never data: the rows above it should add up to it, those that went back included. It was judged when the file was
-- settled; what was found is read here for as long as the file is in force, of increments on their own day.
--
-- check    X24
-- severity error
-- keys     as_of, finding_id
-- stale    as_of
-- reads    intake.finding, intake.part
-- touches  report
-- says     有 {n_rows} 处合计行与明细之和不符 | {n_rows} total lines differ from the sum of their rows
-- column   as_of  截至 | The day
-- column   submission_id  报送编号 | Submission
-- column   finding_id  问题编号 | Finding
-- column   report  报表 | Report tables of the file
-- column   report_date  统计日 | Report date
-- column   value  合计行所填 | What the total line says
-- column   message  说明 | As told in the receipt
-- column   part_id  部分 | Part
-- column   sheet  工作表 | Sheet
-- column   row_number  行号 | Line
-- Of ledgers for a month after their day: a build looks no further back for files.
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
        part.report_date AS as_of,
        part.table_name,
        part.report_date,
        part.part_id,
        part.submission_id,
        part.sheet
    FROM asof.part AS part
    WHERE
        part.mode = 'increment'
        AND part.report_date = ANY(:days)
)

SELECT
    part.as_of,
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
WHERE
    finding.code IN ('control-total', 'control-subtotal')
    AND finding.submission_id = ANY(ARRAY(SELECT part.submission_id FROM part))
    AND part.as_of = ANY(:days)
GROUP BY
    part.as_of,
    finding.submission_id,
    finding.finding_id,
    finding.value,
    finding.message_zh,
    finding.sheet,
    finding.row_number
