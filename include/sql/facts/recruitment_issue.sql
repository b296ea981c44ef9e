-- description: |
--   Issues of vacancies published online: the ledger in force on each day.
--
-- writes: fact.recruitment_issue
-- grain: one row per as_of and line of the ledger in force
-- reads: [report.recruitment_issue]
-- columns:
--   as_of: 截至 | The day
--   issue_no: 期号 | Issue
--   activity: 活动名称 | Activity that it is part of
--   published_date: 发布日期 | Day of publication
--   is_issue: 期数 | An issue published by the day
--   is_first_issue_of_activity: 活动数 | The first issue of its activity
--   n_firms: 参加企业数 | Firms taking part, by the bureau's account
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'recruitment_issue'
),

line AS (
    SELECT
        part.as_of,
        line.*,
        (line.published_date <= part.as_of) AS is_issue
    FROM report.recruitment_issue AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
)

SELECT
    line.as_of,
    line.issue_no,
    line.activity,
    line.published_date,
    line.is_issue,
    (
        line.is_issue
        AND line.activity IS NOT NULL
        AND row_number() OVER (
            PARTITION BY line.as_of, line.activity ORDER BY line.published_date, line.part_id, line.row_number
        ) = 1
    ) AS is_first_issue_of_activity,
    CASE WHEN line.is_issue THEN line.n_firms ELSE 0 END AS n_firms,
    line.part_id,
    line.sheet,
    line.row_number
FROM line
