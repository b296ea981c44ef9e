-- description: |
--   Firms in arrears with water, gas and power, and whether anybody was cut off against the rule. The arrears fall due some months after
--   the end of the epidemic: while that day is open, there is no due date. An empty cell means no arrears; where no account
--   of a utility gives any, its arrears are not known. Late fees waived are relief: fee_reduction_daily, P22F.
--
-- title: 欠费不停供 | Arrears of water, gas and power
-- writes: mart.utility_protection
-- grain: one row per as_of, utility
-- keys: [as_of, utility]
-- partition_by: as_of
-- max_lag_days: 92
-- reads: [fact.arrears, ref.policy_param]
-- serves: S044, S045
-- sums:
--   n_accounts: fact.arrears.is_account
--   n_in_arrears: fact.arrears.is_in_arrears
--   n_protected: fact.arrears.is_protected
--   n_cut_off: fact.arrears.is_cut_off
--   n_cut_off_in_arrears: fact.arrears.is_cut_off_in_arrears
--   arrears: fact.arrears.arrears
--   n_without_arrears: fact.arrears.is_without_arrears
--   oldest_days: {greatest: fact.arrears.oldest_days}
-- suppression:
--   firms: n_enterprises
--   values:
--     - {firms: n_enterprises_in_arrears, largest: largest_arrears, columns: [arrears, oldest_days]}
-- rounded: [arrears]
-- totals: [[utility]]
-- relations:
--   - {holds: n_in_arrears = n_protected + n_cut_off_in_arrears}
--   - {holds: n_in_arrears <= n_accounts}
--   - {holds: n_cut_off_in_arrears <= n_cut_off}
-- columns:
--   as_of: 截至 | The day
--   utility: 公用事业 | water, gas or power
--   n_accounts: 账户数 | Accounts with a bill in the last 92 days, households apart
--   n_in_arrears: 欠费户数 | Of these, with an unpaid balance
--   n_protected: 欠费未停供户数 | Of these, not cut off
--   n_cut_off: 停供户数 | Accounts cut off, for whatever reason
--   n_cut_off_in_arrears: "欠费停供户数 | Accounts cut off with an unpaid balance: should be none"
--   arrears: 欠费余额(元) | Unpaid balance, yuan; due later, no relief
--   n_without_arrears: 未填欠费余额的账户数 | Accounts whose newest bill does not give it
--   n_unknown: 欠费不详的账户数 | All accounts of a utility of which none gives a balance
--   oldest_days: 最长欠费天数 | Days since the oldest unpaid bill
--   n_enterprises: 企业数 | Firms behind the accounts; those without a credit code count as one
--   n_enterprises_in_arrears: 欠费企业数 | Firms in arrears
--   largest_arrears: 最大一家欠费余额(元) | Largest unpaid balance of one firm, yuan
--   due_date: 补缴截止日 | Day by which arrears are to be paid; empty while the end of the epidemic is open
WITH firm AS (
    SELECT
        as_of,
        utility,
        uscc,
        SUM(is_account) AS n_accounts,
        SUM(is_in_arrears::integer) AS n_in_arrears,
        SUM(is_protected::integer) AS n_protected,
        SUM(is_cut_off::integer) AS n_cut_off,
        SUM(is_cut_off_in_arrears::integer) AS n_cut_off_in_arrears,
        SUM(arrears) AS arrears,
        SUM(is_without_arrears::integer) AS n_without_arrears,
        MAX(oldest_days) AS oldest_days
    FROM fact.arrears
    WHERE as_of = ANY(:days)
    GROUP BY as_of, utility, uscc
),

rule AS MATERIALIZED (
    SELECT
        asked.day AS as_of,
        MAX(version.value) FILTER (WHERE version.param = 'epidemic_end_date')::date AS epidemic_end_date,
        MAX(version.value_number) FILTER (WHERE version.param = 'catch_up_months') AS catch_up_months
    FROM unnest(:days) AS asked (day)
    INNER JOIN ref.param_version AS version
        ON
            (version.policy_id, version.param) IN (('P26', 'epidemic_end_date'), ('P22', 'catch_up_months'))
            AND asked.day BETWEEN version.valid_from AND version.valid_to
            AND asked.day >= version.known_from
            AND asked.day < version.known_to
    GROUP BY asked.day
),

summed AS (
    SELECT
        as_of,
        utility,
        SUM(n_accounts) AS n_accounts,
        SUM(n_in_arrears) AS n_in_arrears,
        SUM(n_protected) AS n_protected,
        SUM(n_cut_off) AS n_cut_off,
        SUM(n_cut_off_in_arrears) AS n_cut_off_in_arrears,
        SUM(arrears) AS arrears,
        MAX(arrears) AS largest_arrears,
        SUM(n_without_arrears) AS n_without_arrears,
        SUM(n_without_arrears) = SUM(n_accounts) AS is_unknown,
        MAX(oldest_days) AS oldest_days,
        COUNT(*) AS n_enterprises,
        COUNT(*) FILTER (WHERE arrears <> 0) AS n_enterprises_in_arrears
    FROM firm
    GROUP BY as_of, utility
),

utility_protection AS (
    SELECT
        summed.as_of,
        summed.utility,
        summed.n_accounts,
        CASE WHEN NOT summed.is_unknown THEN summed.n_in_arrears END AS n_in_arrears,
        CASE WHEN NOT summed.is_unknown THEN summed.n_protected END AS n_protected,
        summed.n_cut_off,
        CASE WHEN NOT summed.is_unknown THEN summed.n_cut_off_in_arrears END AS n_cut_off_in_arrears,
        CASE WHEN NOT summed.is_unknown THEN summed.arrears END AS arrears,
        summed.largest_arrears,
        summed.n_without_arrears,
        CASE WHEN summed.is_unknown THEN summed.n_accounts ELSE 0 END AS n_unknown,
        summed.oldest_days,
        summed.n_enterprises,
        summed.n_enterprises_in_arrears,
        (rule.epidemic_end_date + rule.catch_up_months::integer * INTERVAL '1 month')::date AS due_date
    FROM summed
    LEFT JOIN rule ON summed.as_of = rule.as_of
)

SELECT
    as_of,
    utility,
    n_accounts,
    n_in_arrears,
    n_protected,
    n_cut_off,
    n_cut_off_in_arrears,
    arrears,
    largest_arrears,
    n_without_arrears,
    n_unknown,
    oldest_days,
    n_enterprises,
    n_enterprises_in_arrears,
    due_date
FROM utility_protection
