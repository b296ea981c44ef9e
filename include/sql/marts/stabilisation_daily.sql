-- description: |
--   Stabilisation refunds by the ledger in force. A ledger is a stock: read it as of a day, never sum it over days.
--
-- title: 稳岗返还 | Job-retention refunds
-- writes: mart.stabilisation_daily
-- grain: one row per as_of, kind
-- keys: [as_of, kind]
-- partition_by: as_of
-- reads: [fact.stabilisation_refund]
-- serves: S033
-- sums:
--   n_applications: fact.stabilisation_refund.is_application
--   n_eligible: fact.stabilisation_refund.is_eligible
--   approved: fact.stabilisation_refund.approved
--   paid: fact.stabilisation_refund.paid
--   pending: fact.stabilisation_refund.pending
--   n_without_approved: fact.stabilisation_refund.is_without_approved
--   n_without_paid: fact.stabilisation_refund.is_without_paid
--   computed: fact.stabilisation_refund.computed
--   n_enterprises_paid: fact.stabilisation_refund.is_first_paid_line_of_firm
-- suppression:
--   firms: n_enterprises
--   values:
--     - {firms: n_enterprises, largest: largest_approved, columns: [approved]}
--     - {firms: n_enterprises_paid, largest: largest_paid, columns: [paid]}
--     - {firms: n_enterprises_pending, columns: [pending]}
--     - {firms: n_enterprises_computed, columns: [computed]}
-- rounded: [approved, paid, pending, computed]
-- totals: [[kind]]
-- relations:
--   - {holds: n_eligible <= n_applications}
-- same_as: [{mart: fee_reduction, column: paid}]
-- columns:
--   as_of: 截至 | The day
--   kind: 类型 | Kind of application
--   n_enterprises: 申请企业数 | Firms that applied
--   n_applications: 申请件数 | Applications
--   n_eligible: 符合条件件数 | Of these, within the limits of layoffs
--   approved: 核定金额(元) | Approved, yuan
--   paid: 拨付金额(元) | Paid up to the day, yuan
--   pending: 已核定未拨付(元) | Approved and not yet paid, yuan
--   n_without_approved: 未填核定金额的件数 | Applications on public notice or paid that do not give what was approved
--   n_without_paid: 有拨付日期而未填金额的件数 | Applications with a day of payment and no amount, and not in paid
--   computed: 测算金额(元) | What the rules known on the day would give all applications, yuan
--   largest_approved: 最大一家核定金额(元) | Largest sum approved for one firm, yuan
--   largest_paid: 最大一家拨付金额(元) | Largest sum paid to one firm, yuan
--   n_enterprises_paid: 拨付企业数 | Firms paid; each counts once
--   n_enterprises_pending: 待拨付企业数 | Firms with a sum approved and not yet paid
--   n_enterprises_computed: 可测算企业数 | Firms that the rules give something
WITH stabilisation_refund AS (
    SELECT
        as_of,
        kind,
        uscc,
        is_application,
        is_eligible,
        approved,
        paid,
        pending,
        is_without_approved,
        is_without_paid,
        computed,
        is_first_paid_line_of_firm
    FROM fact.stabilisation_refund
    WHERE as_of = ANY(:days)
),

firm AS (
    SELECT
        as_of,
        kind,
        uscc,
        SUM(is_application) AS n_applications,
        SUM(is_eligible::integer) AS n_eligible,
        SUM(approved) AS approved,
        SUM(paid) AS paid,
        SUM(pending) AS pending,
        SUM(is_without_approved::integer) AS n_without_approved,
        SUM(is_without_paid::integer) AS n_without_paid,
        SUM(computed) AS computed,
        SUM(is_first_paid_line_of_firm::integer) AS n_enterprises_paid
    FROM stabilisation_refund
    GROUP BY as_of, kind, uscc
),

stabilisation_daily AS (
    SELECT
        as_of,
        kind,
        COUNT(*) AS n_enterprises,
        SUM(n_applications) AS n_applications,
        SUM(n_eligible) AS n_eligible,
        SUM(approved) AS approved,
        MAX(approved) AS largest_approved,
        CASE WHEN SUM(n_without_paid) = 0 OR SUM(paid) <> 0 THEN SUM(paid) END AS paid,
        MAX(paid) AS largest_paid,
        SUM(pending) AS pending,
        SUM(n_without_approved) AS n_without_approved,
        SUM(n_without_paid) AS n_without_paid,
        SUM(computed) AS computed,
        SUM(n_enterprises_paid) AS n_enterprises_paid,
        COUNT(*) FILTER (WHERE pending <> 0) AS n_enterprises_pending,
        COUNT(*) FILTER (WHERE computed <> 0) AS n_enterprises_computed
    FROM firm
    GROUP BY as_of, kind
)

SELECT
    as_of,
    kind,
    n_enterprises,
    n_applications,
    n_eligible,
    approved,
    largest_approved,
    paid,
    largest_paid,
    pending,
    n_without_approved,
    n_without_paid,
    computed,
    n_enterprises_paid,
    n_enterprises_pending,
    n_enterprises_computed
FROM stabilisation_daily
