-- description: |
--   Water bills against the price cut for the classes of users that the rule names. The company alone knows the class of a meter: no register
--   has it. A reading covers the days after read_from up to and including read_to; the
--   share of its volume that falls into the days of the rule is eligible. Lines of kind "claim" carry what the company says it let off.
--   Lines of kind "rule" carry what the rule gives: they count from the day on which the bill was reported and the rule was known, and are
--   taken back (a minus) on the day on which another version of the rule became known. So a sum up to day D holds the rules known at the
--   end of D, and no later decree changes it.
--
-- writes: fact.relief_water
-- grain: one row per bill and claim, and per bill and version of the rule
-- reads: [report.water_bill, fact.rule_version]
-- shared: true
-- columns:
--   business_date: 业务日 | End of the reading
--   report_date: 计入日 | Report date of the part, or the later day from which the version of the rule counts
--   sent_date: 统计日 | Report date of the part
--   period: 所属月份 | Month of the end of the reading
--   policy_id: 政策编号 | Policy
--   benefit_class: "受益类别 | A: cost avoided"
--   uscc: 统一社会信用代码 | Firm; empty where unknown
--   line_kind: 行性质 | claim or rule
--   base_qty: 基数 | Eligible volume, m³
--   param_before: 政策前参数 | Price before, yuan per m³
--   param_after: 政策后参数 | Price after, yuan per m³
--   share: 减免比例 | Share of the price let off
--   computed: 测算金额(元) | Eligible volume × price cut, yuan
--   computed_matched: 测算相符金额(元) | The same, of bills whose claim agrees
--   computed_unmatched: 测算不符金额(元) | The same, of bills whose claim does not agree
--   claimed: 申报金额(元) | Let off by the company's account, yuan
--   class_stated: 申报类别 | Class of user that the company states
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        part_id,
        report_date
    FROM asof.part
    WHERE table_name = 'water_bill'
),

rule AS MATERIALIZED (
    SELECT *
    FROM fact.rule_version
    WHERE policy_id = 'P21' AND param_before = 'price_before' AND param_after = 'price_after'
),

bill AS NOT MATERIALIZED (
    SELECT
        line.uscc,
        line.user_class,
        line.read_from,
        line.read_to,
        line.quantity,
        line.relief_claimed,
        part.report_date,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.water_bill AS line
    INNER JOIN part ON line.part_id = part.part_id
),

eligible AS (
    SELECT
        bill.*,
        rule.policy_id,
        rule.value_before AS price_before,
        rule.value_after AS price_after,
        rule.known_from,
        rule.known_to,
        ref.within_days(bill.quantity, bill.read_from, bill.read_to, rule.valid_from, rule.valid_to) AS volume_m3
    FROM bill
    INNER JOIN rule ON bill.read_to >= rule.valid_from AND LEAST(bill.read_from, bill.read_to - 1) < rule.valid_to
    WHERE rule.classes IS NULL OR bill.user_class = ANY(rule.classes)
),

priced AS (
    SELECT
        eligible.*,
        eligible.volume_m3 * (eligible.price_before - eligible.price_after) AS relief
    FROM eligible
)

SELECT
    bill.read_to AS business_date,
    bill.report_date,
    bill.report_date AS sent_date,
    date_trunc('month', bill.read_to)::date AS period,
    'P21' AS policy_id,
    'A' AS benefit_class,
    bill.uscc,
    'claim' AS line_kind,
    0::numeric AS base_qty,
    NULL::numeric AS param_before,
    NULL::numeric AS param_after,
    NULL::numeric AS share,
    0::numeric AS computed,
    0::numeric AS computed_matched,
    0::numeric AS computed_unmatched,
    bill.relief_claimed::numeric AS claimed,
    bill.user_class AS class_stated,
    bill.part_id,
    bill.sheet,
    bill.row_number
FROM bill
UNION ALL
SELECT
    priced.read_to AS business_date,
    step.day AS report_date,
    priced.report_date AS sent_date,
    date_trunc('month', priced.read_to)::date AS period,
    priced.policy_id,
    'A' AS benefit_class,
    priced.uscc,
    'rule' AS line_kind,
    step.direction * priced.volume_m3 AS base_qty,
    priced.price_before AS param_before,
    priced.price_after AS param_after,
    (priced.price_before - priced.price_after) / NULLIF(priced.price_before, 0) AS share,
    step.direction * priced.relief AS computed,
    CASE WHEN ref.is_close(priced.relief, priced.relief_claimed) THEN step.direction * priced.relief ELSE 0 END AS computed_matched,
    CASE WHEN NOT ref.is_close(priced.relief, priced.relief_claimed) THEN step.direction * priced.relief ELSE 0 END AS computed_unmatched,
    0::numeric AS claimed,
    NULL::text AS class_stated,
    priced.part_id,
    priced.sheet,
    priced.row_number
FROM priced
CROSS JOIN LATERAL ref.rule_steps(priced.report_date, priced.known_from, priced.known_to) AS step
