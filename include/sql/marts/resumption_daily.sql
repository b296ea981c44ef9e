-- Resumption of work by scope. Every rate is computed from counts; the headline of people is capped at 1 and says so.
-- Differences between days are differences of two rows of this table: no day is stored relative to another.
--
-- writes  mart.resumption_daily
-- grain   one row per as_of, scope, dimension, member
-- keys    as_of, scope, dimension, member
-- stale   as_of
-- reads   fact.resumption
-- serves  S002, S003, S004, S005, S006, S007, S008
-- key     dimension = :dimension
-- key     member = CASE :dimension WHEN 'total' THEN 'ALL' WHEN 'township' THEN township_code WHEN 'industry' THEN industry_section WHEN 'size' THEN size_class END
-- cell    n_register
-- sums    n_register = fact.resumption.is_registered
-- sums    n_exempt = fact.resumption.is_exempt
-- sums    n_should = fact.resumption.should_resume
-- sums    n_reported = fact.resumption.is_reported
-- sums    n_carried = fact.resumption.is_carried
-- sums    n_resumed = fact.resumption.is_resumed
-- sums    n_resumed_all = fact.resumption.is_resumed_any
-- sums    n_relapses = fact.resumption.is_relapse
-- sums    n_closed_by_order = fact.resumption.is_closed_by_order
-- sums    normal_headcount = fact.resumption.normal_headcount
-- sums    on_post = fact.resumption.on_post
-- sums    normal_headcount_resumed = fact.resumption.normal_headcount_resumed
-- sums    on_post_resumed = fact.resumption.on_post_resumed
-- sums    n_with_headcount = fact.resumption.headcount_firms
-- sums    firm_recovery_sum = fact.resumption.firm_recovery
-- sums    output = fact.resumption.output
-- sums    normal_output = fact.resumption.normal_output
-- sums    n_power = fact.resumption.is_power_read
-- sums    n_resumed_power = fact.resumption.is_power_resumed
-- column  as_of  截至 | The day
-- column  scope  调度范围 | industry, service, trade or site
-- column  dimension  维度 | total, township, industry or size
-- column  member  成员 | ALL, township code, section letter or size class
-- column  n_register  在册数 | Members of the scope by the register
-- column  n_exempt  不纳入数 | Members taken out by an exemption
-- column  n_should  应复工数 | Register minus exemptions
-- column  n_reported  当日已报数 | Of these, reported for the day itself
-- column  n_carried  沿用数 | Of these, with a row carried from at most three days before
-- column  n_resumed  已复工数 | Of these, resumed
-- column  n_resumed_all  已复工数(含不纳入) | Resumed, exemptions included
-- column  n_relapses  当日停工数 | Not resumed, although resumed by the row of the day before
-- column  n_closed_by_order  按防疫要求未开放数 | Closed by order (X10); they stay in the denominator
-- column  resumption_rate  复工率 | Resumed over should resume
-- column  rate_all  复工率(全口径) | Resumed over all in the register
-- column  rate_reported  复工率(已报口径) | Resumed over those with a row, carried ones included
-- column  n_power  有用电数据数 | Members with a baseline and a reading of energy
-- column  n_resumed_power  用电复工数 | Of these, above the threshold share of the baseline
-- column  rate_power  用电复工率 | The share of these
-- column  coverage  覆盖率 | Reported for the day itself over should resume
-- column  normal_headcount  正常用工人数 | Baseline headcount of those that should resume
-- column  on_post  到岗人数 | People on post of those that should resume
-- column  employment_recovery_rate  用工恢复率 | On post over normal headcount, at most 1
-- column  is_capped  已封顶 | Whether the rate was above 1
-- column  normal_headcount_resumed  已复工企业正常用工 | Baseline headcount of the resumed
-- column  on_post_resumed  已复工企业到岗 | People on post of the resumed
-- column  within_resumed  已复工企业用工恢复率 | The rate among the resumed, not capped
-- column  n_with_headcount  有基准人数的企业数 | Members with a headcount
-- column  firm_recovery_sum  企业用工恢复率之和 | Sum of the firms' own rates
-- column  mean_of_firms  企业平均用工恢复率 | Unweighted mean of the firms' rates, not capped
-- column  output  当日产值或营业收入(元) | Output or revenue of those that gave it, yuan
-- column  normal_output  正常日均产值或营业收入(元) | Normal output or revenue of the same firms, yuan
-- column  capacity_rate  产能恢复率 | Output over normal output
WITH line AS (
    SELECT
        fact.as_of,
        fact.scope,
        kind.dimension,
        kind.member,
        fact.is_registered,
        fact.is_exempt,
        fact.should_resume,
        fact.is_reported,
        fact.is_carried,
        fact.is_resumed,
        fact.is_resumed_any,
        fact.is_relapse,
        fact.is_closed_by_order,
        fact.normal_headcount,
        fact.on_post,
        fact.normal_headcount_resumed,
        fact.on_post_resumed,
        fact.headcount_firms,
        fact.firm_recovery,
        fact.output,
        fact.normal_output,
        fact.is_power_read,
        fact.is_power_resumed
    FROM fact.resumption AS fact
    CROSS JOIN LATERAL (
        VALUES
        ('total', 'ALL'),
        ('township', fact.township_code),
        ('industry', fact.industry_section),
        ('size', fact.size_class)
    ) AS kind (dimension, member)
    WHERE
        fact.as_of = ANY(:days)
        AND kind.member IS NOT NULL
),

