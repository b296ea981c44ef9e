-- description: The register in force on each day. Two bureaux send it. Where both list a firm, the row of the sender ranked first counts.
--
-- writes: fact.enterprise
-- grain: one row per as_of and line of the registers in force
-- reads: [ref.report_due, ref.industry, report.enterprise]
-- shared: true
-- columns:
--   as_of: 截至 | The day
--   uscc: 统一社会信用代码 | Unified social credit code
--   name: 企业名称 | Name
--   township_code: 所属镇办 | Township of the production site
--   industry_code: 行业代码 | GB/T 4754-2017, four digits
--   industry_section: 行业门类 | Section letter of the industry; ? where the code belongs to none
--   scale_code: "专业类别 | Professional code: B C E S X F, U below scale"
--   size_class: 规模 | L M S W
--   reg_status: 登记状态 | State of registration
--   baseline_headcount: 基准职工人数 | Staff at the end of 2019, frozen
--   baseline_daily_kwh: 基准日均用电量 | Daily energy in December 2019, kWh
--   baseline_daily_output: 基准日均产值(元) | Daily output before the epidemic, yuan
--   is_high_energy: 高耗能 | Listed as using much energy, or in such an industry
--   vat_type: 纳税人类别 | Kind of VAT payer
--   leader_post_code: 分包领导职务代码 | Post of the leader in charge of the firm
--   is_counted: "计入 | Whether this line counts: the first-ranked sender's line of the firm"
--   is_above_scale: 在库规上(限上)单位 | Counted, of an above-scale class and within its membership on the day
--   is_served: 已落实分包领导 | Above scale and with a leader in charge
--   scope: 调度范围 | industry, service or trade; empty outside these
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        in_force.as_of,
        in_force.part_id,
        COALESCE(sender.sender_rank, 99) AS sender_rank
    FROM asof.part_in_force AS in_force
    LEFT JOIN ref.report_due AS sender ON sender.report = 'enterprise' AND in_force.department_code = sender.department_code
    WHERE in_force.table_name = 'enterprise'
),

ranked AS (
    SELECT
        part.as_of,
        line.*,
        row_number() OVER (PARTITION BY part.as_of, line.uscc ORDER BY part.sender_rank, line.part_id, line.row_number) = 1
            AS is_counted
    FROM report.enterprise AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
),

-- The day of leaving is the first day outside the class.
classified AS (
    SELECT
        ranked.*,
        (
            ranked.is_counted
            AND ranked.scale_code IN ('B', 'C', 'E', 'S', 'X', 'F')
            AND COALESCE(ranked.scale_from <= ranked.as_of, true)
            AND COALESCE(ranked.scale_to > ranked.as_of, true)
        ) AS is_above_scale
    FROM ranked
)

SELECT
    classified.as_of,
    classified.uscc,
    classified.name,
    classified.township_code,
    classified.industry_code,
    COALESCE(division.section_code, '?') AS industry_section,
    classified.scale_code,
    classified.size_class,
    classified.reg_status,
    classified.baseline_headcount,
    classified.baseline_daily_kwh,
    classified.baseline_daily_output,
    (classified.high_energy_flag OR COALESCE(division.is_high_energy, false)) AS is_high_energy,
    classified.vat_type,
    classified.leader_post_code,
    classified.is_counted,
    classified.is_above_scale,
    (classified.is_above_scale AND COALESCE(classified.leader_post_code, '') NOT IN ('', '-', '–', '无')) AS is_served,
    CASE
        WHEN NOT classified.is_above_scale THEN NULL
        WHEN classified.scale_code = 'B' THEN 'industry'
        WHEN classified.scale_code = 'F' THEN 'service'
        WHEN classified.scale_code IN ('E', 'S') THEN 'trade'
    END AS scope,
    classified.part_id,
    classified.sheet,
    classified.row_number
FROM classified
LEFT JOIN ref.industry AS division ON left(classified.industry_code, 2) = division.industry_code
