-- description: |
--   What senders answered about doubts of the last seven days: a value that looks wrong and is right, a definition of their own, or what they
--   still look into. No key of a row is printed. Signs that a page could read as markup are full-width.
--
-- title: 各单位的核实说明 | What departments answered
-- reads: [intake.answer, intake.finding, intake.question, intake.submission, ref.department, ref.report_due]
-- columns:
--   department: 部门 | Department
--   source: 报表或核对 | Report or check
--   item: 项目 | Item
--   n_places: 处数 | Places
--   said: 核实说明 | Answer
WITH answered AS (
    SELECT
        question.question_id,
        question.department_code,
        question.kind,
        question.code,
        question.item,
        answer.verdict,
        answer.reason
    FROM intake.answer AS answer
    INNER JOIN intake.question AS question ON answer.question_id = question.question_id
    WHERE
        answer.answered_at <= :known_at
        AND (answer.superseded_at IS NULL OR answer.superseded_at > :known_at)
        AND answer.holds_from <= :as_of
        AND question.last_day >= :as_of::date - 6
),

report AS (
    SELECT
        finding.question_id,
        MIN(due.report_name) AS report_name
    FROM intake.finding AS finding
    INNER JOIN intake.submission AS submission ON finding.submission_id = submission.submission_id
    INNER JOIN ref.report_due AS due ON submission.report = due.report
    WHERE finding.question_id = ANY(ARRAY(SELECT answered.question_id FROM answered))
    GROUP BY finding.question_id
)

SELECT
    COALESCE(department.name_zh, answered.department_code) AS department,
    CASE answered.kind WHEN 'check' THEN '核对 ' || answered.code ELSE report.report_name END AS source,
    answered.item,
    COUNT(*) AS n_places,
    CASE answered.verdict
        WHEN 'confirmed' THEN '已核实属实' WHEN 'definition' THEN '已核实口径不同' WHEN 'corrected' THEN '已改' ELSE '待查'
    END || CASE answered.reason WHEN '' THEN '' ELSE ':' || translate(answered.reason, '<>[]`*_|', '＜＞［］｀＊＿｜') END AS said
FROM answered
LEFT JOIN report ON answered.question_id = report.question_id
LEFT JOIN ref.department AS department ON answered.department_code = department.department_code
GROUP BY
    department.name_zh,
    answered.department_code,
    answered.kind,
    answered.code,
    report.report_name,
    answered.item,
    answered.verdict,
    answered.reason
ORDER BY answered.department_code, source, answered.item, n_places DESC, said
