-- description: Who owed a report about the day and had not sent it in time, or not at all.
--
-- title: 迟报和缺报的报表 | Reports late or not received
-- draft_label: 未收到 | Not received
-- reads: [mart.reporting_compliance, ref.department, ref.report_due]
-- columns:
--   department: 部门 | Department
--   report: 报表 | Report
--   due_at: 应报时间 | Due
--   received_at: 收到时间 | Received
--   on_time_rate_7_days: 近七日按时率 | On time in seven days
SELECT
    COALESCE(department.name_zh, compliance.department_code) AS department,
    COALESCE(due.report_name, compliance.report) AS report,
    compliance.due_at,
    CASE
        WHEN compliance.received_at IS NULL THEN '未收到'
        ELSE to_char(compliance.received_at AT TIME ZONE 'Asia/Shanghai', 'FMMM"月"FMDD"日" HH24:MI')
    END AS received_at,
    round(compliance.on_time_rate_7_days * 100) || '%' AS on_time_rate_7_days,
    CASE
        WHEN compliance.received_at IS NULL
            THEN COALESCE(department.name_zh, compliance.department_code) || '《' || COALESCE(due.report_name, compliance.report) || '》'
    END AS draft
FROM mart.reporting_compliance AS compliance
LEFT JOIN ref.department AS department ON compliance.department_code = department.department_code
LEFT JOIN ref.report_due AS due
    ON compliance.department_code = due.department_code AND compliance.report = due.report
WHERE compliance.as_of = :as_of AND NOT compliance.is_on_time AND (compliance.received_at IS NOT NULL OR compliance.due_at <= :known_at)
ORDER BY compliance.received_at IS NOT NULL, compliance.due_at, compliance.department_code, compliance.report
