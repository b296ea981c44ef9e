-- Stabilisation refunds as the ledger in force tells them. A ledger is a stock: it is read as of a day, never summed over days.
--
-- writes  mart.stabilisation_daily
-- grain   one row per as_of, kind
-- keys    as_of, kind
-- stale   as_of
-- reads   fact.stabilisation_refund
-- serves  S033
-- sums    n_applications = fact.stabilisation_refund.is_application
-- sums    n_eligible = fact.stabilisation_refund.is_eligible
-- sums    approved = fact.stabilisation_refund.approved
-- sums    paid = fact.stabilisation_refund.paid
-- sums    pending = fact.stabilisation_refund.pending
-- sums    computed = fact.stabilisation_refund.computed
-- sums    n_enterprises_paid = fact.stabilisation_refund.is_first_paid_line_of_firm
-- cell    n_applications
-- column  as_of  截至 | The day
-- column  kind  类型 | Kind of application
-- column  n_applications  申请件数 | Applications
-- column  n_eligible  符合条件件数 | Of these, within the limits of layoffs
-- column  approved  核定金额(元) | Approved, yuan
-- column  paid  拨付金额(元) | Paid up to the day, yuan
-- column  pending  已核定未拨付(元) | Approved and not yet paid, yuan
-- column  computed  测算金额(元) | What the rules known on the day would give all applications, yuan
-- column  n_enterprises_paid  拨付企业数 | Firms paid; each counts once
WITH stabilisation_refund AS (
    SELECT
        as_of,
        kind,
        is_application,
        is_eligible,
        approved,
        paid,
        pending,
        computed,
        is_first_paid_line_of_firm
    FROM fact.stabilisation_refund
    WHERE as_of = ANY(:days)
),

stabilisation_daily AS (
    SELECT
        as_of,
        kind,
        SUM(is_application) AS n_applications,
        SUM(is_eligible::integer) AS n_eligible,
        SUM(approved) AS approved,
        SUM(paid) AS paid,
        SUM(pending) AS pending,
        SUM(computed) AS computed,
        SUM(is_first_paid_line_of_firm::integer) AS n_enterprises_paid
    FROM stabilisation_refund
    GROUP BY as_of, kind
)

SELECT
    as_of,
    kind,
    n_applications,
    n_eligible,
    approved,
    paid,
    pending,
    computed,
    n_enterprises_paid
FROM stabilisation_daily
