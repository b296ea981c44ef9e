-- description: |
--   Procedures of the ledger in force on each day, with the project that they belong to. Procedures that a new start of the provincial or
--   municipal list needs count. A procedure accepted with papers missing (容缺受理) is not done.
--
-- writes: fact.approval_item
-- grain: one row per as_of and line of the ledger in force
-- reads: [fact.project, ref.policy_param, report.approval_item]
-- columns:
--   as_of: 截至 | The day
--   project_code: 项目代码 | Project
--   procedure: 手续 | FILING LAND PLAN_LAND PLAN_PROJ EIA PERMIT
--   dept: 办理部门 | Who decides on it
--   status: 办理状态 | 未启动 办理中 已办结 容缺受理
--   accepted_date: 受理日 | Taken up
--   done_date: 办结日 | Done
--   blocker: 卡点 | What holds it up
--   is_counted: 计入的手续 | Needed by a new start of the list
--   is_done: 已办结 | Counted and done
--   is_open: 未办结 | Counted and not done
--   is_lacking_papers: 容缺受理 | Counted and accepted with papers missing
--   is_beyond_limit: 超过办理时限 | Open for more days than the limit since it was taken up
--   is_done_lately: 近28天办结 | Counted and done within the last 28 days
--   is_elsewhere: 其他项目手续 | Needed by a project that is no new start of the list, or by one that the project ledger does not have
--   days_taken: 办理天数 | Days from taking up to done, of counted ones
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'approval_item'
),

project AS MATERIALIZED (
    SELECT
        as_of,
        project_code,
        is_new_start
    FROM fact.project
),

-- Without a ledger of projects of the year nobody knows which approvals are those of new starts.
told AS (
    SELECT DISTINCT project.as_of
    FROM project
    WHERE project.is_new_start IS NOT NULL
),

time_limit AS (
    SELECT MIN(value_number)::integer AS days
    FROM ref.param_version
    WHERE policy_id = 'SETTING' AND param = 'approval_limit_days'
),

item AS (
    SELECT
        part.as_of,
        line.*,
        CASE WHEN told.as_of IS NOT NULL THEN line.is_required AND COALESCE(project.is_new_start, false) END AS is_counted,
        (line.status = '已办结' AND COALESCE(line.done_date <= part.as_of, true)) AS is_done,
        time_limit.days AS limit_days
    FROM report.approval_item AS line
    INNER JOIN part ON line.part_id = part.part_id
    LEFT JOIN project ON part.as_of = project.as_of AND line.project_code = project.project_code
    LEFT JOIN told ON part.as_of = told.as_of
    CROSS JOIN time_limit
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
)

SELECT
    item.as_of,
    item.project_code,
    item.procedure,
    COALESCE(item.dept, '未填') AS dept,
    item.status,
    item.accepted_date,
    item.done_date,
    item.blocker,
    item.is_counted,
    CASE WHEN item.is_counted THEN item.is_done ELSE item.is_counted END AS is_done,
    CASE WHEN item.is_counted THEN NOT item.is_done ELSE item.is_counted END AS is_open,
    CASE WHEN item.is_counted THEN item.status = '容缺受理' ELSE item.is_counted END AS is_lacking_papers,
    CASE
        WHEN item.is_counted
            THEN COALESCE(NOT item.is_done AND item.as_of - item.accepted_date > item.limit_days, false)
        ELSE item.is_counted
    END AS is_beyond_limit,
    CASE
        WHEN item.is_counted THEN COALESCE(item.is_done AND item.as_of - item.done_date < 28, false)
        ELSE item.is_counted
    END AS is_done_lately,
    CASE WHEN item.is_required THEN NOT item.is_counted ELSE false END AS is_elsewhere,
    CASE WHEN item.is_counted AND item.is_done THEN item.done_date - item.accepted_date END AS days_taken,
    item.part_id,
    item.sheet,
    item.row_number
FROM item
