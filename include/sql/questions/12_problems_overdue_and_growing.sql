-- description: |
--   By category: what is overdue, re-opened or raised again by the same firm, and how each category grew in two weeks.
--
-- number: 12
-- question: 哪些问题超期、反复或重新打开?哪类问题在增加? | Which problems are overdue, repeated or re-opened; which categories grow?
-- role: taskforce
-- parameters:
--   as_of: {label: 截至 | The day}
-- window_days: 14
-- reads: [mart.problem_closure, fact.problem]
-- codes: {category: [problem_category]}
-- secondary: [closure_rate]
-- columns:
--   category: 问题类别 | Kind of problem
--   n_total: 问题数 | Problems
--   n_open: 交办未办结 | Open
--   n_overdue: 超期未办结 | Open beyond their day
--   n_reopened: 重新打开 | Open again after having been closed, by the ledger of the day before
--   n_repeated: 同一对象反复提出 | Problems of a firm or project that has another of the category
--   n_14_days_before: 14天前问题数 | Problems two weeks before; empty where no ledger told
--   growth: 两周增加 | More than then
--   closure_rate: 办结率 | Settled over all
WITH category AS (
    SELECT
        as_of,
        category,
        n_total,
        n_assigned_open,
        n_overdue,
        n_reopened,
        closure_rate
    FROM mart.problem_closure
    WHERE dimension = 'category'
),

repeated AS (
    SELECT
        category,
        SUM(n_of_target) AS n
    FROM (
        SELECT
            category,
            COUNT(*) AS n_of_target
        FROM fact.problem
        WHERE
            as_of = :as_of
            AND is_problem
        GROUP BY category, COALESCE(NULLIF(uscc, ''), project_code)
        HAVING COUNT(*) > 1
    ) AS target
    GROUP BY category
)

SELECT
    category.category,
    category.n_total,
    category.n_assigned_open AS n_open,
    category.n_overdue,
    category.n_reopened,
    COALESCE(repeated.n, 0) AS n_repeated,
    CASE WHEN heard.has_ledger THEN COALESCE(earlier.n_total, 0) END AS n_14_days_before,
    CASE WHEN heard.has_ledger THEN category.n_total - COALESCE(earlier.n_total, 0) END AS growth,
    category.closure_rate
FROM category
CROSS JOIN (SELECT COUNT(*) > 0 AS has_ledger FROM category WHERE as_of = :as_of - 14) AS heard
LEFT JOIN category AS earlier ON category.category = earlier.category AND earlier.as_of = :as_of - 14
LEFT JOIN repeated ON category.category = repeated.category
WHERE category.as_of = :as_of
ORDER BY growth DESC NULLS LAST, category.n_total DESC, category.category ASC
