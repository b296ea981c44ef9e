-- description: |
--   New money and renewals by month, with the average rate. A share is of all loans of the month; a month is shown once it has ended.
--   Reports do not tell who was refused.
--
-- number: 13
-- question: "贷款是新增还是续贷?平均利率多少? | Loans: new money or renewals, and at which average rate?"
-- role: analyst
-- parameters:
--   as_of: {label: 截至 | Months up to the one of this day}
-- reads: [open.loan_monthly]
-- codes: {nature: [all, loan_nature]}
-- secondary: [is_suppressed]
-- columns:
--   period: 放款月份 | First day of the month
--   nature: 业务性质 | ALL, 新增 new money; the others are renewals
--   n_enterprises: 企业数 | Firms with such a loan in the month
--   n_loans: 笔数 | Loans
--   disbursed: 放款金额(元) | Paid out, yuan; empty where it would give a firm away
--   average_rate: 加权平均年利率 | Rate weighted by amounts
--   share: 占当月放款 | Share of all loans of the month
--   is_suppressed: 是否隐去 | Whether values are hidden
SELECT
    period,
    nature,
    n_enterprises,
    n_loans,
    disbursed,
    average_rate,
    disbursed / MAX(disbursed) FILTER (WHERE nature = 'ALL') OVER (PARTITION BY period) AS share,
    is_suppressed
FROM open.loan_monthly
WHERE
    period <= :as_of
    AND dimension = 'total'
ORDER BY period ASC, disbursed DESC NULLS LAST, nature ASC
