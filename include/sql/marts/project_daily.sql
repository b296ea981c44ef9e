-- description: |
--   Key projects by the ledger in force. Two rates of starting stand side by side: over all projects listed, and over those that should
--   have started. A ledger is a stock: read it as of a day, never sum it over days.
--
-- title: 重点项目进展 | Progress of key projects
-- writes: mart.project_daily
-- grain: one row per as_of, is_prov_city, level, phase
-- keys: [as_of, is_prov_city, level, phase]
-- partition_by: as_of
-- reads: [fact.project]
-- serves: S025, S063-S070, D10, D11
-- sums:
--   n: fact.project.is_project
--   total_investment: fact.project.total_investment
--   year_plan: fact.project.year_plan
--   invested_year: fact.project.invested_year
--   n_without_plan: fact.project.is_without_plan
--   n_without_invested: fact.project.is_without_invested
--   n_new_start: fact.project.is_new_start
--   n_started: fact.project.is_started
--   n_started_new_start: fact.project.is_started_new_start
--   n_exempt: fact.project.is_exempt
--   n_suspended: fact.project.is_suspended
--   n_not_yet_due: fact.project.is_not_yet_due
--   n_due: fact.project.is_due
--   n_overdue: fact.project.is_overdue
-- columns:
--   as_of: 截至 | The day
--   is_prov_city: 列入省市重点 | On the provincial or municipal list
--   level: "级别 | Whose list it is on: 省 市 省市 区"
--   phase: 建设性质 | 新开工 续建 竣工 前期
--   n: 项目数 | Projects
--   total_investment: 总投资(元) | Total investment, yuan
--   year_plan: 年度计划投资(元) | Planned for the year, yuan
--   invested_year: 当年完成投资(元) | Invested in the year so far, yuan
--   n_without_plan: 未填年度计划投资的项目数 | Projects whose plan for the year is not given, and not in year_plan
--   n_without_invested: 已开复工而未填当年完成投资的项目数 | Projects started or resumed that do not give what was invested, and not in invested_year
--   n_new_start: 省市重点新开工项目数 | New starts on the list
--   n_started: 已开复工项目数 | Started or resumed
--   n_started_new_start: 省市重点新开工项目已开工数 | New starts on the list that have started
--   n_exempt: 不纳入应开复工项目数 | Left out of those that should have started
--   n_suspended: 停缓建或竣工项目数 | Of these, suspended or completed
--   n_not_yet_due: 未到开工节点项目数 | Of these, not yet due to start
--   n_due: 应开复工项目数 | Projects less those left out
--   n_overdue: 应开未开项目数 | Should have started and have not
--   rate_listed: 开复工率(占列入项目) | Started over all projects of the cell
--   rate_due: 开复工率(占应开复工项目) | Started over those that should have
--   completion: 年度投资完成率 | Invested in the year over planned; empty where a plan, or what was invested, is not given
--   year_elapsed: 年度时间进度 | Share of the year that has passed, the day included
WITH project AS (
    SELECT
        as_of,
        is_prov_city,
        level,
        phase,
        is_project,
        total_investment,
        year_plan,
        invested_year,
        is_without_plan,
        is_without_invested,
        is_new_start,
        is_started,
        is_started_new_start,
        is_exempt,
        is_suspended,
        is_not_yet_due,
        is_due,
        is_overdue
    FROM fact.project
    WHERE as_of = ANY(:days)
),

project_daily AS (
    SELECT
        as_of,
        is_prov_city,
        level,
        phase,
        SUM(is_project) AS n,
        SUM(total_investment) AS total_investment,
        SUM(year_plan) AS year_plan,
        SUM(invested_year) AS invested_year,
        SUM(is_without_plan::integer) AS n_without_plan,
        SUM(is_without_invested::integer) AS n_without_invested,
        SUM(is_new_start::integer) AS n_new_start,
        SUM(is_started::integer) AS n_started,
        SUM(is_started_new_start::integer) AS n_started_new_start,
        SUM(is_exempt::integer) AS n_exempt,
        SUM(is_suspended::integer) AS n_suspended,
        SUM(is_not_yet_due::integer) AS n_not_yet_due,
        SUM(is_due::integer) AS n_due,
        SUM(is_overdue::integer) AS n_overdue
    FROM project
    GROUP BY as_of, is_prov_city, level, phase
)

SELECT
    as_of,
    is_prov_city,
    level,
    phase,
    n,
    total_investment,
    year_plan,
    invested_year,
    n_without_plan,
    n_without_invested,
    n_new_start,
    n_started,
    n_started_new_start,
    n_exempt,
    n_suspended,
    n_not_yet_due,
    n_due,
    n_overdue,
    n_started::numeric / NULLIF(n, 0) AS rate_listed,
    n_started::numeric / NULLIF(n_due, 0) AS rate_due,
    CASE WHEN n_without_plan = 0 AND n_without_invested = 0 THEN invested_year / NULLIF(year_plan, 0) END AS completion,
    date_part('doy', as_of)::numeric
    / date_part('doy', date_trunc('year', as_of) + INTERVAL '1 year' - INTERVAL '1 day')::numeric AS year_elapsed
FROM project_daily