counted AS (
    SELECT
        as_of,
        scope,
        dimension,
        member,
        SUM(is_registered::integer) AS n_register,
        SUM(is_exempt::integer) AS n_exempt,
        SUM(should_resume) AS n_should,
        SUM(is_reported::integer) AS n_reported,
        SUM(is_carried::integer) AS n_carried,
        SUM(is_resumed::integer) AS n_resumed,
        SUM(is_resumed_any::integer) AS n_resumed_all,
        SUM(is_relapse::integer) AS n_relapses,
        SUM(is_closed_by_order::integer) AS n_closed_by_order,
        SUM(is_power_read::integer) AS n_power,
        SUM(is_power_resumed::integer) AS n_resumed_power,
        SUM(normal_headcount) AS normal_headcount,
        SUM(on_post) AS on_post,
        SUM(normal_headcount_resumed) AS normal_headcount_resumed,
        SUM(on_post_resumed) AS on_post_resumed,
        SUM(headcount_firms) AS n_with_headcount,
        SUM(firm_recovery) AS firm_recovery_sum,
        SUM(output) AS output,
        SUM(normal_output) AS normal_output
    FROM line
    GROUP BY as_of, scope, dimension, member
),

resumption_daily AS (
    SELECT
        as_of,
        scope,
        dimension,
        member,
        n_register,
        n_exempt,
        n_should,
        n_reported,
        n_carried,
        n_resumed,
        n_resumed_all,
        n_relapses,
        n_closed_by_order,
        n_resumed / NULLIF(n_should, 0)::numeric AS resumption_rate,
        n_resumed / NULLIF(n_register, 0)::numeric AS rate_all,
        n_resumed / NULLIF(n_reported + n_carried, 0)::numeric AS rate_reported,
        n_power,
        n_resumed_power,
        n_resumed_power / NULLIF(n_power, 0)::numeric AS rate_power,
        n_reported / NULLIF(n_should, 0)::numeric AS coverage,
        normal_headcount,
        on_post,
        LEAST(on_post / NULLIF(normal_headcount, 0)::numeric, 1) AS employment_recovery_rate,
        COALESCE(on_post > normal_headcount AND normal_headcount > 0, false) AS is_capped,
        normal_headcount_resumed,
        on_post_resumed,
        on_post_resumed / NULLIF(normal_headcount_resumed, 0)::numeric AS within_resumed,
        n_with_headcount,
        firm_recovery_sum,
        firm_recovery_sum / NULLIF(n_with_headcount, 0)::numeric AS mean_of_firms,
        output,
        normal_output,
        output / NULLIF(normal_output, 0) AS capacity_rate
    FROM counted
)

SELECT
    as_of,
    scope,
    dimension,
    member,
    n_register,
    n_exempt,
    n_should,
    n_reported,
    n_carried,
    n_resumed,
    n_resumed_all,
    n_relapses,
    n_closed_by_order,
    resumption_rate,
    rate_all,
    rate_reported,
    n_power,
    n_resumed_power,
    rate_power,
    coverage,
    normal_headcount,
    on_post,
    employment_recovery_rate,
    is_capped,
    normal_headcount_resumed,
    on_post_resumed,
    within_resumed,
    n_with_headcount,
    firm_recovery_sum,
    mean_of_firms,
    output,
    normal_output,
    capacity_rate
FROM resumption_daily
