-- description: |
--   Problems by the ledgers in force, in all, by category, department and township, and in every combination of these. Every problem is
--   exactly one of: solved on the spot, open, closed later, unsolvable, returned. Medians may not be added up.
--
-- title: 问题办理 | Problems and what became of them
-- writes: mart.problem_closure
-- grain: one row per as_of, dimension, category, dept, township_code
-- keys: [as_of, dimension, category, dept, township_code]
-- partition_by: as_of
-- lookback_days: [1]
-- reads: [fact.problem]
-- serves: S060-S062, D03, D04
-- key_expressions:
--   dimension: ":dimension"
--   category: CASE WHEN :dimension IN ('category', 'cell') THEN category ELSE 'ALL' END
--   dept: CASE WHEN :dimension IN ('dept', 'cell') THEN dept ELSE 'ALL' END
--   township_code: CASE WHEN :dimension IN ('township', 'cell') THEN township_code ELSE 'ALL' END
-- sums:
--   n_total: fact.problem.is_problem
--   n_on_site: fact.problem.is_solved_on_site
--   n_assigned_open: fact.problem.is_open
--   n_closed_later: fact.problem.is_closed_later
--   n_unsolvable: fact.problem.is_unsolvable
--   n_returned: fact.problem.is_returned
--   n_overdue: fact.problem.is_overdue
--   n_without_owner: fact.problem.is_without_owner
-- suppression:
--   firms: n_firms
-- hidden_rows: {dimension: [cell]}
-- rates: {closure_rate: n_on_site + n_closed_later / n_total}
-- relations:
--   - {holds: n_total = n_on_site + n_assigned_open + n_closed_later + n_unsolvable + n_returned}
--   - {holds: n_overdue <= n_assigned_open}
--   - {holds: n_without_owner <= n_assigned_open}
-- names: {township_code: [ref.township.township_code.name_zh]}
-- columns:
--   as_of: 截至 | The day
--   dimension: "维度 | total, category, dept, township, or cell: all three together"
--   category: 问题类别 | ALL, or the kind of problem
--   dept: 责任单位 | ALL, or who has to settle it
--   township_code: 所属镇办 | ALL, or the township
--   n_firms: 企业数 | Firms with a problem in the cell; not to be added up
--   n_total: 问题数 | Problems
--   n_on_site: 现场解决 | Solved on the spot
--   n_assigned_open: 交办未办结 | Assigned and open
--   n_closed_later: 交办后办结 | Assigned and closed
--   n_unsolvable: 无法解决 | Found unsolvable
--   n_returned: 退回 | Returned
--   n_overdue: 超期未办结 | Open beyond their day
--   n_without_owner: 无责任人或时限 | Open without department, post or day
--   n_reopened: 重新打开 | Open, and closed in the ledger of the day before
--   closure_rate: 办结率 | On the spot and closed later, over all
--   median_days: 办理天数中位数 | Median of days from raised to closed, of those closed later
WITH problem AS (
    SELECT
        as_of,
        problem_id,
        uscc,
        category,
        dept,
        township_code,
        is_problem,
        is_solved_on_site,
        is_open,
        is_closed_later,
        is_unsolvable,
        is_returned,
        is_overdue,
        is_without_owner,
        days_open
    FROM fact.problem
),

followed AS (
    SELECT
        problem.*,
        COALESCE(
            problem.is_open
            AND LAG(problem.is_closed_later OR problem.is_solved_on_site) OVER (
                PARTITION BY problem.problem_id, problem.is_problem ORDER BY problem.as_of
            ),
            false
        ) AS is_reopened
    FROM problem
),

counted AS (
    SELECT
        followed.*,
        kind.dimension,
        CASE WHEN kind.dimension IN ('category', 'cell') THEN followed.category ELSE 'ALL' END AS category_of_cell,
        CASE WHEN kind.dimension IN ('dept', 'cell') THEN followed.dept ELSE 'ALL' END AS dept_of_cell,
        CASE WHEN kind.dimension IN ('township', 'cell') THEN followed.township_code ELSE 'ALL' END AS township_of_cell
    FROM followed
    CROSS JOIN (VALUES ('total'), ('category'), ('dept'), ('township'), ('cell')) AS kind (dimension)
    WHERE followed.as_of = ANY(:days)
),

problem_closure AS (
    SELECT
        as_of,
        dimension,
        category_of_cell AS category,
        dept_of_cell AS dept,
        township_of_cell AS township_code,
        COUNT(DISTINCT NULLIF(uscc, '')) AS n_firms,
        SUM(is_problem::integer) AS n_total,
        SUM(is_solved_on_site::integer) AS n_on_site,
        SUM(is_open::integer) AS n_assigned_open,
        SUM(is_closed_later::integer) AS n_closed_later,
        SUM(is_unsolvable::integer) AS n_unsolvable,
        SUM(is_returned::integer) AS n_returned,
        SUM(is_overdue::integer) AS n_overdue,
        SUM(is_without_owner::integer) AS n_without_owner,
        SUM(is_reopened::integer) AS n_reopened,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY days_open)::numeric AS median_days
    FROM counted
    GROUP BY as_of, dimension, category_of_cell, dept_of_cell, township_of_cell
)

SELECT
    as_of,
    dimension,
    category,
    dept,
    township_code,
    n_firms,
    n_total,
    n_on_site,
    n_assigned_open,
    n_closed_later,
    n_unsolvable,
    n_returned,
    n_overdue,
    n_without_owner,
    n_reopened,
    (n_on_site + n_closed_later)::numeric / NULLIF(n_total, 0) AS closure_rate,
    median_days
FROM problem_closure
