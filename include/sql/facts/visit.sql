-- description: |
--   Visits to firms and projects, line by line: it counts visits (家次), not firms.
--
-- writes: fact.visit
-- grain: one row per line of the parts that hold the days asked for
-- reads: [report.visit]
-- columns:
--   business_date: 走访日期 | Day of the visit
--   report_date: 统计日 | Report date of the part
--   week: 周 | Monday of the ISO week
--   unit: 填报单位 | Who reported it
--   visit_id: 走访编号 | Visit
--   visitor_kind: 走访主体 | Who went
--   visitor_post_code: 主体职务代码 | Post of who went
--   target_kind: 对象类型 | 企业 firm or 项目 project
--   uscc: 统一社会信用代码 | Firm
--   project_code: 项目代码 | Project
--   is_visit: 走访 | 1
--   is_on_site_work: 现场办公 | Matters were settled on the spot
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        part_id,
        report_date,
        unit
    FROM asof.part_holding
    WHERE table_name = 'visit'
)

SELECT
    line.visit_date AS business_date,
    part.report_date,
    date_trunc('week', line.visit_date)::date AS week,
    part.unit,
    line.visit_id,
    line.visitor_kind,
    line.visitor_post_code,
    line.target_kind,
    line.uscc,
    line.project_code,
    1 AS is_visit,
    COALESCE(line.is_on_site_work, false) AS is_on_site_work,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.visit AS line
INNER JOIN part ON line.part_id = part.part_id
WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
