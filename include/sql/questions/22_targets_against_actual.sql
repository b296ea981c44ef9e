-- description: |
--   What was promised or planned, and what has been reached. Targets are the settings known on the day, and the plans of the reports. A limit
--   (inspections) is kept where the actual value is not above it. Where no list of service events about the week came, nothing is known of it.
--
-- number: 22
-- question: "目标与完成:各项承诺和计划做到了多少? | Targets against actual: how far is each promise and plan?"
-- role: taskforce
-- parameters:
--   as_of: {label: 截至 | The day}
-- reads: [ref.policy_param, mart.service_compliance, mart.approval, mart.award_daily, mart.project_daily, mart.land, asof.part]
-- codes: {what: [target], unit: [unit]}
-- columns:
--   place: 序 | Order of the lines
--   what: 事项 | The promise or plan
--   unit: 单位 | Unit of both
--   target: 目标 | What was promised or planned
--   actual: 完成 | What has been reached; empty where no report says it
--   share: 完成比例 | The one over the other; empty for a limit
--   is_met: 已达到 | Whether the target is reached, or the limit kept
WITH setting AS (
    SELECT
        param,
        value_number
    FROM ref.param_version
    WHERE
        policy_id = 'SETTING'
        AND known_from <= :as_of
        AND known_to > :as_of
),

heard AS (
    SELECT
        COUNT(*) > 0 AS has_events,
        COALESCE(bool_or(report_date >= date_trunc('week', :as_of)::date), false) AS has_events_of_week
    FROM asof.part
    WHERE
        table_name = 'service_event'
        AND report_date <= :as_of
),

week AS (
    SELECT
        COALESCE(SUM(n_meetings), 0) AS n_meetings,
        COALESCE(SUM(n_posts_in_field), 0) AS n_posts_in_field,
        COALESCE(SUM(n_posts_on_target), 0) AS n_posts_on_target
    FROM mart.service_compliance
    WHERE
        week = date_trunc('week', :as_of)::date
        AND business_date <= :as_of
        AND report_date <= :as_of
),

told AS (
    SELECT
        1 AS place,
        '本周联审联批会' AS what,
        '次' AS unit,
        setting.value_number AS target,
        CASE WHEN heard.has_events_of_week THEN week.n_meetings END::numeric AS actual,
        false AS is_limit
    FROM week
    CROSS JOIN heard
    INNER JOIN setting ON setting.param = 'joint_meetings_per_week'
    UNION ALL
    SELECT
        2 AS place,
        '本周下沉达标的县处级领导' AS what,
        '人' AS unit,
        CASE WHEN heard.has_events_of_week THEN week.n_posts_in_field END::numeric AS target,
        CASE WHEN heard.has_events_of_week THEN week.n_posts_on_target END::numeric AS actual,
        false AS is_limit
    FROM week
    CROSS JOIN heard
    UNION ALL
    SELECT
        3 AS place,
        '超过一天一次的涉企检查' AS what,
        '次' AS unit,
        0::numeric AS target,
        CASE WHEN (SELECT heard.has_events FROM heard) THEN COALESCE(SUM(n_excess_inspections), 0) END::numeric AS actual,
        true AS is_limit
    FROM mart.service_compliance
    WHERE
        business_date <= :as_of
        AND report_date <= :as_of
    UNION ALL
    SELECT
        4 AS place,
        '省市重点新开工项目手续' AS what,
        '项' AS unit,
        n_total::numeric AS target,
        n_done::numeric AS actual,
        false AS is_limit
    FROM mart.approval
    WHERE
        as_of = :as_of
        AND dimension = 'total'
    UNION ALL
    SELECT
        5 AS place,
        '核定奖补资金拨付' AS what,
        '元' AS unit,
        CASE WHEN SUM(n_without_approved) = 0 THEN SUM(approved) END AS target,
        CASE WHEN SUM(n_without_paid) = 0 THEN SUM(paid) END AS actual,
        false AS is_limit
    FROM mart.award_daily
    WHERE as_of = :as_of
    UNION ALL
    SELECT
        6 AS place,
        '应开复工项目' AS what,
        '个' AS unit,
        SUM(n_due)::numeric AS target,
        (SUM(n_due) - SUM(n_overdue))::numeric AS actual,
        false AS is_limit
    FROM mart.project_daily
    WHERE as_of = :as_of
    UNION ALL
    SELECT
        7 AS place,
        '年度计划投资' AS what,
        '元' AS unit,
        CASE WHEN SUM(n_without_plan) = 0 THEN SUM(year_plan) END AS target,
        CASE WHEN SUM(n_without_invested) = 0 THEN SUM(invested_year) END AS actual,
        false AS is_limit
    FROM mart.project_daily
    WHERE as_of = :as_of
    UNION ALL
    SELECT
        8 AS place,
        '年度供地计划' AS what,
        '亩' AS unit,
        CASE WHEN SUM(n_without_area) = 0 THEN SUM(plan_mu) END AS target,
        SUM(supplied_ytd_mu) AS actual,
        false AS is_limit
    FROM mart.land
    WHERE as_of = :as_of
)

SELECT
    place,
    what,
    unit,
    target,
    actual,
    CASE WHEN NOT is_limit THEN actual / NULLIF(target, 0) END AS share,
    CASE WHEN is_limit THEN actual <= target ELSE actual >= target END AS is_met
FROM told
ORDER BY place ASC
