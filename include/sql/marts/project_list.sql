-- description: |
--   Key projects one by one on the last reported day: the projects behind the counts of project_daily, and the names that a text may give.
--
-- title: 重点项目清单 | List of key projects
-- writes: mart.project_list
-- grain: one row per as_of, project_code
-- keys: [as_of, project_code, project_name, is_prov_city, level, phase, status, rank_of_started, township_code]
-- partition_by: as_of
-- keep: latest
-- reads: [fact.project]
-- serves: S071
-- sums:
--   total_investment: fact.project.total_investment
--   year_plan: fact.project.year_plan
--   invested_year: fact.project.invested_year
--   n_overdue: fact.project.is_overdue
-- columns:
--   as_of: 截至 | The day
--   project_code: 项目代码 | Project
--   project_name: 项目名称 | Name
--   is_prov_city: 列入省市重点 | On the provincial or municipal list
--   level: 级别 | Whose list it is on
--   phase: 建设性质 | 新开工 续建 竣工 前期
--   status: 开复工状态 | 未开工 已开工 已复工 停工
--   rank_of_started: 已开复工中的位次 | By total investment among started projects, of the list and of the others apart
--   township_code: 所属镇办 | Township
--   total_investment: 总投资(元) | Total investment, yuan
--   year_plan: 年度计划投资(元) | Planned for the year, yuan
--   invested_year: 当年完成投资(元) | Invested in the year so far, yuan
--   n_overdue: 应开未开 | 1 where it should have started and has not
--   days_overdue: 应开未开天数 | Days since the planned start of such a one
WITH project AS (
    SELECT
        as_of,
        project_code,
        project_name,
        is_prov_city,
        level,
        phase,
        status,
        rank_of_started,
        township_code,
        planned_start,
        total_investment,
        year_plan,
        invested_year,
        is_overdue
    FROM fact.project
    WHERE as_of = ANY(:days)
),

project_list AS (
    SELECT
        as_of,
        project_code,
        project_name,
        is_prov_city,
        level,
        phase,
        status,
        rank_of_started,
        township_code,
        total_investment,
        year_plan,
        invested_year,
        is_overdue::integer AS n_overdue,
        CASE WHEN is_overdue THEN GREATEST(as_of - planned_start, 0) END AS days_overdue
    FROM project
)

SELECT
    as_of,
    project_code,
    project_name,
    is_prov_city,
    level,
    phase,
    status,
    rank_of_started,
    township_code,
    total_investment,
    year_plan,
    invested_year,
    n_overdue,
    days_overdue
FROM project_list
