-- description: |
--   Every project marked as provincial or municipal has such a level, and the other way round. Every procedure belongs to a new start on
--   the provincial or municipal list, and every such project has each procedure of the catalogue once.
--
-- check: X16
-- severity: error
-- keys: [as_of, project_code, reason]
-- partition_by: as_of
-- reads: [report.project, report.approval_item, ref.code_list]
-- touches: [S025, S026, S028, S063, S066, S067, S068]
-- message: "重点项目清单有 {n_rows} 处前后不一 | Places in which the lists of key projects contradict each other: {n_rows}"
-- said: [project_name]
-- columns:
--   as_of: 截至 | The day
--   project_code: 项目代码 | Project
--   project_name: 项目名称 | Name; empty where the list of projects does not have it
--   reason: 原因 | 级别与列入省市重点不符 level and mark differ, 手续所属项目不在新开工省市重点 a procedure of another project, 手续不全 procedures missing
--   n_procedures: 手续数 | Procedures listed for it
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        table_name,
        part_id
    FROM asof.part_in_force
    WHERE table_name IN ('project', 'approval_item')
),

told AS MATERIALIZED (
    SELECT as_of
    FROM part
    GROUP BY as_of
    HAVING COUNT(DISTINCT table_name) = 2
),

catalogue AS MATERIALIZED (
    SELECT COUNT(*) AS n_procedures
    FROM ref.code_list
    WHERE list = 'procedure'
),

project AS MATERIALIZED (
    SELECT
        part.as_of,
        line.project_code,
        line.project_name,
        line.is_prov_city,
        line.level IN ('省', '市', '省市') AS is_of_level,
        line.is_prov_city AND line.phase = '新开工' AS is_new_start,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.project AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'project'))
        AND part.as_of = ANY(:days)
),

line AS MATERIALIZED (
    SELECT
        part.as_of,
        line.project_code,
        line.procedure,
        line.part_id,
        line.sheet,
        line.row_number,
        row_number() OVER (PARTITION BY part.as_of, line.project_code ORDER BY line.part_id, line.row_number) AS nth
    FROM report.approval_item AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'approval_item'))
        AND part.as_of = ANY(:days)
),

item AS MATERIALIZED (
    SELECT
        as_of,
        project_code,
        COUNT(DISTINCT procedure) AS n_procedures,
        MAX(part_id) FILTER (WHERE nth = 1) AS part_id,
        MAX(sheet) FILTER (WHERE nth = 1) AS sheet,
        MAX(row_number) FILTER (WHERE nth = 1) AS row_number
    FROM line
    GROUP BY as_of, project_code
)

SELECT
    project.as_of,
    project.project_code,
    project.project_name,
    '级别与列入省市重点不符' AS reason,
    NULL::bigint AS n_procedures,
    project.part_id,
    project.sheet,
    project.row_number
FROM project
WHERE project.is_prov_city <> project.is_of_level
UNION ALL
SELECT
    item.as_of,
    item.project_code,
    project.project_name,
    '手续所属项目不在新开工省市重点' AS reason,
    item.n_procedures,
    item.part_id,
    item.sheet,
    item.row_number
FROM item
INNER JOIN told ON item.as_of = told.as_of
LEFT JOIN project ON item.as_of = project.as_of AND item.project_code = project.project_code
WHERE NOT COALESCE(project.is_new_start, false)
UNION ALL
SELECT
    project.as_of,
    project.project_code,
    project.project_name,
    '手续不全' AS reason,
    COALESCE(item.n_procedures, 0) AS n_procedures,
    project.part_id,
    project.sheet,
    project.row_number
FROM project
INNER JOIN told ON project.as_of = told.as_of
CROSS JOIN catalogue
LEFT JOIN item ON project.as_of = item.as_of AND project.project_code = item.project_code
WHERE
    project.is_new_start
    AND COALESCE(item.n_procedures, 0) < catalogue.n_procedures
