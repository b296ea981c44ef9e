-- description: |
--   A site that belongs to a key project is in scope only once the project has started. A site that should resume, of a project that has
--   not started, contradicts one of the lists.
--
-- check: X05
-- severity: error
-- keys: [as_of, site_id]
-- partition_by: as_of
-- reads: [report.project, report.site_resumption]
-- touches: [S006, S007, S008, S069, S070]
-- message: "有 {n_rows} 个应复工工程所属的重点项目尚未开工 | Sites that should resume although their key projects have not started: {n_rows}"
-- otherwise: {is_absent: true}
-- said: [site_name, is_resumed, project_code]
-- columns:
--   as_of: 截至 | The day
--   site_id: 工程编号 | Site
--   site_name: 工程名称 | Name of the site
--   is_resumed: 已复工 | Resumed by the list of sites
--   project_code: 项目代码 | Project
--   project_name: 项目名称 | Name of the project
--   project_status: 项目状态 | State of the project
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        table_name,
        part_id
    FROM asof.part_in_force
    WHERE table_name IN ('site_resumption', 'project')
),

waiting AS MATERIALIZED (
    SELECT
        part.as_of,
        line.project_code,
        MIN(line.project_name) AS project_name,
        MIN(line.status) AS status
    FROM report.project AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'project'))
        AND line.status = '未开工'
    GROUP BY part.as_of, line.project_code
)

SELECT
    part.as_of,
    line.site_id,
    line.site_name,
    line.resumed AS is_resumed,
    line.project_code,
    waiting.project_name,
    waiting.status AS project_status,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.site_resumption AS line
INNER JOIN part ON line.part_id = part.part_id
INNER JOIN waiting ON part.as_of = waiting.as_of AND line.project_code = waiting.project_code
WHERE
    line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'site_resumption'))
    AND (line.resumed OR line.should_resume OR COALESCE(line.exempt_code, 'X10') = 'X10')
    AND part.as_of = ANY(:days)
