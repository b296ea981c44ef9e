-- description: |
--   Files about this day or an earlier one that were replaced since the day began: published figures may have moved with them.
--
-- title: 更正过的报表 | Reports that were corrected
-- reads: [intake.part, intake.submission, ref.department, ref.report_due]
-- columns:
--   department: 部门 | Department
--   report: 报表 | Report
--   report_date: 统计日 | Report date
--   replaced_at: 更正时间 | Replaced
--   n_before: 原行数 | Rows before
--   n_after: 现行数 | Rows after
SELECT
    COALESCE(department.name_zh, newer.department_code) AS department,
    COALESCE(due.report_name, submission.report) AS report,
    newer.report_date,
    newer.settled_at AS replaced_at,
    SUM(older.rows_accepted) AS n_before,
    newer.rows_accepted AS n_after
FROM intake.part AS older
INNER JOIN intake.part AS newer ON older.superseded_by = newer.part_id
INNER JOIN intake.submission AS submission ON newer.submission_id = submission.submission_id
LEFT JOIN ref.department AS department ON newer.department_code = department.department_code
LEFT JOIN ref.report_due AS due ON newer.department_code = due.department_code AND submission.report = due.report
WHERE
    older.report_date <= :as_of
    AND older.superseded_at <= :known_at
    AND older.superseded_at >= :as_of::timestamp AT TIME ZONE 'Asia/Shanghai'
GROUP BY
    newer.part_id,
    newer.department_code,
    department.name_zh,
    due.report_name,
    submission.report,
    newer.report_date,
    newer.settled_at,
    newer.rows_accepted
ORDER BY newer.settled_at, newer.part_id
