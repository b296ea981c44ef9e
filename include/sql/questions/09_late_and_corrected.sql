-- description: |
--   Who was late, incomplete or corrected a report in the month up to the day. A file that replaced another one after the deadline changed
--   figures that may have been published: question 10 and `fugong diff` say which.
--
-- number: 9
-- question: 哪些部门迟报、报不全或更正过?更正是否发生在应报时刻之后? | Which departments were late, incomplete or corrected figures, and did a correction come after the figures were due?
-- role: taskforce
-- parameters:
--   as_of: {label: 截至 | Last day}
--   days: {label: 往前几天 | How many days back, default: 31}
--   known_at: {label: 知悉时点 | Moment of knowledge}
-- window_days: days
-- reads: [mart.reporting_compliance, ref.department, intake.part, intake.submission]
-- codes: {report: [report], department: [department]}
-- secondary: [department_code]
-- columns:
--   department_code: 报送部门 | Department
--   department: 部门名称 | Its name
--   report: 报表 | Report
--   n_owed: 应报次数 | Reports owed
--   n_missing: 未报次数 | Not received
--   n_late: 迟报次数 | Received late
--   worst_lateness_hours: 最长迟报(小时) | The longest delay, hours
--   n_rows_set_aside: 退回行数 | Rows that went back
--   n_corrected: 更正次数 | Days replaced by a newer version
--   n_corrected_after_due: 应报时刻后更正 | Of these, replaced after the report was due
WITH correction AS (
    SELECT
        submission.department_code,
        submission.report,
        part.report_date,
        bool_or(part.superseded_at > submission.due_at) AS is_after_due
    FROM intake.part AS part
    INNER JOIN intake.submission AS submission ON part.submission_id = submission.submission_id
    WHERE
        part.superseded_by IS NOT NULL
        AND part.superseded_at <= :known_at
    GROUP BY submission.department_code, submission.report, part.report_date
)

SELECT
    compliance.department_code,
    department.name_zh AS department,
    compliance.report,
    COUNT(*) AS n_owed,
    COUNT(*) FILTER (WHERE NOT compliance.is_received) AS n_missing,
    COUNT(*) FILTER (WHERE compliance.is_received AND NOT compliance.is_on_time) AS n_late,
    round(MAX(compliance.lateness_minutes) / 60.0, 1) AS worst_lateness_hours,
    SUM(compliance.n_rows_set_aside) AS n_rows_set_aside,
    COUNT(correction.report_date) AS n_corrected,
    COUNT(*) FILTER (WHERE correction.is_after_due) AS n_corrected_after_due
FROM mart.reporting_compliance AS compliance
LEFT JOIN ref.department AS department ON compliance.department_code = department.department_code
LEFT JOIN correction
    ON
        compliance.department_code = correction.department_code
        AND compliance.report = correction.report
        AND compliance.as_of = correction.report_date
WHERE
    compliance.as_of > :as_of - :days
    AND compliance.as_of <= :as_of
GROUP BY compliance.department_code, department.name_zh, compliance.report
HAVING
    COUNT(*) FILTER (WHERE NOT compliance.is_on_time) > 0
    OR SUM(compliance.n_rows_set_aside) > 0
    OR COUNT(correction.report_date) > 0
ORDER BY n_missing DESC, n_late DESC, n_corrected DESC, compliance.department_code ASC, compliance.report ASC
