-- description: |
--   A firm takes at most one inspection a day. Inspections that are exempt from the rule are left out. The check lists all inspections of
--   such a day.
--
-- check: X18
-- severity: warning
-- keys: [business_date, event_id]
-- partition_by: business_date
-- reads: [report.service_event]
-- touches: [S022]
-- message: "有 {n_rows} 次涉企检查与同一企业同一天的其他检查重复 | Inspections on a day on which others inspected the firm, too: {n_rows}"
-- otherwise: {is_absent: true}
-- said: [uscc, organiser]
-- columns:
--   business_date: 日期 | Day
--   report_date: 统计日 | Report date
--   event_id: 事项编号 | Event
--   uscc: 统一社会信用代码 | Firm
--   organiser: 检查单位 | Who inspected
--   n_inspections: 当日检查次数 | Inspections of the firm on the day
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        part_id,
        report_date
    FROM asof.part_holding
    WHERE table_name = 'service_event'
),

inspection AS (
    SELECT
        line.event_date AS business_date,
        part.report_date,
        line.event_id,
        line.uscc,
        line.organiser,
        COUNT(*) OVER (PARTITION BY line.uscc, line.event_date) AS n_inspections,
        MAX(part.report_date) OVER (PARTITION BY line.uscc, line.event_date) AS known_from,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.service_event AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
        AND line.kind = '涉企检查'
        AND line.uscc <> ''
        AND NOT COALESCE(line.is_exempt_inspection, false)
        AND line.event_date = ANY(:days)
)

SELECT
    business_date,
    known_from AS report_date,
    event_id,
    uscc,
    organiser,
    n_inspections,
    part_id,
    sheet,
    row_number
FROM inspection
WHERE n_inspections > 1
