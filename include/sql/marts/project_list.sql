-- Key projects one by one on the last reported day: what stands behind the counts of project_daily, and the names that a text may give.
--
-- writes  mart.project_list
-- grain   one row per as_of, project_code
-- keys    as_of, project_code, project_name, is_prov_city, level, phase, status, rank_of_started, township_code
-- stale   as_of
-- keeps   newest
-- reads   fact.project
-- serves  S071
-- sums    total_investment = fact.project.total_investment
-- sums    year_plan = fact.project.year_plan
-- sums    invested_year = fact.project.invested_year
-- sums    n_overdue = fact.project.is_overdue
-- column  as_of  截至 | The day
-- column  project_code  项目代码 | Project
-- column  project_name  项目名称 | Name
-- column  is_prov_city  列入省市重点 | On the provincial or municipal list
-- column  level  级别 | Whose list it is on
-- column  phase  建设性质 | 新开工 续建 竣工 前期
-- column  status  开复工状态 | 未开工 已开工 已复工 停工
-- column  rank_of_started  已开复工中的位次 | By total investment among started projects, of the list and of the others apart
-- column  township_code  所属镇办 | Township
-- column  total_investment  总投资(元) | Total investment, yuan
-- column  year_plan  年度计划投资(元) | Planned for the year, yuan
-- column  invested_year  当年完成投资(元) | Invested in the year so far, yuan
-- column  n_overdue  应开未开 | 1 where it should have started and has not
-- column  days_overdue  应开未开天数 | Days since the planned start of such a one
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
