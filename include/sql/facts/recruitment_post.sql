-- description: |
--   Work that employers offer, issue by issue: the ledger in force on each day. Posts are not people wanted. Who agreed has not signed yet,
--   and who signed has not started yet.
--
-- writes: fact.recruitment_post
-- grain: one row per as_of and line of the ledger in force
-- reads: [report.recruitment_post]
-- columns:
--   as_of: 截至 | The day
--   issue_no: 期号 | Issue
--   uscc: 统一社会信用代码 | Employer
--   post: 岗位名称 | Work
--   posts: 岗位数 | Posts published
--   vacancies: 需求人数 | People wanted; empty where not given
--   intents: 意向人数 | People who agreed in principle; where not given, those who signed or started
--   signed: 签约人数 | People who signed; where not given, those who started
--   started: 到岗人数 | People who have started; empty where not given
--   is_without_vacancies: 未填需求人数 | The line does not give them
--   is_without_intents: 未填意向人数 | The line does not give them
--   is_without_signed: 未填签约人数 | The line does not give them
--   is_without_started: 未填到岗人数 | The line does not give them
--   is_first_line_of_employer: 招聘企业 | The employer's first line
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'recruitment_post'
)

SELECT
    part.as_of,
    line.issue_no,
    line.uscc,
    line.post,
    line.posts,
    line.vacancies,
    COALESCE(line.intents, line.signed, line.started) AS intents,
    COALESCE(line.signed, line.started) AS signed,
    line.started,
    (line.vacancies IS NULL) AS is_without_vacancies,
    (line.intents IS NULL) AS is_without_intents,
    (line.signed IS NULL) AS is_without_signed,
    (line.started IS NULL) AS is_without_started,
    row_number() OVER (PARTITION BY part.as_of, line.uscc ORDER BY line.part_id, line.row_number) = 1 AS is_first_line_of_employer,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.recruitment_post AS line
INNER JOIN part ON line.part_id = part.part_id
WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
