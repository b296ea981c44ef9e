-- description: |
--   A new project that has started needs its construction permit: done, not accepted with papers missing. The list of procedures says so.
--   Where the list is in force and lacks the permit of a started project, the check reports it, too.
--
-- check: X06
-- severity: error
-- keys: [as_of, project_code]
-- partition_by: as_of
-- reads: [report.project, report.approval_item]
-- touches: [S027, S028, S069, S070, D11]
-- message: "有 {n_rows} 个新开工项目已开工但施工许可未办结 | New projects started without a construction permit: {n_rows}"
-- otherwise: {column: status, constant: 未开工}
-- said: [project_name, project_status, actual_start]
-- columns:
--   as_of: 截至 | The day
--   project_code: 项目代码 | Project
--   project_name: 项目名称 | Name
--   project_status: 项目状态 | State of the project
--   actual_start: 实际开工日 | Day it started
--   permit_status: 施工许可状态 | State of the permit; empty where the list does not name it
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

told AS (
    SELECT DISTINCT as_of
    FROM part
    WHERE table_name = 'approval_item'
),

permit AS MATERIALIZED (
    SELECT
        part.as_of,
        line.project_code,
        MIN(line.status) AS status,
        bool_or(line.status = '已办结' OR NOT line.is_required) AS is_settled
    FROM report.approval_item AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'approval_item'))
        AND line.procedure = 'PERMIT'
    GROUP BY part.as_of, line.project_code
)

SELECT
    part.as_of,
    line.project_code,
    line.project_name,
    line.status AS project_status,
    line.actual_start,
    permit.status AS permit_status,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.project AS line
INNER JOIN part ON line.part_id = part.part_id
INNER JOIN told ON part.as_of = told.as_of
LEFT JOIN permit ON part.as_of = permit.as_of AND line.project_code = permit.project_code
WHERE
    line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'project'))
    AND line.phase = '新开工'
    AND line.is_prov_city
    AND line.status IN ('已开工', '已复工')
    AND NOT COALESCE(permit.is_settled, false)
    AND part.as_of = ANY(:days)
