-- description: |
--   Loans paid out, line by line, and the line with which a firm joins the borrowers. A firm counts from the first day on which the sum of
--   its lines known by then is above zero; that day is the later one of disbursement and report. A reversal that takes the sum back to zero
--   takes the firm out again (minus one). Renewals count apart from new money.
--
-- writes: fact.loan
-- grain: one row per line of the parts that hold the days asked for
-- reads: [report.loan, ref.param_version]
-- columns:
--   business_date: 业务日 | Day of disbursement
--   report_date: 统计日 | Report date of the part
--   bank_code: 银行 | Bank
--   product: 品种 | Product
--   nature: 业务性质 | 新增 new money; 续贷, 展期, 无还本续贷 renewals
--   loan_id: 放款编号 | Loan
--   uscc: 统一社会信用代码 | Borrower
--   disbursed: 放款金额(元) | Paid out, yuan; negative for a reversal
--   is_line: 笔数 | 1 for a loan, 0 for a reversal
--   enterprise_change: 获贷企业变化 | +1 where the firm joins the borrowers of its kind (new money or renewals), -1 where it leaves
--   enterprise_change_any: 获贷企业变化(含续贷) | The same over every nature
--   credit_line: 授信额度(元) | Credit line granted, yuan; empty where not given
--   balance: 余额(元) | Balance as reported with the line, yuan; empty where not given
--   interest_year: "年息(元) | Paid out × rate: a year's interest, yuan"
--   disbursed_with_rate: 有利率的放款金额(元) | Paid out where a rate is known, yuan
--   disbursed_subsidised: 贴息贷款放款金额(元) | Paid out with subsidised interest, yuan
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        part_id,
        report_date
    FROM asof.part_holding
    WHERE table_name = 'loan'
),

effective AS MATERIALIZED (
    SELECT
        part_id,
        report_date
    FROM asof.part
    WHERE table_name = 'loan'
),

since AS (
    SELECT MIN(value::date) AS first_day
    FROM ref.param_version
    WHERE policy_id = 'SETTING' AND param = 'accumulate_from'
),

borrower AS MATERIALIZED (
    SELECT DISTINCT uscc
    FROM report.loan
    WHERE part_id = ANY(ARRAY(SELECT part.part_id FROM part))
),

-- All lines of these borrowers, in the order in which they came to count.
line AS (
    SELECT
        line.*,
        effective.report_date,
        (line.nature = '新增') AS is_new_money,
        GREATEST(line.disbursed_date, effective.report_date) AS counts_from,
        CASE WHEN line.disbursed_date >= COALESCE(since.first_day, '-infinity'::date) THEN line.disbursed ELSE 0 END AS counted
    FROM report.loan AS line
    INNER JOIN effective ON line.part_id = effective.part_id
    CROSS JOIN since
    WHERE line.uscc = ANY(ARRAY(SELECT borrower.uscc FROM borrower))
),

running AS (
    SELECT
        line.*,
        SUM(line.counted) OVER kind AS total_of_kind,
        SUM(line.counted) OVER every AS total
    FROM line
    WINDOW
        kind AS (
            PARTITION BY line.uscc, line.is_new_money
            ORDER BY line.counts_from, line.disbursed_date, line.part_id, line.sheet, line.row_number
        ),
        every AS (
            PARTITION BY line.uscc
            ORDER BY line.counts_from, line.disbursed_date, line.part_id, line.sheet, line.row_number
        )
)

SELECT
    running.disbursed_date AS business_date,
    running.report_date,
    running.bank_code,
    COALESCE(running.product, '其他') AS product,
    running.nature,
    running.loan_id,
    running.uscc,
    running.disbursed,
    (running.disbursed > 0)::integer AS is_line,
    (running.total_of_kind > 0)::integer - (running.total_of_kind - running.counted > 0)::integer AS enterprise_change,
    (running.total > 0)::integer - (running.total - running.counted > 0)::integer AS enterprise_change_any,
    running.credit_line,
    running.balance,
    COALESCE(running.disbursed * running.annual_rate, 0) AS interest_year,
    CASE WHEN running.annual_rate IS NULL THEN 0 ELSE running.disbursed END AS disbursed_with_rate,
    CASE WHEN running.is_subsidised THEN running.disbursed ELSE 0 END AS disbursed_subsidised,
    running.part_id,
    running.sheet,
    running.row_number
FROM running
WHERE running.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
