-- description: |
--   A comparison, not a cause: firms with much relief differ from those with little (they are larger, have meters of their own, pay
--   premiums in full). It divides the firms of a scope into thirds by relief per head and compares people on post over normal headcount
--   then and now.
--
-- number: 14
-- question: 享受减免多的企业恢复得更快吗?(只作比较,不证明因果) | Do firms that received relief recover faster? A comparison, not causal proof
-- role: taskforce
-- parameters:
--   as_of: {label: 截至 | The day}
--   days: {label: "与几天前比 | Days before, to compare with", default: 28}
-- window_days: days
-- reads: [mart.fee_reduction, fact.resumption]
-- codes: {scope: [scope], third: [third]}
-- columns:
--   scope: 调度范围 | industry, service or trade
--   third: 减免多少 | 0 none; 1 the third with the least relief per head, 3 the third with the most
--   n_firms: 企业数 | Firms
--   relief_per_head: 人均减免(元) | Relief claimed up to the day per head of normal staff, yuan
--   recovery_before: 当时用工恢复率 | People on post over normal headcount, then
--   recovery_now: 现在用工恢复率 | The same on the day
--   gain: 提高(百分点) | The one less the other, percentage points
WITH relief AS (
    SELECT
        uscc,
        SUM(claimed) AS claimed
    FROM mart.fee_reduction
    WHERE
        period <= :as_of
        AND benefit_class IN ('A', 'B')
    GROUP BY uscc
),

firm AS (
    SELECT
        entity AS uscc,
        scope,
        SUM(normal_headcount) FILTER (WHERE as_of = :as_of) AS normal_headcount,
        SUM(on_post) FILTER (WHERE as_of = :as_of) AS on_post,
        SUM(normal_headcount) FILTER (WHERE as_of = :as_of - :days) AS normal_headcount_before,
        SUM(on_post) FILTER (WHERE as_of = :as_of - :days) AS on_post_before
    FROM fact.resumption
    WHERE
        as_of IN (:as_of, :as_of - :days)
        AND scope <> 'site'
    GROUP BY entity, scope
),

ranked AS (
    SELECT
        firm.*,
        COALESCE(relief.claimed, 0) AS claimed,
        CASE
            WHEN COALESCE(relief.claimed, 0) = 0 THEN 0
            ELSE ntile(3) OVER (
                PARTITION BY firm.scope, COALESCE(relief.claimed, 0) = 0
                ORDER BY relief.claimed / firm.normal_headcount ASC, firm.uscc ASC
            )
        END AS third
    FROM firm
    LEFT JOIN relief ON firm.uscc = relief.uscc
    WHERE
        firm.normal_headcount > 0
        AND firm.normal_headcount_before > 0
),

summed AS (
    SELECT
        scope,
        third,
        COUNT(*) AS n_firms,
        SUM(claimed) / SUM(normal_headcount) AS relief_per_head,
        SUM(on_post_before) / SUM(normal_headcount_before)::numeric AS recovery_before,
        SUM(on_post) / SUM(normal_headcount)::numeric AS recovery_now
    FROM ranked
    GROUP BY scope, third
)

SELECT
    scope,
    third,
    n_firms,
    relief_per_head,
    recovery_before,
    recovery_now,
    recovery_now - recovery_before AS gain
FROM summed
ORDER BY scope ASC, third ASC
