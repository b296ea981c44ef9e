-- description: |
--   Targets that reports state, beside what was reached by the day. Where lines do not give theirs, either is at least the sum of the
--   others, and no share is printed.
--
-- title: 目标与进度 | Targets and progress
-- reads: [mart.project_daily, mart.land, mart.award_daily, mart.approval]
-- publishes:
--   - {mart: award_daily, column: approved, step: 1000000}
--   - {mart: award_daily, column: paid, step: 1000000}
-- columns:
--   target: 事项 | Of what
--   planned: 目标 | Target
--   reached: 实际 | Reached
--   share: 进度 | Share
WITH told AS (
    SELECT
        1 AS place,
        '重点项目年度投资' AS target,
        '亿元' AS unit,
        SUM(year_plan) / 100000000 AS planned,
        SUM(invested_year) / 100000000 AS reached,
        SUM(n_without_plan) = 0 AS is_planned_whole,
        SUM(n_without_invested) = 0 AS is_reached_whole
    FROM mart.project_daily
    WHERE as_of = :as_of
    UNION ALL
    SELECT
        2 AS place,
        '省市重点项目开复工' AS target,
        '' AS unit,
        SUM(n_due) AS planned,
        SUM(n_started) AS reached,
        true AS is_planned_whole,
        true AS is_reached_whole
    FROM mart.project_daily
    WHERE as_of = :as_of AND is_prov_city
    UNION ALL
    SELECT
        3 AS place,
        '新开工项目手续' AS target,
        '' AS unit,
        SUM(n_total) AS planned,
        SUM(n_done) AS reached,
        true AS is_planned_whole,
        true AS is_reached_whole
    FROM mart.approval
    WHERE as_of = :as_of AND dimension = 'total'
    UNION ALL
    SELECT
        4 AS place,
        '年度供地(亩)' AS target,
        '' AS unit,
        SUM(plan_mu) AS planned,
        SUM(supplied_ytd_mu) AS reached,
        SUM(n_without_area) = 0 AS is_planned_whole,
        true AS is_reached_whole
    FROM mart.land
    WHERE as_of = :as_of
    UNION ALL
    SELECT
        5 AS place,
        '已核定奖补资金' AS target,
        '亿元' AS unit,
        SUM(approved) / 100000000 AS planned,
        SUM(paid) / 100000000 AS reached,
        SUM(n_without_approved) = 0 AS is_planned_whole,
        SUM(n_without_paid) = 0 AS is_reached_whole
    FROM mart.award_daily
    WHERE as_of = :as_of
)

SELECT
    target,
    CASE WHEN is_planned_whole THEN '' ELSE '≥ ' END || trim_scale(round(planned, CASE unit WHEN '' THEN 0 ELSE 2 END)) || unit AS planned,
    CASE WHEN is_reached_whole THEN '' ELSE '≥ ' END || trim_scale(round(reached, CASE unit WHEN '' THEN 0 ELSE 2 END)) || unit AS reached,
    CASE WHEN is_planned_whole AND is_reached_whole THEN round(reached / planned * 100, 1) || '%' ELSE '—' END AS share
FROM told
WHERE planned > 0
ORDER BY place
