-- description: |
--   What firms owe for water, gas and power. Arrears may be paid until some months after the end of the epidemic. That day is open: until
--   it is set there is no due date, and then everything falls due at once.
--
-- number: 17
-- question: 欠费缓缴期结束时,有多少要补缴?按企业和月份。 | What will come due when the arrears period ends (wall of catch-up payments by firm and month)?
-- role: taskforce
-- parameters:
--   as_of: {label: 截至 | The day}
-- reads: [fact.arrears, mart.utility_protection, fact.enterprise]
-- secondary: [uscc]
-- columns:
--   due_month: 补缴月份 | Month it falls due; empty while the end of the epidemic is open
--   uscc: 统一社会信用代码 | Firm; empty where the bill has none
--   name: 企业名称 | Name
--   water: 欠水费(元) | Owed for water, yuan
--   gas: 欠气费(元) | Owed for gas, yuan
--   power: 欠电费(元) | Owed for power, yuan
--   arrears: 合计(元) | Together, yuan
--   oldest_days: 最长欠费天数 | Days since the oldest unpaid bill
--   share: 占全部欠费 | Share of all arrears
WITH owed AS (
    SELECT
        arrears.uscc,
        date_trunc('month', protection.due_date)::date AS due_month,
        SUM(arrears.arrears) FILTER (WHERE arrears.utility = 'water') AS water,
        SUM(arrears.arrears) FILTER (WHERE arrears.utility = 'gas') AS gas,
        SUM(arrears.arrears) FILTER (WHERE arrears.utility = 'power') AS power,
        SUM(arrears.arrears) AS arrears,
        MAX(arrears.oldest_days) AS oldest_days
    FROM fact.arrears AS arrears
    INNER JOIN mart.utility_protection AS protection ON arrears.utility = protection.utility AND protection.as_of = :as_of
    WHERE
        arrears.as_of = :as_of
        AND arrears.is_in_arrears
    GROUP BY arrears.uscc, date_trunc('month', protection.due_date)::date
)

SELECT
    owed.due_month,
    owed.uscc,
    enterprise.name,
    owed.water,
    owed.gas,
    owed.power,
    owed.arrears,
    owed.oldest_days,
    owed.arrears / SUM(owed.arrears) OVER () AS share
FROM owed
LEFT JOIN fact.enterprise AS enterprise ON owed.uscc = enterprise.uscc AND enterprise.as_of = :as_of AND enterprise.is_counted
ORDER BY owed.due_month ASC, owed.arrears DESC, owed.uscc ASC
