-- description: |
--   What customers of water, gas and power owe, and who was cut off. The newest bill of the last 92 days stands for an account (meters are
--   read monthly or every other month), so that a day costs the same with any history. Households are left out.
--
-- writes: fact.arrears
-- grain: one row per as_of, utility and account with a bill in the last 92 days
-- reads: [report.water_bill, report.gas_bill, report.power_bill]
-- shared: true
-- columns:
--   as_of: 截至 | The day
--   utility: 公用事业 | water, gas or power
--   account_no: 户号 | Account
--   uscc: 统一社会信用代码 | Firm; empty where unknown
--   read_to: 抄表止日 | End of the newest reading
--   is_account: 账户数 | One account
--   is_in_arrears: 欠费户 | With an unpaid balance
--   is_protected: 欠费未停供户 | With an unpaid balance and not cut off
--   is_cut_off: 停供户 | Cut off
--   is_cut_off_in_arrears: "欠费停供户 | Cut off with an unpaid balance: breaks the rule"
--   arrears: 欠费余额(元) | Unpaid balance, yuan; an empty cell means none, where other accounts give theirs
--   is_without_arrears: 未填欠费余额 | The newest bill does not give it
--   arrears_since: 最早欠费日 | Day of the oldest unpaid bill, of an account with an unpaid balance
--   oldest_days: 最长欠费天数 | Days since then
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH day AS MATERIALIZED (
    SELECT as_of
    FROM asof.day
),

part AS MATERIALIZED (
    SELECT
        part.part_id,
        part.report_date
    FROM asof.part AS part
    CROSS JOIN (
        SELECT
            MIN(asked.as_of) - 91 AS first_day,
            MAX(asked.as_of) AS last_day
        FROM asof.day AS asked
    ) AS span
    WHERE
        part.table_name IN ('water_bill', 'gas_bill', 'power_bill')
        AND part.business_to >= span.first_day
        AND part.business_from <= span.last_day
),

bill AS MATERIALIZED (
    SELECT
        'water' AS utility,
        line.account_no,
        line.uscc,
        line.user_class,
        line.read_to,
        line.quantity,
        line.arrears,
        line.arrears_since,
        line.cut_off,
        part.report_date,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.water_bill AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT
        'gas' AS utility,
        line.account_no,
        line.uscc,
        line.user_class,
        line.read_to,
        line.quantity,
        line.arrears,
        line.arrears_since,
        line.cut_off,
        part.report_date,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.gas_bill AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT
        'power' AS utility,
        line.account_no,
        line.uscc,
        line.user_class,
        line.read_to,
        line.quantity,
        line.arrears,
        line.arrears_since,
        line.cut_off,
        part.report_date,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.power_bill AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
),

-- A reversal concerns an earlier bill and says nothing about the account. A bill is the newest from the day on which it was read and reported
-- until one that is read later, or is the later of the same reading, is reported: it lasts longer, so the earlier one does not come back.
newest AS (
    SELECT
        bill.*,
        COALESCE(bill.arrears, 0) AS owed,
        GREATEST(bill.read_to, bill.report_date) AS first_day,
        LEAST(
            bill.read_to + 92,
            MIN(GREATEST(bill.read_to, bill.report_date)) OVER (
                PARTITION BY bill.utility, bill.account_no
                ORDER BY bill.read_to DESC, bill.report_date DESC, bill.part_id DESC, bill.row_number DESC
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
        ) AS until
    FROM bill
    WHERE
        bill.quantity >= 0
        AND bill.user_class <> '居民'
)

SELECT
    day.as_of,
    newest.utility,
    newest.account_no,
    newest.uscc,
    newest.read_to,
    1 AS is_account,
    newest.owed > 0 AS is_in_arrears,
    newest.owed > 0 AND NOT newest.cut_off AS is_protected,
    newest.cut_off AS is_cut_off,
    newest.owed > 0 AND newest.cut_off AS is_cut_off_in_arrears,
    newest.owed AS arrears,
    (newest.arrears IS NULL) AS is_without_arrears,
    CASE WHEN newest.owed > 0 THEN newest.arrears_since END AS arrears_since,
    CASE WHEN newest.owed > 0 THEN day.as_of - newest.arrears_since END AS oldest_days,
    newest.part_id,
    newest.sheet,
    newest.row_number
FROM newest
INNER JOIN day ON day.as_of >= newest.first_day AND day.as_of < newest.until
