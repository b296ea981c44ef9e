-- description: |
--   Who needs face masks: everybody on post in industry, services and trade, one mask a day (assumed). Where two senders list a firm, the
--   row of the sender ranked first counts.
--
-- writes: fact.supply_demand
-- grain: one row per as_of and firm of R01 and R02 in force
-- reads: [ref.report_due, report.industry_resumption, report.service_resumption]
-- columns:
--   as_of: 截至 | The day
--   item: "品名 | Kind of supplies: 口罩"
--   uscc: 统一社会信用代码 | Firm
--   demand: 日需求 | People on post
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        in_force.as_of,
        in_force.part_id,
        COALESCE(sender.sender_rank, 99) AS sender_rank
    FROM asof.part_in_force AS in_force
    LEFT JOIN ref.report_due AS sender
        ON in_force.table_name = sender.report AND in_force.department_code = sender.department_code
    WHERE in_force.table_name IN ('industry_resumption', 'service_resumption')
),

line AS (
    SELECT part.as_of, part.sender_rank, line.uscc, line.on_post, line.part_id, line.sheet, line.row_number
    FROM report.industry_resumption AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
    UNION ALL
    SELECT part.as_of, part.sender_rank, line.uscc, line.on_post, line.part_id, line.sheet, line.row_number
    FROM report.service_resumption AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
),

ranked AS (
    SELECT
        line.*,
        row_number() OVER (PARTITION BY line.as_of, line.uscc ORDER BY line.sender_rank, line.part_id, line.row_number) AS n_of_firm
    FROM line
)

SELECT
    ranked.as_of,
    '口罩' AS item,
    ranked.uscc,
    COALESCE(ranked.on_post, 0) AS demand,
    ranked.part_id,
    ranked.sheet,
    ranked.row_number
FROM ranked
WHERE ranked.n_of_firm = 1
