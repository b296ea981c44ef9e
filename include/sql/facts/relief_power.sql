-- description: |
--   Power bills against settlement at a share of the original bill. Relief of the capacity charge comes off first. Industries that use much
--   energy are left out, by the mark or the industry in the register of the month; what the bill's own mark and industry would give stands
--   beside it. Which classes of users the rule is for is its parameter; the company alone states the class of a meter. Where no register
--   lists the firm, nothing is computed. A claim belongs to the rule that had last begun. Days and versions of
--   the rule as in fact.relief_water.
--
-- writes: fact.relief_power
-- grain: one row per bill and claim, and per bill and version of the rule by the register or by the statement
-- reads: [fact.power_claim, fact.firm_class, fact.policy_rule]
-- shared: true
-- columns:
--   business_date: 业务日 | End of the reading
--   report_date: 计入日 | Report date of the part, or the later day from which the version of the rule counts
--   sent_date: 统计日 | Report date of the part
--   period: 所属月份 | Month of the end of the reading
--   policy_id: 政策编号 | Policy
--   benefit_class: "受益类别 | A: cost avoided"
--   uscc: 统一社会信用代码 | Firm; empty where unknown
--   line_kind: "行性质 | claim, rule, or statement: what the bill's own mark would give"
--   base_qty: 基数 | Original bill of the eligible days, yuan
--   param_before: "政策前参数 | Share of the bill settled before: 1"
--   param_after: 政策后参数 | Share of the bill settled after
--   share: 减免比例 | Share of the bill let off
--   computed: 测算金额(元) | Original bill × share, yuan
--   computed_as_stated: 按申报类别测算(元) | The same by the mark and the industry on the bill, yuan
--   computed_matched: 测算相符金额(元) | The same, of bills whose claim agrees
--   claimed: 申报金额(元) | Let off by the company's account, yuan
--   is_base_known: 依据已报 | The register lists the firm, or the rule asks nothing of it
--   class_stated: 申报类别 | Division of the industry, and 高耗能 or 非高耗能, by the bill; the register's industry where it has none
--   class_registered: 名录类别 | The same by the register of the month; empty where it lists no such firm
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH rule AS MATERIALIZED (
    SELECT *
    FROM fact.policy_rule
    WHERE param = 'settlement_ratio'
),

-- Days before the first rule have the first one.
begun AS MATERIALIZED (
    SELECT
        policy_id,
        CASE WHEN LAG(policy_id) OVER by_day IS NULL THEN '-infinity'::date ELSE valid_from END AS first_day,
        COALESCE(LEAD(valid_from) OVER by_day - 1, 'infinity'::date) AS last_day
    FROM (SELECT policy_id, MIN(valid_from) AS valid_from FROM rule GROUP BY policy_id) AS first_version
    WINDOW by_day AS (ORDER BY valid_from, policy_id)
),

-- Divisions that some version leaves out, and classes of users that some version is for; empty for everybody.
scope AS MATERIALIZED (
    SELECT
        COALESCE(array_agg(DISTINCT division.code) FILTER (WHERE division.code IS NOT NULL), '{}') AS divisions,
        CASE
            WHEN COALESCE(bool_and(rule.classes IS NOT NULL), false)
                THEN COALESCE(array_agg(DISTINCT class.name) FILTER (WHERE class.name IS NOT NULL), '{}')
        END AS classes
    FROM rule
    LEFT JOIN LATERAL unnest(rule.industries_excluded) AS division (code) ON true
    LEFT JOIN LATERAL unnest(rule.classes) AS class (name) ON true
),

firm AS MATERIALIZED (
    SELECT
        uscc,
        first_month,
        last_month,
        industry_code,
        is_high_energy
    FROM fact.firm_class
),

bill AS NOT MATERIALIZED (
    SELECT
        sent.*,
        COALESCE(sent.user_class = ANY(scope.classes), true) AS is_of_class,
        firm.uscc IS NOT NULL AS is_listed,
        firm.industry_code AS industry_registered,
        firm.is_high_energy AS is_high_energy_registered,
        CASE
            WHEN sent.is_high_energy OR left(sent.industry_code, 2) = ANY(scope.divisions) THEN '高耗能'
            ELSE '非高耗能'
        END AS mark_stated,
        CASE
            WHEN firm.is_high_energy OR left(firm.industry_code, 2) = ANY(scope.divisions) THEN '高耗能'
            ELSE '非高耗能'
        END AS mark_registered
    FROM fact.power_claim AS sent
    CROSS JOIN scope
    LEFT JOIN firm ON sent.uscc = firm.uscc AND sent.period BETWEEN firm.first_month AND firm.last_month
),

