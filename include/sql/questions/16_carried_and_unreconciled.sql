-- description: |
--   What today's figures rest on: carried rows of an earlier day, and claims of relief that the rule does not explain. `fugong figures
--   --json` shows both beside each figure; this question shows where they come from.
--
-- number: 16
-- question: 今天的数字有哪些用了沿用或核不上的数据? | Which figures of today's briefing rest on carried-forward or unreconciled data?
-- role: taskforce
-- parameters:
--   as_of: {label: 截至 | The day}
-- reads: [mart.resumption_daily, mart.fee_reduction]
-- codes: {about: [scope, policy], what: [basis]}
-- columns:
--   what: 依据 | carried or unreconciled
--   about: 对象 | Scope, or policy
--   n: 数量 | Firms or sites carried; firms and months whose claim does not agree
--   n_of: 总数 | Of so many
--   share: 占比 | The share
--   amount: 金额(元) | Claimed and not explained, yuan
WITH carried AS (
    SELECT
        '沿用' AS what,
        scope AS about,
        n_carried AS n,
        n_should AS n_of,
        NULL::numeric AS amount
    FROM mart.resumption_daily
    WHERE
        as_of = :as_of
        AND dimension = 'total'
),

unreconciled AS (
    SELECT
        '核不上' AS what,
        policy_id AS about,
        COUNT(*) FILTER (WHERE status NOT IN ('MATCH', 'NOT_COMPUTABLE')) AS n,
        COUNT(*) AS n_of,
        SUM(claimed) FILTER (WHERE status NOT IN ('MATCH', 'NOT_COMPUTABLE')) AS amount
    FROM mart.fee_reduction
    WHERE
        period <= :as_of
    GROUP BY policy_id
    HAVING bool_or(status NOT IN ('MATCH', 'NOT_COMPUTABLE'))
),

found AS (
    SELECT * FROM carried
    UNION ALL
    SELECT * FROM unreconciled
)

SELECT
    what,
    about,
    n,
    n_of,
    n / NULLIF(n_of, 0)::numeric AS share,
    amount
FROM found
ORDER BY what, about
