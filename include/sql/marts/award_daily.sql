-- description: |
--   Awards and subsidies by the ledger in force. A ledger is a stock: read it as of a day, never sum it over days. Stabilisation refunds
--   and tax refunds have other sources and are not here. by_investment and by_upper_subsidy are two readings of one rule whose base is
--   open: never add them; neither is the computed amount. The report has no day of approval, so the days from approval to payment are
--   unknown.
--
-- title: 奖补资金核定与拨付 | Rewards and subsidies, approved and paid
-- writes: mart.award_daily
-- grain: one row per as_of, clause_id, item, fund_source
-- keys: [as_of, clause_id, item, fund_source]
-- partition_by: as_of
-- reads: [fact.award]
-- serves: S016, S040
-- sums:
--   n_awards: fact.award.is_award
--   approved: fact.award.approved
--   paid: fact.award.paid
--   paid_on_day: fact.award.paid_on_day
--   pending: fact.award.pending
--   n_without_approved: fact.award.is_without_approved
--   n_without_paid: fact.award.is_without_paid
--   by_investment: fact.award.by_investment
--   by_upper_subsidy: fact.award.by_upper_subsidy
--   n_enterprises_paid: fact.award.is_first_paid_line_of_firm
-- suppression:
--   firms: n_enterprises
--   values:
--     - {firms: n_with_approved, largest: largest_approved, columns: [approved, honour_rate]}
--     - {firms: n_with_paid, largest: largest_paid, columns: [paid, honour_rate]}
--     - {firms: n_with_pending, largest: largest_pending, columns: [pending]}
--     - {firms: n_with_by_investment, largest: largest_by_investment, columns: [by_investment]}
--     - {firms: n_with_by_upper_subsidy, largest: largest_by_upper_subsidy, columns: [by_upper_subsidy]}
-- rounded: [approved, paid, pending, by_investment, by_upper_subsidy]
-- hidden: [paid_on_day]
-- totals: [[clause_id, item, fund_source], [item, fund_source]]
-- rates: {honour_rate: paid / approved}
-- relations:
--   - {holds: approved = paid + pending}
-- same_as:
--   - {mart: fee_reduction, column: paid, keys: {item: [技改再补贴, 设备再补贴]}}
--   - {mart: fee_reduction, column: paid, without: {item: [技改再补贴, 设备再补贴]}}
-- columns:
--   as_of: 截至 | The day
--   clause_id: 政策条款 | Clause that grants it
--   item: 项目类别 | Kind of award
--   fund_source: 资金来源 | Budget that pays
--   n_awards: 笔数 | Awards, paid or not
--   approved: 核定金额(元) | Approved, yuan
--   paid: 拨付金额(元) | Paid up to the day, yuan
--   paid_on_day: 当日拨付金额(元) | Paid on the day, yuan
--   pending: 已核定未拨付(元) | Approved and not yet paid, yuan
--   n_without_approved: 未填核定金额的笔数 | Awards that do not give what was approved; of these only what was paid is in it
--   n_without_paid: 有拨付日期而未填金额的笔数 | Awards with a day of payment and no amount, and not in paid
--   honour_rate: 兑现率 | Paid over approved; empty where an amount is not given
--   by_investment: 按认定投资额测算(元) | If the base of the extra subsidy is the recognised investment, yuan
--   by_upper_subsidy: 按上级补贴额测算(元) | If the base of the extra subsidy is the subsidy of higher levels, yuan
--   n_enterprises: 企业数 | Firms with an award in this cell; not to be added up
--   n_enterprises_paid: 拨付企业数 | Firms paid; each counts once, in the cell of its first payment
--   n_with_approved: 核定企业数 | Firms with a sum approved
--   largest_approved: 最大一家核定金额(元) | Largest sum of one firm, yuan
--   n_with_paid: 已拨付企业数 | Firms with a payment
--   largest_paid: 最大一家拨付金额(元) | Largest sum of one firm, yuan
--   n_with_paid_on_day: 当日拨付企业数 | Firms paid on the day
--   largest_paid_on_day: 最大一家当日拨付金额(元) | Largest sum of one firm, yuan
--   n_with_pending: 待拨付企业数 | Firms with a sum not yet paid
--   largest_pending: 最大一家待拨付金额(元) | Largest sum of one firm, yuan
--   n_with_by_investment: 有认定投资额的再补贴企业数 | Firms with an extra subsidy on an investment
--   largest_by_investment: 最大一家按投资测算金额(元) | Largest sum of one firm, yuan
--   n_with_by_upper_subsidy: 有上级补贴额的再补贴企业数 | Firms with an extra subsidy on one of higher levels
--   largest_by_upper_subsidy: 最大一家按上级补贴测算金额(元) | Largest sum of one firm, yuan
WITH award AS (
    SELECT
        as_of,
        clause_id,
        item,
        fund_source,
        uscc,
        is_award,
        approved,
        paid,
        paid_on_day,
        pending,
        is_without_approved,
        is_without_paid,
        by_investment,
        by_upper_subsidy,
        is_first_paid_line_of_firm
    FROM fact.award
    WHERE as_of = ANY(:days)
),

