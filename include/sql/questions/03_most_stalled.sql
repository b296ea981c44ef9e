-- description: |
--   Firms that should resume and have not, by the days since they last worked within the last 60 days. A firm that never worked in them
--   counts from its first report. Open problems are those raised on visits and not settled.
--
-- number: 3
-- question: "停得最久的20家企业:停了几天、原因、未办结的问题、联系单位? | The 20 most stalled firms: days idle, reason, open problems, contact department?"
-- role: taskforce
-- parameters:
--   as_of: {label: 截至 | The day}
--   most: {label: 几家 | How many firms, default: 20}
-- window_days: 60
-- reads: [fact.resumption_report, fact.enterprise, fact.problem, asof.enterprise, asof.part_in_force, ref.department]
-- codes: {scope: [scope], township_code: [township], stop_reason: [stop_reason], contact: [department]}
-- secondary: [uscc, last_worked, oldest_problem]
-- columns:
--   uscc: 统一社会信用代码 | Unified social credit code
--   name: 企业名称 | Name
--   scope: 调度范围 | industry, service or trade
--   township_code: 所属镇办 | Township
--   days_idle: 停工天数 | Days since it last worked
--   last_worked: 最近在工日 | Last day that it worked, of the last 60
--   stop_reason: 停工原因 | Why, by its newest report
--   n_open_problems: 未办结问题数 | Problems assigned and open; empty where no ledger is in force
--   oldest_problem: 最早问题提出日 | When the oldest was raised
--   contact: 联系单位 | Department in charge of its industry
WITH line AS (
    SELECT
        as_of,
        uscc,
        name,
        scope,
        is_resumed,
        is_exempt,
        stop_reason
    FROM fact.resumption_report
    WHERE is_counted
),

worked AS (
    SELECT
        uscc,
        MAX(as_of) FILTER (WHERE is_resumed) AS last_worked,
        MIN(as_of) AS first_told
    FROM line
    GROUP BY uscc
),

problem AS (
    SELECT
        uscc,
        COUNT(*) AS n_open,
        MIN(raised_date) AS oldest
    FROM fact.problem
    WHERE
        as_of = :as_of
        AND is_open
    GROUP BY uscc
),

part AS MATERIALIZED (
    SELECT part_id
    FROM asof.part_in_force
    WHERE
        table_name = 'enterprise'
        AND as_of = :as_of
),

register AS (
    SELECT
        uscc,
        MIN(industry_dept) AS industry_dept
    FROM asof.enterprise
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    GROUP BY uscc
)

SELECT
    line.uscc,
    line.name,
    line.scope,
    enterprise.township_code,
    :as_of - COALESCE(worked.last_worked, worked.first_told) AS days_idle,
    worked.last_worked,
    line.stop_reason,
    CASE WHEN heard.has_problems THEN COALESCE(problem.n_open, 0) END AS n_open_problems,
    problem.oldest AS oldest_problem,
    COALESCE(department.name_zh, register.industry_dept) AS contact
FROM line
INNER JOIN worked ON line.uscc = worked.uscc
CROSS JOIN (
    SELECT COUNT(*) > 0 AS has_problems FROM asof.part_in_force WHERE table_name = 'problem' AND as_of = :as_of
) AS heard
LEFT JOIN problem ON line.uscc = problem.uscc
LEFT JOIN register ON line.uscc = register.uscc
LEFT JOIN ref.department AS department ON register.industry_dept = department.department_code
LEFT JOIN fact.enterprise AS enterprise ON line.uscc = enterprise.uscc AND enterprise.as_of = :as_of AND enterprise.is_counted
WHERE
    line.as_of = :as_of
    AND NOT line.is_resumed
    AND NOT line.is_exempt
ORDER BY days_idle DESC, line.uscc ASC
LIMIT :most
