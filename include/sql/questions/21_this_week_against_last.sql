-- description: |
--   The seven days up to the day against the seven before them, both by the same knowledge. Stocks (firms at work, open problems) are those
--   of the last day of each week; flows (visits, loans, relief) are sums over it, of reports about days up to the day. What nobody reported
--   for the day itself is empty.
--
-- number: 21
-- question: 本周比上周如何? | How does this week compare with last?
-- role: taskforce
-- parameters:
--   as_of: {label: 截至 | Last day of this week}
-- window_days: 13
-- reads: [mart.resumption_daily, mart.problem_closure, mart.visit_daily, mart.loan_daily, mart.fee_reduction_daily]
-- codes: {about: [scope, benefit_class], what: [compared]}
-- columns:
--   place: 序 | Order of the lines
--   what: 事项 | What is compared
--   about: 范围 | Scope or benefit class; empty for the whole
--   this_week: 本周 | The seven days up to the day, or its last day
--   last_week: 上周 | The seven days before
--   change: 增减 | The one less the other
WITH told AS (
    SELECT
        1 AS place,
        '已复工数(家)' AS what,
        scope AS about,
        as_of AS day,
        CASE WHEN n_reported > 0 OR n_should = 0 THEN n_resumed END::numeric AS value,
        true AS is_stock
    FROM mart.resumption_daily
    WHERE dimension = 'total'
    UNION ALL
    SELECT
        2 AS place,
        '到岗人数(人)' AS what,
        scope AS about,
        as_of AS day,
        CASE WHEN n_reported > 0 OR n_should = 0 THEN on_post END::numeric AS value,
        true AS is_stock
    FROM mart.resumption_daily
    WHERE
        dimension = 'total'
        AND scope <> 'site'
    UNION ALL
    SELECT
        3 AS place,
        '交办未办结问题(个)' AS what,
        NULL AS about,
        as_of AS day,
        n_assigned_open::numeric AS value,
        true AS is_stock
    FROM mart.problem_closure
    WHERE dimension = 'total'
    UNION ALL
    SELECT
        4 AS place,
        '走访(家次)' AS what,
        NULL AS about,
        business_date AS day,
        n_visits::numeric AS value,
        false AS is_stock
    FROM mart.visit_daily
    WHERE report_date <= :as_of
    UNION ALL
    SELECT
        5 AS place,
        '放款(元)' AS what,
        NULL AS about,
        business_date AS day,
        disbursed AS value,
        false AS is_stock
    FROM mart.loan_daily
    WHERE report_date <= :as_of
    UNION ALL
    SELECT
        6 AS place,
        '申报减免(元)' AS what,
        benefit_class AS about,
        business_date AS day,
        claimed AS value,
        false AS is_stock
    FROM mart.fee_reduction_daily
    WHERE report_date <= :as_of
),

week AS (
    SELECT
        place,
        what,
        about,
        SUM(value) FILTER (WHERE CASE WHEN is_stock THEN day = :as_of ELSE day > :as_of - 7 AND day <= :as_of END) AS this_week,
        SUM(value) FILTER (WHERE CASE WHEN is_stock THEN day = :as_of - 7 ELSE day > :as_of - 14 AND day <= :as_of - 7 END) AS last_week
    FROM told
    WHERE
        day > :as_of - 14
        AND day <= :as_of
    GROUP BY place, what, about
)

SELECT
    place,
    what,
    about,
    this_week,
    last_week,
    this_week - last_week AS change
FROM week
ORDER BY place ASC, about ASC NULLS FIRST
