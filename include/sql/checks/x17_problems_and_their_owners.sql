-- description: |
--   Every problem was solved on the spot, has been closed since, or is open; each open one has somebody in charge and a due day. A problem
--   that was returned or cannot be solved is none of the three: then the sum of the three falls short of the total.
--
-- check: X17
-- severity: error
-- keys: [as_of, problem_id]
-- partition_by: as_of
-- reads: [report.problem]
-- touches: [S060, S061, S062, D03]
-- message: "问题台账有 {n_rows} 个问题无责任人、无时限或不属现场解决、已办结、在办三类 | Problems with nobody in charge or no due day, or neither solved, closed nor open: {n_rows}"
-- said: [status, owner_dept, due_date]
-- tells: [reason]
-- columns:
--   as_of: 截至 | The day
--   problem_id: 问题编号 | Problem
--   status: 状态 | State
--   owner_dept: 责任单位 | Department in charge
--   due_date: 时限 | Due day
--   reason: 原因 | 无责任人 nobody in charge, 无时限 no due day, 三类之外 none of the three
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'problem'
),

judged AS (
    SELECT
        part.as_of,
        line.problem_id,
        line.status,
        line.owner_dept,
        line.due_date,
        CASE
            WHEN line.status IN ('无法解决', '退回') THEN '三类之外'
            WHEN line.status IN ('现场解决', '已办结') THEN NULL
            WHEN COALESCE(line.owner_dept, '') = '' THEN '无责任人'
            WHEN line.due_date IS NULL THEN '无时限'
        END AS reason,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.problem AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
        AND part.as_of = ANY(:days)
)

SELECT
    as_of,
    problem_id,
    status,
    owner_dept,
    due_date,
    reason,
    part_id,
    sheet,
    row_number
FROM judged
WHERE reason IS NOT NULL
