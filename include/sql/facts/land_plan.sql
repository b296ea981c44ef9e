-- description: |
--   The plan of land supply in force on each day: for the year, and for the month of the day. A plan of another year says nothing about the
--   year of the day: its lines have no areas.
--
-- writes: fact.land_plan
-- grain: one row per as_of and line of the plan in force
-- reads: [report.land_plan]
-- columns:
--   as_of: 截至 | The day
--   use: 用途 | Use of the land
--   plan_year: 年度 | Year of the plan
--   plan_mu: 年度计划面积(亩) | Planned for the year of the day, mu; empty where not given, and in a plan of another year
--   is_without_area: 未填年度计划面积 | In a plan of the year, which does not give its area
--   plan_month_mu: 当月计划面积(亩) | Planned for the month of the day, mu; empty likewise
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'land_plan'
)

SELECT
    part.as_of,
    COALESCE(line.use, '其他') AS use,
    line.plan_year,
    CASE WHEN line.plan_year = date_part('year', part.as_of) THEN line.plan_mu END AS plan_mu,
    (line.plan_year = date_part('year', part.as_of) AND line.plan_mu IS NULL) AS is_without_area,
    CASE WHEN line.plan_year = date_part('year', part.as_of) THEN
        CASE date_part('month', part.as_of)
            WHEN 1 THEN line.plan_mu_m01
            WHEN 2 THEN line.plan_mu_m02
            WHEN 3 THEN line.plan_mu_m03
            WHEN 4 THEN line.plan_mu_m04
            WHEN 5 THEN line.plan_mu_m05
            WHEN 6 THEN line.plan_mu_m06
            WHEN 7 THEN line.plan_mu_m07
            WHEN 8 THEN line.plan_mu_m08
            WHEN 9 THEN line.plan_mu_m09
            WHEN 10 THEN line.plan_mu_m10
            WHEN 11 THEN line.plan_mu_m11
            WHEN 12 THEN line.plan_mu_m12
        END
    END AS plan_month_mu,
    line.part_id,
    line.sheet,
    line.row_number
FROM report.land_plan AS line
INNER JOIN part ON line.part_id = part.part_id
WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
