-- description: |
--   The lines of the resumption reports in force on each day as they were sent, beside what the register says about the firm. Checks
--   compare reports by it; fact.resumption holds what counts into the rates.
--
-- writes: fact.resumption_report
-- grain: one row per as_of and line of R01 and R02 in force
-- reads: [fact.enterprise, ref.report_due, report.industry_resumption, report.service_resumption]
-- shared: true
-- columns:
--   as_of: 截至 | The day
--   report: 报表 | Report table
--   is_carried: 沿用 | The report is carried from an earlier day
--   uscc: 统一社会信用代码 | Unified social credit code
--   name: 企业名称 | Name in the report
--   is_exempt: 不纳入应复工 | Answered 否 with a reason other than X10
--   exempt_code: 不纳入原因 | Reason for 否
--   is_resumed: 已复工 | Back at work by the report
--   resume_date: 复工日期 | Day of resumption by the report
--   stop_reason: 停工原因 | Why it stands still, by the report
--   on_post: 到岗人数 | People on post
--   output: 当日产值或营业收入(元) | Output or revenue of the day, yuan
--   registered_scale_code: 名录专业类别 | Professional code in the register; empty where the firm is not in it
--   scope: 调度范围 | Scope of the firm by the register; empty where it is in none
--   is_member: 属本报表 | The register has the firm in a class of this report, within its membership
--   sender_order: 报送次序 | 1 for the first-ranked sender's line of the firm
--   is_counted: 计入 | A member, and the first-ranked sender's line of it
--   baseline_headcount: 基准职工人数 | Staff at the end of 2019
--   baseline_daily_kwh: 基准日均用电量 | Daily energy in December 2019, kWh
--   has_register: 有名录 | A register is in force on the day
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        in_force.as_of,
        in_force.table_name,
        in_force.is_carried,
        in_force.part_id,
        COALESCE(sender.sender_rank, 99) AS sender_rank
    FROM asof.part_in_force AS in_force
    LEFT JOIN ref.report_due AS sender
        ON in_force.table_name = sender.report AND in_force.department_code = sender.department_code
    WHERE in_force.table_name IN ('industry_resumption', 'service_resumption')
),

registered AS MATERIALIZED (
    SELECT
        as_of,
        uscc,
        scale_code,
        scope,
        baseline_headcount,
        baseline_daily_kwh
    FROM fact.enterprise
    WHERE is_counted
),

told AS (
    SELECT DISTINCT as_of
    FROM registered
),

sent AS (
    SELECT
        part.as_of,
        part.table_name AS report,
        part.is_carried,
        part.sender_rank,
        line.uscc,
        line.name,
        line.should_resume,
        line.exempt_code,
        line.resumed,
        line.resume_date,
        line.stop_reason,
        line.on_post,
        line.output_value AS output,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.industry_resumption AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'industry_resumption'))
    UNION ALL
    SELECT
        part.as_of,
        part.table_name AS report,
        part.is_carried,
        part.sender_rank,
        line.uscc,
        line.name,
        line.should_resume,
        line.exempt_code,
        line.resumed,
        line.resume_date,
        line.stop_reason,
        line.on_post,
        line.revenue AS output,
        line.part_id,
        line.sheet,
        line.row_number
    FROM report.service_resumption AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part WHERE part.table_name = 'service_resumption'))
),

ranked AS (
    SELECT
        sent.*,
        row_number() OVER (
            PARTITION BY sent.as_of, sent.report, sent.uscc ORDER BY sent.sender_rank, sent.part_id, sent.row_number
        ) AS sender_order
    FROM sent
),

beside AS (
    SELECT
        ranked.*,
        registered.scale_code AS registered_scale_code,
        registered.scope,
        COALESCE(
            CASE ranked.report
                WHEN 'industry_resumption' THEN registered.scope = 'industry'
                ELSE registered.scope IN ('service', 'trade')
            END,
            false
        ) AS is_member,
        registered.baseline_headcount,
        registered.baseline_daily_kwh,
        told.as_of IS NOT NULL AS has_register
    FROM ranked
    LEFT JOIN registered ON ranked.as_of = registered.as_of AND ranked.uscc = registered.uscc
    LEFT JOIN told ON ranked.as_of = told.as_of
)

SELECT
    beside.as_of,
    beside.report,
    beside.is_carried,
    beside.uscc,
    beside.name,
    (NOT beside.should_resume AND COALESCE(beside.exempt_code, 'X10') <> 'X10') AS is_exempt,
    beside.exempt_code,
    beside.resumed AS is_resumed,
    beside.resume_date,
    beside.stop_reason,
    beside.on_post,
    beside.output,
    beside.registered_scale_code,
    beside.scope,
    beside.is_member,
    beside.sender_order,
    (beside.is_member AND beside.sender_order = 1) AS is_counted,
    beside.baseline_headcount,
    beside.baseline_daily_kwh,
    beside.has_register,
    beside.part_id,
    beside.sheet,
    beside.row_number
FROM beside
