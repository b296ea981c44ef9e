-- description: |
--   Loans by the month of disbursement, in all, by product and by bank: coarse enough for analysts, who do not see loan_daily. New money
--   and renewals stay apart. Lines are those known now, of the whole month. Subsidised loans are not shown: in a cell of many firms often a
--   single one has them.
--
-- title: 贷款逐月 | Loans month by month
-- writes: mart.loan_monthly
-- grain: one row per period, nature, dimension, member
-- keys: [period, nature, dimension, member]
-- partition_by: period
-- reads: [fact.loan]
-- serves: new money or renewals, share of products and banks, average rate
-- key_expressions:
--   period: date_trunc('month', business_date)::date
--   dimension: ":dimension"
--   member: CASE :dimension WHEN 'total' THEN 'ALL' WHEN 'product' THEN product WHEN 'bank' THEN bank_code END
-- sums:
--   disbursed: fact.loan.disbursed
--   n_loans: fact.loan.is_line
--   n_new_enterprises: fact.loan.enterprise_change
--   interest_year: fact.loan.interest_year
--   disbursed_with_rate: fact.loan.disbursed_with_rate
-- suppression:
--   firms: n_enterprises
--   values:
--     - {firms: n_enterprises, largest: largest_disbursed, columns: [disbursed]}
--     - {firms: n_with_rate, largest: largest_interest, columns: [interest_year, disbursed_with_rate, average_rate]}
--     - {firms: n_with_rate, largest: largest_with_rate, columns: [disbursed_with_rate, interest_year, average_rate]}
--     - {firms: n_without_rate, columns: [interest_year, disbursed_with_rate, average_rate]}
-- totals: [[nature]]
-- rounded: [disbursed, interest_year, disbursed_with_rate]
-- rates: {average_rate: interest_year / disbursed_with_rate}
-- relations:
--   - {holds: disbursed_with_rate <= disbursed}
-- told_by:
--   - {mart: loan_daily, columns: {disbursed: disbursed, n_new_enterprises: n_new_enterprises}}
-- columns:
--   period: 放款月份 | First day of the month
--   nature: 业务性质 | 新增 new money; 续贷, 展期, 无还本续贷 renewals
--   dimension: 维度 | total, product or bank
--   member: 成员 | ALL, product or bank
--   n_enterprises: 企业数 | Firms with a line in the month; not to be added up over months or members
--   n_new_enterprises: 新增获贷企业数 | Firms that first got money of this kind; may be added up over months
--   n_loans: 笔数 | Loans, without reversals
--   n_with_rate: 有利率的企业数 | Firms with a loan whose rate is known
--   n_without_rate: 无利率的企业数 | Firms with a loan whose rate is not known
--   disbursed: 放款金额(元) | Paid out, yuan
--   largest_disbursed: 最大一家放款金额(元) | Largest sum of one firm, yuan
--   largest_interest: 最大一家年息(元) | Largest interest of one firm, yuan
--   largest_with_rate: 最大一家有利率的放款金额(元) | Largest sum of one firm where a rate is known, yuan
--   interest_year: 年息(元) | A year's interest on what was paid out, yuan
--   disbursed_with_rate: 有利率的放款金额(元) | Paid out where a rate is known, yuan
--   average_rate: 加权平均年利率 | Rate weighted by amounts
WITH loan AS (
    SELECT
        date_trunc('month', fact.business_date)::date AS period,
        fact.nature,
        kind.dimension,
        kind.member,
        fact.uscc,
        fact.disbursed,
        fact.is_line,
        fact.enterprise_change,
        fact.interest_year,
        fact.disbursed_with_rate
    FROM fact.loan AS fact
    CROSS JOIN LATERAL (
        VALUES
        ('total', 'ALL'),
        ('product', fact.product),
        ('bank', fact.bank_code)
    ) AS kind (dimension, member)
    WHERE date_trunc('month', fact.business_date)::date = ANY(:days)
),

firm AS (
    SELECT
        period,
        nature,
        dimension,
        member,
        uscc,
        SUM(enterprise_change) AS enterprise_change,
        SUM(is_line) AS n_loans,
        SUM(disbursed) AS disbursed,
        SUM(interest_year) AS interest_year,
        SUM(disbursed_with_rate) AS disbursed_with_rate,
        bool_or(disbursed_with_rate <> 0) AS has_rate,
        bool_or(disbursed <> COALESCE(disbursed_with_rate, 0)) AS has_no_rate
    FROM loan
    GROUP BY period, nature, dimension, member, uscc
),

loan_monthly AS (
    SELECT
        period,
        nature,
        dimension,
        member,
        COUNT(*) AS n_enterprises,
        SUM(enterprise_change) AS n_new_enterprises,
        SUM(n_loans) AS n_loans,
        COUNT(*) FILTER (WHERE has_rate) AS n_with_rate,
        COUNT(*) FILTER (WHERE has_no_rate) AS n_without_rate,
        SUM(disbursed) AS disbursed,
        MAX(disbursed) AS largest_disbursed,
        MAX(interest_year) AS largest_interest,
        MAX(disbursed_with_rate) AS largest_with_rate,
        SUM(interest_year) AS interest_year,
        SUM(disbursed_with_rate) AS disbursed_with_rate,
        SUM(interest_year) / NULLIF(SUM(disbursed_with_rate), 0) AS average_rate
    FROM firm
    GROUP BY period, nature, dimension, member
)

SELECT
    period,
    nature,
    dimension,
    member,
    n_enterprises,
    n_new_enterprises,
    n_loans,
    n_with_rate,
    n_without_rate,
    disbursed,
    largest_disbursed,
    largest_interest,
    largest_with_rate,
    interest_year,
    disbursed_with_rate,
    average_rate
FROM loan_monthly
