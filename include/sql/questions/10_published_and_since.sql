-- description: |
--   What was published about the day, and which files came after it: they are why a briefing of today would differ. `fugong diff --as-of D
--   --known-at T`, with the moment of knowledge shown here, says which figures move; `fugong published` brings back the text.
--
-- number: 10
-- question: 当时发布了什么?此后又收到哪些报送,使今天的数字与之不同? | What did we publish about the day, and what has come since that would make today's briefing differ?
-- role: auditor
-- parameters:
--   as_of: {label: 截至 | The day the briefing is about}
--   known_at: {label: 知悉时点 | Moment of knowledge}
-- reads: [audit.published, audit.adjustment, intake.submission]
-- codes: {department_code: [department], report: [report], what: [since], state: [submission_state]}
-- secondary: [publication_id, signer, is_provisional, report_date]
-- columns:
--   publication_id: 发布编号 | Publication
--   known_at: 发布时知悉时点 | Moment of knowledge it was made from
--   signer: 签发人 | Who signed it
--   is_provisional: 是否暂定 | Published without everything that was due
--   what: 此后变化 | 报送 a file settled since, 口径调整 an adjustment recorded since; empty where nothing has come
--   department_code: 报送部门 | Department of the file
--   report: 报表 | Its report, or the figure adjusted
--   report_date: 统计日 | The day it is about
--   file_name: 文件名 | File, or the reason of the adjustment
--   state: 状态 | What became of it
--   came_at: 时间 | When it was settled or recorded
WITH publication AS (
    SELECT DISTINCT
        publication_id,
        as_of,
        known_at,
        signer,
        is_provisional
    FROM audit.published
    WHERE
        as_of = :as_of
        AND signed_at <= :known_at
),

since AS (
    SELECT
        publication.publication_id,
        '报送' AS what,
        submission.department_code,
        submission.report,
        submission.report_date,
        submission.file_name,
        submission.state,
        submission.settled_at AS came_at
    FROM publication
    INNER JOIN intake.submission AS submission
        ON publication.known_at < submission.settled_at AND publication.as_of >= submission.report_date
    WHERE
        submission.state NOT IN ('rejected', 'duplicate')
        AND submission.settled_at <= :known_at
    UNION ALL
    SELECT
        publication.publication_id,
        '口径调整' AS what,
        NULL AS department_code,
        adjustment.figure AS report,
        adjustment.as_of AS report_date,
        adjustment.reason AS file_name,
        NULL AS state,
        adjustment.recorded_at AS came_at
    FROM publication
    INNER JOIN audit.adjustment AS adjustment
        ON publication.as_of = adjustment.as_of AND publication.known_at < adjustment.recorded_at
    WHERE adjustment.recorded_at <= :known_at
)

SELECT
    publication.publication_id,
    publication.known_at,
    publication.signer,
    publication.is_provisional,
    since.what,
    since.department_code,
    since.report,
    since.report_date,
    since.file_name,
    since.state,
    since.came_at
FROM publication
LEFT JOIN since ON publication.publication_id = since.publication_id
ORDER BY publication.publication_id ASC, since.came_at ASC, since.file_name ASC
