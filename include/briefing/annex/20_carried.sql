-- description: Snapshots that stand in for a silent day, and ledgers that have not been renewed for more than a week.
--
-- title: 沿用和久未更新的报表 | Reports carried, or not renewed for long
-- draft_label: 沿用旧数 | Old data stand in
-- reads: [asof.part_in_force, intake.part, intake.submission, ref.department, ref.report_due]
-- columns:
--   department: 部门 | Department
--   report: 报表 | Report
--   unit: 填报单位 | Unit
--   report_date: 所用统计日 | Report date used
--   age_days: 距今(天) | Days old
WITH old AS (
    SELECT DISTINCT
        submission.department_code,
        submission.report,
        force.unit,
        force.report_date,
        force.age_days,
        force.is_carried
    FROM asof.part_in_force AS force
    INNER JOIN intake.part AS part ON force.part_id = part.part_id
    INNER JOIN intake.submission AS submission ON part.submission_id = submission.submission_id
    WHERE force.is_carried OR (force.mode = 'ledger' AND force.age_days > 7)
)

SELECT
    COALESCE(department.name_zh, old.department_code) AS department,
    COALESCE(due.report_name, old.report) AS report,
    CASE WHEN old.unit = old.department_code THEN '' ELSE old.unit END AS unit,
    old.report_date,
    old.age_days,
    COALESCE(department.name_zh, old.department_code) || '《' || COALESCE(due.report_name, old.report) || '》('
    || to_char(old.report_date, 'FMMM"月"FMDD"日"') || ')' AS draft
FROM old
LEFT JOIN ref.department AS department ON old.department_code = department.department_code
LEFT JOIN ref.report_due AS due ON old.department_code = due.department_code AND old.report = due.report
ORDER BY old.age_days DESC, old.department_code ASC, old.report ASC, old.unit ASC
