-- description: |
--   A water bill of industry and trade within the days of the price cut carries the two prices of the rule and lets off its eligible volume
--   times their difference, to the cent. Volume is eligible by days, as in fact.relief_water; the rule is the one known now. Other users
--   get nothing.
--
-- check: X11
-- severity: error
-- keys: [business_date, account_no, bill_no]
-- partition_by: business_date
-- reads: [report.water_bill, fact.rule_version]
-- touches: [S049]
-- message: "水费账单有 {n_rows} 张的单价或减免与政策参数不符 | Water bills whose prices or relief differ from the rule: {n_rows}"
-- otherwise: {column: relief_claimed, value: relief_expected}
-- said: [uscc, user_class, price_before, price_after, eligible_m3, relief_claimed]
-- tells: [relief_expected, reason]
-- columns:
--   business_date: 抄表止日 | End of the reading
--   report_date: 统计日 | Report date
--   account_no: 户号 | Account
--   bill_no: 账单号 | Bill
--   uscc: 统一社会信用代码 | Unified social credit code
--   user_class: 用户类别 | Kind of user
--   price_before: 账单原单价(元) | Price before, by the bill
--   price_after: 账单执行单价(元) | Price after, by the bill
--   eligible_m3: 计入减免的用量(立方米) | Eligible volume, m³
--   relief_expected: 应减免(元) | Eligible volume × price cut, yuan
--   relief_claimed: 账单减免(元) | Let off by the bill, yuan
--   reason: 原因 | 单价不符 other prices, 减免不符 other relief, 不属减免对象 not eligible
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        part_id,
        report_date
    FROM asof.part_holding
    WHERE table_name = 'water_bill'
),

rule AS MATERIALIZED (
    SELECT
        value_before AS price_before,
        value_after AS price_after,
        classes,
        valid_from,
        valid_to
    FROM fact.rule_version
    WHERE
        policy_id = 'P21'
        AND param_before = 'price_before'
        AND param_after = 'price_after'
        AND known_to = 'infinity'::date
),

bill AS (
    SELECT
        line.read_to AS business_date,
        part.report_date,
        line.account_no,
        line.bill_no,
        line.uscc,
        line.user_class,
        line.price_before,
        line.price_after,
        line.quantity,
        line.relief_claimed,
        rule.price_before AS rule_before,
        rule.price_after AS rule_after,
        COALESCE(line.user_class = ANY(rule.classes), rule.classes IS NULL) AS is_of_class,
        line.quantity * (
            LEAST(line.read_to, rule.valid_to) - GREATEST(LEAST(line.read_from, line.read_to - 1), rule.valid_from - 1)
        ) / GREATEST(line.read_to - line.read_from, 1)::numeric AS eligible_m3,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.water_bill AS line
    INNER JOIN part ON line.part_id = part.part_id
    INNER JOIN rule ON line.read_to >= rule.valid_from AND LEAST(line.read_from, line.read_to - 1) < rule.valid_to
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
        AND line.read_to = ANY(:days)
),

expected AS (
    SELECT
        bill.*,
        CASE WHEN bill.is_of_class THEN bill.eligible_m3 * (bill.rule_before - bill.rule_after) ELSE 0 END AS relief_expected
    FROM bill
)

SELECT
    business_date,
    report_date,
    account_no,
    bill_no,
    uscc,
    user_class,
    price_before,
    price_after,
    eligible_m3,
    round(relief_expected, 2) AS relief_expected,
    relief_claimed,
    CASE
        WHEN NOT is_of_class THEN '不属减免对象'
        WHEN price_before <> rule_before OR price_after <> rule_after THEN '单价不符'
        ELSE '减免不符'
    END AS reason,
    part_id,
    sheet,
    row_number
FROM expected
WHERE
    (is_of_class AND (price_before <> rule_before OR price_after <> rule_after))
    OR abs(relief_claimed - round(relief_expected, 2)) > 0.01
