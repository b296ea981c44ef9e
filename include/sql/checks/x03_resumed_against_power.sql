-- description: |
--   A firm that reports resumption draws electricity: below the threshold share of its baseline on the day and on each of the two days
--   before, it is hardly running. A firm that reports to stand still and draws more than that share is hardly standing still, exempt or
--   not.
--
-- check: X03
-- severity: review
-- keys: [as_of, uscc]
-- partition_by: as_of
-- lookback_days: [1, 2]
-- reads: [fact.resumption_report, report.power_daily, ref.policy_param]
-- touches: [S002, S003]
-- message: "{n_rows} 户规上工业企业的复工状态与用电不符 | Firms of above-scale industry whose electricity contradicts the state that they report: {n_rows}"
-- otherwise: {column: resumed, opposite_of: is_resumed}
-- said: [name, is_resumed]
-- columns:
--   as_of: 截至 | The day
--   uscc: 统一社会信用代码 | Unified social credit code
--   name: 企业名称 | Name
--   is_resumed: 已复工 | Back at work by the report
--   kwh_day: 当日用电量(千瓦时) | Energy of the day, kWh
--   kwh_1_day_before: 前1日用电量(千瓦时) | Energy of the day before, kWh
--   kwh_2_days_before: 前2日用电量(千瓦时) | Energy two days before, kWh
--   baseline_daily_kwh: 基准日均用电量(千瓦时) | Daily energy in December 2019, kWh
--   power_share: 当日用电占基准 | Energy of the day over the baseline
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE
        table_name = 'power_daily'
        AND NOT is_carried
),

energy AS MATERIALIZED (
    SELECT
        part.as_of,
        line.uscc,
        SUM(line.kwh_day) AS kwh_day
    FROM report.power_daily AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE
        line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
        AND line.uscc <> ''
    GROUP BY part.as_of, line.uscc
),

firm AS MATERIALIZED (
    SELECT
        as_of,
        uscc,
        name,
        is_resumed,
        baseline_daily_kwh,
        part_id,
        sheet,
        row_number
    FROM fact.resumption_report
    WHERE
        report = 'industry_resumption'
        AND is_counted
        AND baseline_daily_kwh > 0
        AND as_of = ANY(:days)
),

threshold AS MATERIALIZED (
    SELECT
        asked.day AS as_of,
        MAX(version.value_number) AS power_share
    FROM unnest(:days) AS asked (day)
    INNER JOIN ref.param_version AS version ON asked.day >= version.known_from AND asked.day < version.known_to
    WHERE
        version.policy_id = 'SETTING'
        AND version.param = 'resumed_power_share'
    GROUP BY asked.day
),

beside AS (
    SELECT
        firm.*,
        today.kwh_day,
        yesterday.kwh_day AS kwh_1_day_before,
        earlier.kwh_day AS kwh_2_days_before,
        threshold.power_share * firm.baseline_daily_kwh AS kwh_threshold
    FROM firm
    INNER JOIN energy AS today ON firm.as_of = today.as_of AND firm.uscc = today.uscc
    LEFT JOIN energy AS yesterday ON firm.as_of - 1 = yesterday.as_of AND firm.uscc = yesterday.uscc
    LEFT JOIN energy AS earlier ON firm.as_of - 2 = earlier.as_of AND firm.uscc = earlier.uscc
    INNER JOIN threshold ON firm.as_of = threshold.as_of
)

SELECT
    as_of,
    uscc,
    name,
    is_resumed,
    kwh_day,
    kwh_1_day_before,
    kwh_2_days_before,
    baseline_daily_kwh,
    round(kwh_day / baseline_daily_kwh, 4) AS power_share,
    part_id,
    sheet,
    row_number
FROM beside
WHERE
    (NOT is_resumed AND kwh_day > kwh_threshold)
    OR (
        is_resumed
        AND kwh_day < kwh_threshold
        AND kwh_1_day_before < kwh_threshold
        AND kwh_2_days_before < kwh_threshold
    )
