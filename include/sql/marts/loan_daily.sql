-- description: Loans by the day of disbursement. Cumulative figures are sums of these flows. Analysts see loan_monthly.
--
-- title: 贷款逐日 | Loans day by day
-- writes: mart.loan_daily
-- grain: one row per business_date, report_date, bank_code, product, nature
-- keys: [business_date, report_date, bank_code, product, nature]
-- partition_by: business_date
-- reads: [fact.loan]
-- serves: S038, S039
-- sums:
--   disbursed: fact.loan.disbursed
--   n_loans: fact.loan.is_line
--   n_new_enterprises: fact.loan.enterprise_change
--   n_new_enterprises_any: fact.loan.enterprise_change_any
--   credit_line: fact.loan.credit_line
--   balance: fact.loan.balance
--   interest_year: fact.loan.interest_year
--   disbursed_with_rate: fact.loan.disbursed_with_rate
--   disbursed_subsidised: fact.loan.disbursed_subsidised
-- columns:
--   business_date: 业务日 | Day of disbursement
--   report_date: 统计日 | Report date of the part
--   bank_code: 银行 | Bank
--   product: 品种 | Product
--   nature: 业务性质 | 新增 new money; 续贷, 展期, 无还本续贷 renewals
--   disbursed: 放款金额(元) | Paid out, yuan
--   n_loans: 笔数 | Loans, without reversals
--   n_enterprises: 企业数 | Firms in this cell; not to be added up
--   n_new_enterprises: 新增获贷企业数 | Firms that first got money of this kind; a sum of them counts every firm once
--   n_new_enterprises_any: 新增获贷企业数(含续贷) | The same over every nature
--   credit_line: 授信额度(元) | Credit lines granted, yuan; empty where no loan gives one
--   balance: 余额(元) | Balances as reported with the lines, yuan; empty likewise
--   interest_year: 年息(元) | A year's interest on what was paid out, yuan
--   disbursed_with_rate: 有利率的放款金额(元) | Paid out where a rate is known, yuan
--   average_rate: 加权平均年利率 | Rate weighted by amounts
--   disbursed_subsidised: 贴息贷款放款金额(元) | Paid out with subsidised interest, yuan
WITH loan AS (
    SELECT
        business_date,
        report_date,
        bank_code,
        product,
        nature,
        uscc,
        disbursed,
        is_line,
        enterprise_change,
        enterprise_change_any,
        credit_line,
        balance,
        interest_year,
        disbursed_with_rate,
        disbursed_subsidised
    FROM fact.loan
    WHERE business_date = ANY(:days)
),

loan_daily AS (
    SELECT
        business_date,
        report_date,
        bank_code,
        product,
        nature,
        SUM(disbursed) AS disbursed,
        SUM(is_line) AS n_loans,
        COUNT(DISTINCT uscc) AS n_enterprises,
        SUM(enterprise_change) AS n_new_enterprises,
        SUM(enterprise_change_any) AS n_new_enterprises_any,
        SUM(credit_line) AS credit_line,
        SUM(balance) AS balance,
        SUM(interest_year) AS interest_year,
        SUM(disbursed_with_rate) AS disbursed_with_rate,
        SUM(interest_year) / NULLIF(SUM(disbursed_with_rate), 0) AS average_rate,
        SUM(disbursed_subsidised) AS disbursed_subsidised
    FROM loan
    GROUP BY business_date, report_date, bank_code, product, nature
)

SELECT
    business_date,
    report_date,
    bank_code,
    product,
    nature,
    disbursed,
    n_loans,
    n_enterprises,
    n_new_enterprises,
    n_new_enterprises_any,
    credit_line,
    balance,
    interest_year,
    disbursed_with_rate,
    average_rate,
    disbursed_subsidised
FROM loan_daily
