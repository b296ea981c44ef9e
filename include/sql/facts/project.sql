-- description: |
--   Key projects: the ledger in force on each day. A project is not among those that should have started while X07 (suspended or completed)
--   or X08 (not yet due) holds. Neither counts once the project has started; X08 ends on the planned day of starting. A ledger of an earlier
--   year says nothing about the year of the day: neither plans nor new starts.
--
-- writes: fact.project
-- grain: one row per as_of and line of the ledger in force
-- reads: [report.project]
-- excludes: {flag: is_exempt, entity: project_code}
-- columns:
--   as_of: 截至 | The day
--   project_code: 项目代码 | Project
--   project_name: 项目名称 | Name
--   level: "级别 | Whose list it is on: 省 市 省市 区"
--   phase: 建设性质 | 新开工 new start, 续建 carried on, 竣工 to be completed, 前期 in preparation
--   is_prov_city: 列入省市重点 | On the provincial or municipal list
--   status: 开复工状态 | 未开工 已开工 已复工 停工
--   exempt_code: 不纳入原因 | X07 or X08
--   owner_dept: 责任单位 | Who is responsible
--   township_code: 所属镇办 | Township
--   planned_start: 计划开工日 | Planned start
--   actual_start: 实际开复工日 | Day work started or resumed
--   total_investment: 总投资(元) | Total investment, yuan
--   year_plan: 年度计划投资(元) | Planned for the year of the day, yuan; empty where not given, and in a ledger of an earlier year
--   invested_year: 当年完成投资(元) | Invested in the year so far, yuan; empty likewise
--   is_without_plan: 未填年度计划投资 | In the ledger of the year, which does not give its plan
--   is_without_invested: 已开复工而未填当年完成投资 | In the ledger of the year, started or resumed, and what was invested is not given
--   is_project: 项目 | 1
--   is_new_start: 省市重点新开工项目 | On the list and a new start of the year; empty likewise
--   is_started: 已开复工 | Started or resumed
--   is_started_new_start: 省市重点新开工项目已开工 | Such a new start that has started; empty likewise
--   is_exempt: 不纳入应开复工 | Left out of those that should have started
--   is_suspended: 停缓建或竣工不纳入 | Left out by X07
--   is_not_yet_due: 未到开工节点不纳入 | Left out by X08
--   is_due: 应开复工 | Not left out
--   is_overdue: 应开未开 | Not left out and not started
--   rank_of_started: 已开复工中的位次 | By total investment among started projects, of the list and of the others apart; empty where not started
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        report_date,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'project'
),

line AS (
    SELECT
        part.as_of,
        part.report_date >= date_trunc('year', part.as_of)::date AS is_of_year,
        line.*,
        (line.status IN ('已开工', '已复工') AND COALESCE(line.actual_start <= part.as_of, true)) AS is_started
    FROM report.project AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
),

classified AS (
    SELECT
        line.*,
        COALESCE(line.exempt_code = 'X07' AND NOT line.is_started, false) AS is_suspended,
        COALESCE(line.exempt_code = 'X08' AND NOT line.is_started AND COALESCE(line.planned_start > line.as_of, true), false)
            AS is_not_yet_due
    FROM line
),

exempted AS (
    SELECT
        classified.*,
        (classified.is_suspended OR classified.is_not_yet_due) AS is_exempt
    FROM classified
)

SELECT
    exempted.as_of,
    exempted.project_code,
    exempted.project_name,
    exempted.level,
    exempted.phase,
    exempted.is_prov_city,
    exempted.status,
    exempted.exempt_code,
    exempted.owner_dept,
    exempted.township_code,
    exempted.planned_start,
    exempted.actual_start,
    exempted.total_investment,
    CASE WHEN exempted.is_of_year THEN exempted.year_plan END AS year_plan,
    CASE WHEN exempted.is_of_year THEN exempted.invested_year END AS invested_year,
    (exempted.is_of_year AND exempted.year_plan IS NULL) AS is_without_plan,
    (exempted.is_of_year AND exempted.is_started AND exempted.invested_year IS NULL) AS is_without_invested,
    1 AS is_project,
    CASE WHEN exempted.is_of_year THEN exempted.is_prov_city AND exempted.phase = '新开工' END AS is_new_start,
    exempted.is_started,
    CASE WHEN exempted.is_of_year THEN exempted.is_started AND exempted.is_prov_city AND exempted.phase = '新开工' END AS is_started_new_start,
    exempted.is_exempt,
    exempted.is_suspended,
    exempted.is_not_yet_due,
    NOT exempted.is_exempt AS is_due,
    (NOT exempted.is_exempt AND NOT exempted.is_started) AS is_overdue,
    CASE
        WHEN exempted.is_started THEN row_number() OVER (
            PARTITION BY exempted.as_of, exempted.is_prov_city, exempted.is_started
            ORDER BY exempted.total_investment DESC, exempted.project_code ASC
        )
    END AS rank_of_started,
    exempted.part_id,
    exempted.sheet,
    exempted.row_number
FROM exempted
