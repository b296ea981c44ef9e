-- description: |
--   What the registers say of each firm, month by month: the size, the industry, the mark, the kind of VAT payer and the level among key suppliers
--   that decide what the firm is entitled to. A month has the register in force at its end; months before the first register have the first month's. A range of
--   months ends where another register came. Two bureaux send registers. Where both list a firm, the row of the sender ranked first counts.
--   A firm that the register of a month does not list has no row: nothing is known of it.
--
-- writes: fact.firm_class
-- grain: one row per uscc and range of months
-- reads: [ref.report_due, ref.industry, report.enterprise]
-- shared: true
-- columns:
--   first_month: 起始月 | First day of the first month
--   last_month: 截止月 | First day of the last month
--   uscc: 统一社会信用代码 | Unified social credit code
--   size_class: 规模 | L M S W
--   industry_code: 行业代码 | GB/T 4754-2017, four digits
--   is_high_energy: 高耗能 | Listed as using much energy, or in such an industry
--   vat_type: 纳税人类别 | Kind of VAT payer
--   key_supply_level: 重点保障级别 | Level of the list of key suppliers of epidemic supplies; empty for none
--   is_active: 存续 | Registered, and neither closed nor moved away
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH listed AS MATERIALIZED (
    SELECT
        asof_part.part_id,
        asof_part.unit,
        date_trunc('month', asof_part.report_date)::date AS month,
        COALESCE(sender.sender_rank, 99) AS sender_rank,
        row_number() OVER (
            PARTITION BY asof_part.unit, date_trunc('month', asof_part.report_date) ORDER BY asof_part.report_date DESC
        ) AS nth
    FROM asof.part AS asof_part
    LEFT JOIN ref.report_due AS sender ON sender.report = 'enterprise' AND asof_part.department_code = sender.department_code
    WHERE
        asof_part.table_name = 'enterprise'
        AND asof_part.kind = 'data'
),

-- The last register of each sender and month.
ledger AS MATERIALIZED (
    SELECT
        part_id,
        unit,
        month,
        sender_rank
    FROM listed
    WHERE nth = 1
),

-- The months in which a register came, and how far each reaches.
turn AS MATERIALIZED (
    SELECT
        month,
        CASE WHEN LAG(month) OVER months IS NULL THEN '-infinity'::date ELSE month END AS first_month,
        COALESCE((LEAD(month) OVER months - INTERVAL '1 month')::date, 'infinity'::date) AS last_month
    FROM (SELECT DISTINCT month FROM ledger) AS distinct_month
    WINDOW months AS (ORDER BY month)
),

chosen AS MATERIALIZED (
    SELECT
        turn.first_month,
        turn.last_month,
        ledger.part_id,
        ledger.sender_rank,
        row_number() OVER (
            PARTITION BY turn.month, ledger.unit
            ORDER BY ledger.month DESC
        ) AS nth
    FROM turn
    INNER JOIN ledger ON turn.month >= ledger.month
),

repair AS MATERIALIZED (
    SELECT
        asof_part.part_id,
        asof_part.repairs_part
    FROM asof.part AS asof_part
    WHERE asof_part.repairs_part = ANY(ARRAY(SELECT ledger.part_id FROM ledger))
),

part AS MATERIALIZED (
    SELECT
        first_month,
        last_month,
        sender_rank,
        part_id
    FROM chosen
    WHERE nth = 1
    UNION ALL
    SELECT
        chosen.first_month,
        chosen.last_month,
        chosen.sender_rank,
        repair.part_id
    FROM chosen
    INNER JOIN repair ON chosen.part_id = repair.repairs_part
    WHERE chosen.nth = 1
),

ranked AS (
    SELECT
        part.first_month,
        part.last_month,
        line.*,
        row_number() OVER (
            PARTITION BY part.first_month, line.uscc ORDER BY part.sender_rank, line.part_id, line.row_number
        ) AS nth
    FROM report.enterprise AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
)

SELECT
    ranked.first_month,
    ranked.last_month,
    ranked.uscc,
    ranked.size_class,
    ranked.industry_code,
    (ranked.high_energy_flag OR COALESCE(division.is_high_energy, false)) AS is_high_energy,
    ranked.vat_type,
    NULLIF(regexp_replace(ranked.key_supply_level, '^([-–—]|无)$', ''), '') AS key_supply_level,
    ranked.reg_status NOT IN ('注销', '吊销', '迁出') AS is_active,
    ranked.part_id,
    ranked.sheet,
    ranked.row_number
FROM ranked
LEFT JOIN ref.industry AS division ON left(ranked.industry_code, 2) = division.industry_code
WHERE ranked.nth = 1