ruled AS NOT MATERIALIZED (
    SELECT
        bill.*,
        rule.policy_id,
        rule.value_number AS settlement_ratio,
        rule.known_from,
        rule.known_to,
        (
            NOT bill.is_high_energy
            AND COALESCE(left(bill.industry_code, 2) <> ALL(rule.industries_excluded), true)
        ) AS is_as_stated,
        (
            NOT bill.is_high_energy_registered
            AND COALESCE(left(bill.industry_registered, 2) <> ALL(rule.industries_excluded), true)
        ) AS is_registered,
        ref.within_days(bill.bill_base, bill.read_from, bill.read_to, rule.valid_from, rule.valid_to) AS eligible_bill
    FROM bill
    INNER JOIN rule ON bill.read_to >= rule.valid_from AND LEAST(bill.read_from, bill.read_to - 1) < rule.valid_to
    WHERE rule.classes IS NULL OR bill.user_class = ANY(rule.classes)
),

priced AS NOT MATERIALIZED (
    SELECT
        ruled.*,
        ruled.eligible_bill * (1 - ruled.settlement_ratio) AS relief
    FROM ruled
    WHERE
        ruled.is_listed
        AND (ruled.is_registered OR ruled.is_as_stated)
)

SELECT
    bill.read_to AS business_date,
    bill.report_date,
    bill.report_date AS sent_date,
    bill.period,
    COALESCE(begun.policy_id, 'P17') AS policy_id,
    'A' AS benefit_class,
    bill.uscc,
    'claim' AS line_kind,
    0::numeric AS base_qty,
    NULL::numeric AS param_before,
    NULL::numeric AS param_after,
    NULL::numeric AS share,
    0::numeric AS computed,
    0::numeric AS computed_as_stated,
    0::numeric AS computed_matched,
    bill.claimed::numeric AS claimed,
    bill.is_listed OR NOT bill.is_of_class AS is_base_known,
    CASE
        WHEN bill.is_of_class
            THEN concat_ws(' ', left(COALESCE(NULLIF(bill.industry_code, ''), bill.industry_registered), 2), bill.mark_stated)
    END AS class_stated,
    CASE
        WHEN bill.is_of_class AND bill.is_listed THEN concat_ws(' ', left(bill.industry_registered, 2), bill.mark_registered)
    END AS class_registered,
    bill.part_id,
    bill.sheet,
    bill.row_number
FROM bill
LEFT JOIN begun ON bill.read_to BETWEEN begun.first_day AND begun.last_day
UNION ALL
SELECT
    priced.read_to AS business_date,
    step.day AS report_date,
    priced.report_date AS sent_date,
    priced.period,
    priced.policy_id,
    'A' AS benefit_class,
    priced.uscc,
    CASE WHEN priced.is_registered THEN 'rule' ELSE 'statement' END AS line_kind,
    CASE WHEN priced.is_registered THEN step.direction * priced.eligible_bill ELSE 0 END AS base_qty,
    1::numeric AS param_before,
    priced.settlement_ratio AS param_after,
    1 - priced.settlement_ratio AS share,
    CASE WHEN priced.is_registered THEN step.direction * priced.relief ELSE 0 END AS computed,
    CASE WHEN priced.is_as_stated THEN step.direction * priced.relief ELSE 0 END AS computed_as_stated,
    CASE
        WHEN priced.is_registered AND ref.is_close(priced.relief, priced.claimed) THEN step.direction * priced.relief
        ELSE 0
    END AS computed_matched,
    0::numeric AS claimed,
    true AS is_base_known,
    NULL::text AS class_stated,
    NULL::text AS class_registered,
    priced.part_id,
    priced.sheet,
    priced.row_number
FROM priced
CROSS JOIN LATERAL ref.rule_steps(priced.report_date, priced.known_from, priced.known_to) AS step