firm AS (
    SELECT
        as_of,
        clause_id,
        item,
        fund_source,
        uscc,
        SUM(is_award) AS n_awards,
        SUM(approved) AS approved,
        SUM(paid) AS paid,
        SUM(paid_on_day) AS paid_on_day,
        SUM(pending) AS pending,
        SUM(is_without_approved::integer) AS n_without_approved,
        SUM(is_without_paid::integer) AS n_without_paid,
        SUM(by_investment) AS by_investment,
        SUM(by_upper_subsidy) AS by_upper_subsidy,
        SUM(is_first_paid_line_of_firm::integer) AS n_enterprises_paid
    FROM award
    GROUP BY as_of, clause_id, item, fund_source, uscc
),

award_daily AS (
    SELECT
        as_of,
        clause_id,
        item,
        fund_source,
        SUM(n_awards) AS n_awards,
        SUM(approved) AS approved,
        COUNT(*) FILTER (WHERE approved <> 0) AS n_with_approved,
        MAX(approved) AS largest_approved,
        CASE WHEN SUM(n_without_paid) = 0 OR SUM(paid) <> 0 THEN SUM(paid) END AS paid,
        COUNT(*) FILTER (WHERE paid <> 0) AS n_with_paid,
        MAX(paid) AS largest_paid,
        SUM(paid_on_day) AS paid_on_day,
        COUNT(*) FILTER (WHERE paid_on_day <> 0) AS n_with_paid_on_day,
        MAX(paid_on_day) AS largest_paid_on_day,
        SUM(pending) AS pending,
        COUNT(*) FILTER (WHERE pending <> 0) AS n_with_pending,
        MAX(pending) AS largest_pending,
        SUM(by_investment) AS by_investment,
        COUNT(*) FILTER (WHERE by_investment <> 0) AS n_with_by_investment,
        MAX(by_investment) AS largest_by_investment,
        SUM(by_upper_subsidy) AS by_upper_subsidy,
        COUNT(*) FILTER (WHERE by_upper_subsidy <> 0) AS n_with_by_upper_subsidy,
        MAX(by_upper_subsidy) AS largest_by_upper_subsidy,
        SUM(n_without_approved) AS n_without_approved,
        SUM(n_without_paid) AS n_without_paid,
        CASE WHEN SUM(n_without_approved) = 0 AND SUM(n_without_paid) = 0 THEN SUM(paid) / NULLIF(SUM(approved), 0) END AS honour_rate,
        COUNT(*) AS n_enterprises,
        SUM(n_enterprises_paid) AS n_enterprises_paid
    FROM firm
    GROUP BY as_of, clause_id, item, fund_source
)

SELECT
    as_of,
    clause_id,
    item,
    fund_source,
    n_awards,
    n_enterprises,
    n_enterprises_paid,
    approved,
    n_with_approved,
    largest_approved,
    paid,
    n_with_paid,
    largest_paid,
    paid_on_day,
    n_with_paid_on_day,
    largest_paid_on_day,
    pending,
    n_with_pending,
    largest_pending,
    n_without_approved,
    n_without_paid,
    by_investment,
    n_with_by_investment,
    largest_by_investment,
    by_upper_subsidy,
    n_with_by_upper_subsidy,
    largest_by_upper_subsidy,
    honour_rate
FROM award_daily
