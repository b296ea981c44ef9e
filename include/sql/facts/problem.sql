-- description: |
--   Problems of the ledgers in force on each day. Where two senders list the same problem, the row of the sender ranked first counts. The
--   township is that of the firm in the register, else that of the project.
--
-- writes: fact.problem
-- grain: one row per as_of and line of the ledgers in force, of problems raised by the day
-- reads: [fact.enterprise, fact.project, ref.report_due, report.problem]
-- columns:
--   as_of: 截至 | The day
--   problem_id: 问题编号 | Problem
--   visit_id: 来源走访 | Visit on which it was raised
--   unit: 填报单位 | Who reported it
--   uscc: 统一社会信用代码 | Firm
--   project_code: 项目代码 | Project
--   category: 问题类别 | Kind of problem
--   dept: 责任单位 | Who has to settle it; 现场解决 where it was solved on the spot and nobody is named
--   owner_post: 责任岗位 | Post that has to settle it
--   township_code: 所属镇办 | Township of the firm or project; 未知 where it is not known
--   raised_date: 提出日期 | Raised
--   due_date: 办结时限 | To be settled by
--   closed_date: 办结日期 | Closed
--   resolution: 解决方式 | 现场解决 on the spot or 交办 assigned
--   status: 状态 | State
--   is_problem: "问题 | Counts: the first-ranked sender's line of the problem"
--   is_solved_on_site: 现场解决 | Counted and solved on the spot
--   is_open: 交办未办结 | Counted, assigned and neither closed, unsolvable nor returned
--   is_closed_later: 交办后办结 | Counted, assigned and closed
--   is_unsolvable: 无法解决 | Counted and found unsolvable
--   is_returned: 退回 | Counted and returned
--   is_overdue: 超期未办结 | Open beyond its day
--   is_without_owner: 无责任人或时限 | Open without department, post or day
--   days_open: 办理天数 | Days from raised to closed, of those closed later
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        in_force.as_of,
        in_force.part_id,
        in_force.unit,
        COALESCE(sender.sender_rank, 99) AS sender_rank
    FROM asof.part_in_force AS in_force
    LEFT JOIN ref.report_due AS sender
        ON sender.report = 'service_ledger' AND in_force.department_code = sender.department_code
    WHERE in_force.table_name = 'problem'
),

firm AS MATERIALIZED (
    SELECT
        as_of,
        uscc,
        township_code
    FROM fact.enterprise
    WHERE is_counted
),

project AS MATERIALIZED (
    SELECT
        as_of,
        project_code,
        township_code
    FROM fact.project
),

ranked AS (
    SELECT
        part.as_of,
        part.unit,
        line.*,
        row_number() OVER (PARTITION BY part.as_of, line.problem_id ORDER BY part.sender_rank, line.part_id, line.row_number) = 1
            AS is_problem,
        CASE WHEN line.closed_date > part.as_of THEN '' ELSE line.status END AS status_on_day
    FROM report.problem AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
        AND line.raised_date <= part.as_of
),

classified AS (
    SELECT
        ranked.*,
        (ranked.is_problem AND ranked.resolution = '交办' AND ranked.status_on_day NOT IN ('已办结', '无法解决', '退回')) AS is_open
    FROM ranked
)

SELECT
    classified.as_of,
    classified.problem_id,
    classified.visit_id,
    classified.unit,
    classified.uscc,
    classified.project_code,
    classified.category,
    COALESCE(classified.owner_dept, CASE classified.resolution WHEN '现场解决' THEN '现场解决' ELSE '未填' END) AS dept,
    classified.owner_post,
    COALESCE(firm.township_code, project.township_code, '未知') AS township_code,
    classified.raised_date,
    classified.due_date,
    classified.closed_date,
    classified.resolution,
    classified.status,
    classified.is_problem,
    (classified.is_problem AND classified.resolution = '现场解决') AS is_solved_on_site,
    classified.is_open,
    (classified.is_problem AND classified.resolution = '交办' AND classified.status_on_day = '已办结') AS is_closed_later,
    (classified.is_problem AND classified.resolution = '交办' AND classified.status_on_day = '无法解决') AS is_unsolvable,
    (classified.is_problem AND classified.resolution = '交办' AND classified.status_on_day = '退回') AS is_returned,
    COALESCE(classified.is_open AND classified.due_date < classified.as_of, false) AS is_overdue,
    (
        classified.is_open
        AND (classified.owner_dept IS NULL OR classified.owner_post IS NULL OR classified.due_date IS NULL)
    ) AS is_without_owner,
    CASE
        WHEN classified.is_problem AND classified.resolution = '交办' AND classified.status_on_day = '已办结'
            THEN classified.closed_date - classified.raised_date
    END AS days_open,
    classified.part_id,
    classified.sheet,
    classified.row_number
FROM classified
LEFT JOIN firm ON classified.as_of = firm.as_of AND classified.uscc = firm.uscc AND classified.uscc <> ''
LEFT JOIN project ON classified.as_of = project.as_of AND classified.project_code = project.project_code
