-- description: |
--   A borrower that is not in the register may lie outside the district. The register is that of the end of the month after the loan, or
--   the first one where none was there yet. A firm counts once however many lines it has, so there are never more firms than lines.
--
-- check: X10
-- severity: warning
-- keys: [period, loan_id]
-- partition_by: period
-- reads: [fact.loan, fact.month_register]
-- touches: [S038, S039]
-- message: "贷款中有 {n_rows} 笔的企业不在名录,可能不属本区 | Loans whose borrowers are not in the register and may lie outside the district: {n_rows}"
-- otherwise: {is_absent: true}
-- said: [business_date, uscc, bank_code, disbursed]
-- columns:
--   period: 放款月份 | First day of the month
--   business_date: 放款日期 | Day of disbursement
--   report_date: 统计日 | Report date
--   loan_id: 放款编号 | Loan
--   uscc: 统一社会信用代码 | Borrower
--   bank_code: 银行 | Bank
--   disbursed: 放款金额(元) | Paid out, yuan
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH loan AS MATERIALIZED (
    SELECT
        date_trunc('month', business_date)::date AS period,
        business_date,
        report_date,
        loan_id,
        uscc,
        bank_code,
        disbursed,
        part_id,
        sheet,
        row_number
    FROM fact.loan
    WHERE date_trunc('month', business_date)::date = ANY(:days)
),

-- The months of which there is a register, and the borrowers that it lists: few of its firms.
register AS MATERIALIZED (
    SELECT DISTINCT
        listed.period,
        borrower.uscc
    FROM fact.month_register AS listed
    LEFT JOIN (SELECT DISTINCT uscc FROM loan) AS borrower ON listed.uscc = borrower.uscc
),

told AS (
    SELECT DISTINCT period
    FROM register
)

SELECT
    loan.period,
    loan.business_date,
    loan.report_date,
    loan.loan_id,
    loan.uscc,
    loan.bank_code,
    loan.disbursed,
    loan.part_id,
    loan.sheet,
    loan.row_number
FROM loan
INNER JOIN told ON loan.period = told.period
LEFT JOIN register ON loan.period = register.period AND loan.uscc = register.uscc
WHERE register.uscc IS NULL
