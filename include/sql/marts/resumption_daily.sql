-- description: |
--   Resumption of work by scope. Every rate is computed from counts. The headline rate of people is capped at 1, and is_capped says so.
--   Variants of "resumed" stand beside the department's word: by energy and by people insured, each over the members with such data. Two
--   days with the same scope_version have the same members and may be compared; exemptions do not change it, n_exempt counts them.
--   resumption_change shows how rates moved. Nothing known is not zero: a rate is empty where nobody reported for the day itself, and a count
--   of what reports say where no row is in force, carried ones included.
--
-- title: 复工率与用工恢复率 | Resumption and employment recovery
-- writes: mart.resumption_daily
-- grain: one row per as_of, scope, dimension, member
-- keys: [as_of, scope, dimension, member]
-- partition_by: as_of
-- max_lag_days: 92
-- reads: [fact.resumption, fact.insured]
-- serves: S002, S003, S004, S005, S006, S007, S008
-- key_expressions:
--   dimension: ":dimension"
--   member: >-
--     CASE :dimension WHEN 'total' THEN 'ALL' WHEN 'township' THEN township_code WHEN 'industry' THEN industry_section WHEN 'size' THEN
--     size_class END
-- sums:
--   n_register: fact.resumption.is_registered
--   n_exempt: fact.resumption.is_exempt
--   n_should: fact.resumption.should_resume
--   n_reported: fact.resumption.is_reported
--   n_carried: fact.resumption.is_carried
--   n_resumed: fact.resumption.is_resumed
--   n_resumed_all: fact.resumption.is_resumed_any
--   n_relapses: fact.resumption.is_relapse
--   n_closed_by_order: fact.resumption.is_closed_by_order
--   normal_headcount: fact.resumption.normal_headcount
--   on_post: fact.resumption.on_post
--   normal_headcount_resumed: fact.resumption.normal_headcount_resumed
--   on_post_resumed: fact.resumption.on_post_resumed
--   n_with_headcount: fact.resumption.headcount_firms
--   firm_recovery_sum: fact.resumption.firm_recovery
--   output: fact.resumption.output
--   normal_output: fact.resumption.normal_output
--   n_power: fact.resumption.is_power_read
--   n_resumed_power: fact.resumption.is_power_resumed
--   power_kwh: fact.resumption.power_kwh
--   power_baseline_kwh: fact.resumption.power_baseline_kwh
--   n_with_output: fact.resumption.is_output_known
--   n_full_capacity: fact.resumption.is_full_capacity
--   n_insured: fact.insured.is_insured_read
--   n_resumed_si: fact.insured.is_resumed_insured
--   on_post_at_least: fact.resumption.on_post_at_least
--   on_post_at_most: [fact.resumption.on_post_at_least, fact.resumption.silent_headcount]
--   headcount_at_most: fact.resumption.headcount_at_most
-- suppression:
--   firms: n_register
--   values:
--     - {firms: n_on_post, largest: largest_on_post, columns: [on_post, employment_recovery_rate, firm_recovery_sum, mean_of_firms]}
--     - {firms: n_with_headcount, largest: largest_headcount, columns: [normal_headcount, employment_recovery_rate]}
--     - {firms: n_resumed, largest: largest_on_post, columns: [on_post_resumed, within_resumed]}
--     - {firms: n_resumed, largest: largest_headcount, columns: [normal_headcount_resumed, within_resumed]}
--     - {firms: n_should - n_resumed, columns: [on_post_resumed, normal_headcount_resumed, within_resumed]}
--     - firms: n_with_output
--       largest: largest_normal_output
--       columns: [normal_output, output, capacity_rate, n_full_capacity, share_full_capacity]
--     - {firms: n_producing, largest: largest_output, columns: [output, capacity_rate]}
--     - firms: n_power
--       largest: largest_power_kwh
--       columns: [power_kwh, power_baseline_kwh, capacity_rate_power, n_resumed_power, rate_power]
--     - {firms: n_power, largest: largest_power_baseline_kwh, columns: [power_baseline_kwh, capacity_rate_power]}
--     - {firms: n_insured, columns: [n_resumed_si, rate_si]}
-- hidden: [
--   n_silent, n_should_at_most, n_resumed_at_least, n_resumed_at_most, n_resumed_estimate_at_least, n_resumed_estimate_at_most,
--   headcount_at_most, on_post_at_least, on_post_at_most, largest_between_ends, n_silent_without_headcount
-- ]
-- rounded: [
--   normal_headcount, on_post, normal_headcount_resumed, on_post_resumed, firm_recovery_sum, output, normal_output,
--   power_kwh, power_baseline_kwh
-- ]
-- rates:
--   resumption_rate: n_resumed / n_should
--   rate_all: n_resumed_all / n_register
--   rate_reported: n_resumed / n_reported + n_carried
--   rate_power: n_resumed_power / n_power
--   capacity_rate_power: power_kwh / power_baseline_kwh
--   rate_si: n_resumed_si / n_insured
--   coverage: n_reported / n_should
--   employment_recovery_rate: on_post / normal_headcount at most 1
--   within_resumed: on_post_resumed / normal_headcount_resumed
--   capacity_rate: output / normal_output
--   mean_of_firms: firm_recovery_sum / n_with_headcount
--   share_full_capacity: n_full_capacity / n_with_output
-- relations:
--   - {holds: n_register = n_should + n_exempt}
--   - {holds: n_resumed <= n_should}
--   - {holds: n_reported <= n_should}
--   - {holds: n_resumed <= n_resumed_all}
--   - {holds: on_post_resumed <= on_post}
--   - {holds: normal_headcount_resumed <= normal_headcount}
--   - {holds: n_resumed_power <= n_power}
--   - {holds: n_full_capacity <= n_with_output}
--   - {holds: on_post_at_least <= on_post}
--   - {holds: on_post <= on_post_at_most}
--   - {holds: on_post_at_least <= on_post_at_most}
--   - {holds: normal_headcount <= headcount_at_most}
--   - {holds: n_resumed_at_least <= n_resumed}
--   - {holds: n_resumed <= n_resumed_at_most}
--   - {holds: n_should <= n_should_at_most}
-- names: {member: [ref.township.township_code.name_zh, ref.industry.industry_code.name_zh]}
-- columns:
--   as_of: 截至 | The day
--   scope: 调度范围 | industry, service, trade or site
--   dimension: 维度 | total, township, industry or size
--   member: 成员 | ALL, township code, section letter or size class
--   n_register: 在册数 | Members of the scope by the register
--   n_exempt: 不纳入数 | Members taken out by an exemption
--   n_should: 应复工数 | Register minus exemptions
--   n_reported: 当日已报数 | Of these, reported for the day itself
--   n_carried: 沿用数 | Of these, with a row carried from at most three days before
--   n_resumed: 已复工数 | Of these, resumed
--   n_resumed_all: 已复工数(含不纳入) | Resumed, exemptions included
--   n_relapses: 当日停工数 | Not resumed, although resumed by the row of the day before
--   n_closed_by_order: 按防疫要求未开放数 | Closed by order (X10); they stay in the denominator
--   resumption_rate: 复工率 | Resumed over should resume
--   rate_all: 复工率(全口径) | Resumed over all in the register
--   rate_reported: 复工率(已报口径) | Resumed over those with a row, carried ones included
--   n_power: 有用电数据数 | Members with a baseline and a reading of energy
--   n_resumed_power: 用电复工数 | Of these, above the threshold share of the baseline
--   rate_power: 用电复工率 | The share of these
--   power_kwh: 当日用电量(千瓦时) | Energy of the day of members with a baseline and a reading, kWh
--   power_baseline_kwh: 基准日均用电量(千瓦时) | Daily energy in December 2019 of the same members, kWh
--   largest_power_baseline_kwh: 最大一家基准用电量(千瓦时) | Largest baseline of one firm, kWh
--   largest_power_kwh: 最大一家用电量(千瓦时) | Largest energy of one firm, kWh
--   capacity_rate_power: 产能恢复率(用电口径) | Energy of the day over the baseline
--   insured_month: 参保月份 | Oldest premium month among the rows behind n_insured
--   n_insured: 有参保数据数 | Members that should resume with a row for the month of the day or one of the two before; the newest counts
--   n_resumed_si: 参保复工数 | Of these, with persons insured
--   rate_si: 参保复工率 | The share of these
--   coverage: 覆盖率 | Reported for the day itself over should resume
--   normal_headcount: 正常用工人数 | Baseline headcount of those that should resume
--   on_post: 到岗人数 | People on post of those that should resume
--   largest_headcount: 最大一家正常用工 | Largest headcount of one firm
--   largest_on_post: 最大一家到岗 | Most people on post at one firm
--   n_on_post: 有人到岗的企业数 | Of those that should resume, with people on post
--   employment_recovery_rate: 用工恢复率 | On post over normal headcount, at most 1
--   is_capped: 已封顶 | Whether the rate was above 1
--   normal_headcount_resumed: 已复工企业正常用工 | Baseline headcount of the resumed
--   on_post_resumed: 已复工企业到岗 | People on post of the resumed
--   within_resumed: 已复工企业用工恢复率 | The rate among the resumed, not capped
--   n_with_headcount: 有基准人数的企业数 | Members with a headcount
--   firm_recovery_sum: 企业用工恢复率之和 | Sum of the firms' own rates
--   mean_of_firms: 企业平均用工恢复率 | Unweighted mean of the firms' rates, not capped
--   output: 当日产值或营业收入(元) | Output or revenue of those that gave it, yuan
--   normal_output: 正常日均产值或营业收入(元) | Normal output or revenue of the same firms, yuan
--   capacity_rate: 产能恢复率 | Output over normal output
--   largest_normal_output: 最大一家正常产值(元) | Largest normal output of one firm, yuan
--   largest_output: 最大一家产值(元) | Largest output of one firm, yuan
--   n_with_output: 产值可比企业数 | Members that gave both
--   n_producing: 有产值企业数 | Of these, with output on the day
--   n_full_capacity: 达产企业数 | Of these, with at least 80 % of the normal output (setting full_capacity_share)
--   share_full_capacity: 达产率 | The share of these
--   n_silent: 当日未报数 | Of n_should_at_most, without a row for the day itself that is sure to stay; a carried row is none
--   n_should_at_most: 应复工数(至多) | The denominator of the interval, where exemptions count by rows of the day itself alone
--   n_resumed_at_least: 已复工数(至少) | Resumed by rows of the day itself
--   n_resumed_at_most: 已复工数(至多) | These and every silent member
--   n_resumed_estimate_at_least: 已复工数(估计,至少) | n_resumed_at_least and the silent members that energy, or else people insured, tell resumed
--   n_resumed_estimate_at_most: 已复工数(估计,至多) | These and the silent members for which neither speaks
--   headcount_at_most: 正常用工人数(至多) | The denominator of the interval of people; empty where the headcount of a silent member is not known
--   on_post_at_least: 到岗人数(至少) | People on post by rows of the day itself
--   on_post_at_most: 到岗人数(至多) | These and every silent member's headcount, or the people on post by its row of the day before where more
--   largest_between_ends: 两端之间最大一家人数 | Largest headcount of one firm of the whole scope that is silent, carried, or exempt by a carried row
--   n_silent_without_headcount: 未报且无基准人数的数 | Silent members whose headcount nobody knows
--   scope_version: 口径版本 | Fingerprint of the members of the whole scope; another one means other members
WITH line AS MATERIALIZED (
    SELECT
        as_of,
        scope,
        entity,
        township_code,
        industry_section,
        size_class,
        is_registered,
        is_exempt,
        should_resume,
        is_reported,
        is_carried,
        is_resumed,
        is_resumed_any,
        is_relapse,
        is_closed_by_order,
        normal_headcount,
        on_post,
        normal_headcount_resumed,
        on_post_resumed,
        headcount_firms,
        firm_recovery,
        output,
        normal_output,
        is_output_known,
        is_full_capacity,
        is_power_read,
        is_power_resumed,
        power_kwh,
        power_baseline_kwh,
        silent,
        should_at_most,
        resumed_at_least,
        headcount_at_most,
        on_post_at_least,
        silent_headcount,
        silent_without_headcount,
        silent_by_power,
        silent_resumed_by_power
    FROM fact.resumption
    WHERE as_of = ANY(:days)
),

-- Sums by township, industry and size are few; every dimension is made of them.
cell AS MATERIALIZED (
    SELECT
        as_of,
        scope,
        township_code,
        industry_section,
        size_class,
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
        SUM(power_kwh) AS power_kwh,
        MAX(power_kwh) AS largest_power_kwh,
        MAX(power_baseline_kwh) AS largest_power_baseline_kwh,
        SUM(power_baseline_kwh) AS power_baseline_kwh,
        SUM(normal_headcount) AS normal_headcount,
        SUM(on_post) AS on_post,
        COALESCE(SUM((on_post > 0)::integer), 0) AS n_on_post,
        MAX(normal_headcount) AS largest_headcount,
        MAX(on_post) AS largest_on_post,
        SUM(normal_headcount_resumed) AS normal_headcount_resumed,
        SUM(on_post_resumed) AS on_post_resumed,
        SUM(headcount_firms) AS n_with_headcount,
        SUM(firm_recovery) AS firm_recovery_sum,
        SUM(output) AS output,
        MAX(output) AS largest_output,
        MAX(normal_output) AS largest_normal_output,
        COALESCE(SUM((output > 0)::integer), 0) AS n_producing,
        SUM(normal_output) AS normal_output,
        SUM(is_output_known::integer) AS n_with_output,
        SUM(is_full_capacity::integer) AS n_full_capacity,
        SUM(silent) AS n_silent,
        SUM(should_at_most) AS n_should_at_most,
        SUM(resumed_at_least) AS n_resumed_at_least,
        SUM(headcount_at_most) AS headcount_at_most,
        SUM(on_post_at_least) AS on_post_at_least,
        SUM(silent_headcount) AS silent_headcount,
        SUM(silent_without_headcount) AS n_silent_without_headcount,
        SUM(silent_by_power) AS n_silent_by_power,
        SUM(silent_resumed_by_power) AS n_silent_resumed_by_power
    FROM line
    GROUP BY as_of, scope, township_code, industry_section, size_class
),

counted AS (
    SELECT
        cell.as_of,
        cell.scope,
        kind.dimension,
        kind.member,
        SUM(cell.n_register)::bigint AS n_register,
        SUM(cell.n_exempt)::bigint AS n_exempt,
        SUM(cell.n_should)::bigint AS n_should,
        SUM(cell.n_reported)::bigint AS n_reported,
        SUM(cell.n_carried)::bigint AS n_carried,
        SUM(cell.n_resumed)::bigint AS n_resumed,
        SUM(cell.n_resumed_all)::bigint AS n_resumed_all,
        SUM(cell.n_relapses)::bigint AS n_relapses,
        SUM(cell.n_closed_by_order)::bigint AS n_closed_by_order,
        SUM(cell.n_power)::bigint AS n_power,
        SUM(cell.n_resumed_power)::bigint AS n_resumed_power,
        SUM(cell.power_kwh) AS power_kwh,
        MAX(cell.largest_power_kwh) AS largest_power_kwh,
        MAX(cell.largest_power_baseline_kwh) AS largest_power_baseline_kwh,
        SUM(cell.power_baseline_kwh) AS power_baseline_kwh,
        SUM(cell.normal_headcount) AS normal_headcount,
        SUM(cell.on_post) AS on_post,
        SUM(cell.n_on_post)::bigint AS n_on_post,
        MAX(cell.largest_headcount) AS largest_headcount,
        MAX(cell.largest_on_post) AS largest_on_post,
        SUM(cell.normal_headcount_resumed) AS normal_headcount_resumed,
        SUM(cell.on_post_resumed) AS on_post_resumed,
        SUM(cell.n_with_headcount)::bigint AS n_with_headcount,
        SUM(cell.firm_recovery_sum) AS firm_recovery_sum,
        SUM(cell.output) AS output,
        MAX(cell.largest_output) AS largest_output,
        MAX(cell.largest_normal_output) AS largest_normal_output,
        SUM(cell.n_producing)::bigint AS n_producing,
        SUM(cell.normal_output) AS normal_output,
        SUM(cell.n_with_output)::bigint AS n_with_output,
        SUM(cell.n_full_capacity)::bigint AS n_full_capacity,
        SUM(cell.n_silent)::bigint AS n_silent,
        SUM(cell.n_should_at_most)::bigint AS n_should_at_most,
        SUM(cell.n_resumed_at_least)::bigint AS n_resumed_at_least,
        SUM(cell.headcount_at_most) AS headcount_at_most,
        SUM(cell.on_post_at_least) AS on_post_at_least,
        SUM(cell.silent_headcount) AS silent_headcount,
        SUM(cell.n_silent_without_headcount)::bigint AS n_silent_without_headcount,
        SUM(cell.n_silent_by_power)::bigint AS n_silent_by_power,
        SUM(cell.n_silent_resumed_by_power)::bigint AS n_silent_resumed_by_power
    FROM cell
    CROSS JOIN LATERAL (
        VALUES
        ('total', 'ALL'),
        ('township', cell.township_code),
        ('industry', cell.industry_section),
        ('size', cell.size_class)
    ) AS kind (dimension, member)
    WHERE kind.member IS NOT NULL
    GROUP BY cell.as_of, cell.scope, kind.dimension, kind.member
),

known AS (
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
        n_power,
        largest_power_kwh,
        largest_power_baseline_kwh,
        normal_headcount,
        largest_headcount,
        n_with_headcount,
        largest_output,
        largest_normal_output,
        n_with_output,
        n_silent,
        n_should_at_most,
        n_resumed_at_least,
        headcount_at_most,
        on_post_at_least,
        silent_headcount,
        n_silent_without_headcount,
        n_silent_by_power,
        n_silent_resumed_by_power,
        n_should = 0 OR n_reported > 0 AS is_told,
        CASE WHEN n_should = 0 OR n_reported + n_carried > 0 THEN n_resumed END AS n_resumed,
        CASE WHEN n_should = 0 OR n_reported + n_carried > 0 THEN n_resumed_all END AS n_resumed_all,
        CASE WHEN n_should = 0 OR n_reported + n_carried > 0 THEN n_relapses END AS n_relapses,
        CASE WHEN n_should = 0 OR n_reported + n_carried > 0 THEN n_closed_by_order END AS n_closed_by_order,
        CASE WHEN n_should = 0 OR n_reported + n_carried > 0 THEN on_post END AS on_post,
        CASE WHEN n_should = 0 OR n_reported + n_carried > 0 THEN n_on_post END AS n_on_post,
        CASE WHEN n_should = 0 OR n_reported + n_carried > 0 THEN largest_on_post END AS largest_on_post,
        CASE WHEN n_should = 0 OR n_reported + n_carried > 0 THEN normal_headcount_resumed END AS normal_headcount_resumed,
        CASE WHEN n_should = 0 OR n_reported + n_carried > 0 THEN on_post_resumed END AS on_post_resumed,
        CASE WHEN n_should = 0 OR n_reported + n_carried > 0 THEN firm_recovery_sum END AS firm_recovery_sum,
        CASE WHEN n_power > 0 THEN n_resumed_power END AS n_resumed_power,
        CASE WHEN n_power > 0 THEN power_kwh END AS power_kwh,
        CASE WHEN n_power > 0 THEN power_baseline_kwh END AS power_baseline_kwh,
        CASE WHEN n_with_output > 0 THEN output END AS output,
        CASE WHEN n_with_output > 0 THEN normal_output END AS normal_output,
        CASE WHEN n_with_output > 0 THEN n_full_capacity END AS n_full_capacity,
        CASE WHEN n_with_output > 0 THEN n_producing END AS n_producing
    FROM counted
),

scope AS (
    SELECT
        as_of,
        scope,
        left(md5(string_agg(entity, ',' ORDER BY entity)), 12) AS scope_version
    FROM line
    WHERE is_registered
    GROUP BY as_of, scope
),

-- The lines of a firm add up: that of the register counts it as silent, and that of its report takes this back.
between_ends AS (
    SELECT
        as_of,
        scope,
        MAX(people) AS largest_between_ends
    FROM (
        SELECT
            as_of,
            scope,
            GREATEST(
                abs(SUM(silent_headcount)), abs(SUM(on_post - on_post_at_least)), abs(SUM(headcount_at_most - normal_headcount))
            ) AS people
        FROM line
        GROUP BY as_of, scope, entity
    ) AS firm
    GROUP BY as_of, scope
),

insured AS (
    SELECT
        fact.as_of,
        fact.scope,
        kind.dimension,
        kind.member,
        MIN(fact.insured_month) AS insured_month,
        SUM(fact.is_insured_read::integer) AS n_insured,
        SUM(fact.is_resumed_insured::integer) AS n_resumed_si,
        SUM(fact.is_silent_insured::integer) AS n_silent_insured,
        SUM(fact.is_silent_resumed_insured::integer) AS n_silent_resumed_insured
    FROM fact.insured AS fact
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
    GROUP BY fact.as_of, fact.scope, kind.dimension, kind.member
),

resumption_daily AS (
    SELECT
        known.as_of,
        known.scope,
        known.dimension,
        known.member,
        known.n_register,
        known.n_exempt,
        known.n_should,
        known.n_reported,
        known.n_carried,
        known.n_resumed,
        known.n_resumed_all,
        known.n_relapses,
        known.n_closed_by_order,
        CASE WHEN known.is_told THEN known.n_resumed / NULLIF(known.n_should, 0)::numeric END AS resumption_rate,
        CASE WHEN known.is_told THEN known.n_resumed / NULLIF(known.n_register, 0)::numeric END AS rate_all,
        known.n_resumed / NULLIF(known.n_reported + known.n_carried, 0)::numeric AS rate_reported,
        known.n_power,
        known.n_resumed_power,
        known.n_resumed_power / NULLIF(known.n_power, 0)::numeric AS rate_power,
        known.power_kwh,
        known.power_baseline_kwh,
        known.largest_power_kwh,
        known.largest_power_baseline_kwh,
        known.power_kwh / NULLIF(known.power_baseline_kwh, 0) AS capacity_rate_power,
        insured.insured_month,
        COALESCE(insured.n_insured, 0) AS n_insured,
        insured.n_resumed_si,
        insured.n_resumed_si / NULLIF(insured.n_insured, 0)::numeric AS rate_si,
        known.n_reported / NULLIF(known.n_should, 0)::numeric AS coverage,
        known.normal_headcount,
        known.on_post,
        known.n_on_post,
        known.largest_headcount,
        known.largest_on_post,
        CASE WHEN known.is_told THEN LEAST(known.on_post / NULLIF(known.normal_headcount, 0)::numeric, 1) END
            AS employment_recovery_rate,
        COALESCE(known.on_post > known.normal_headcount AND known.normal_headcount > 0, false) AS is_capped,
        known.normal_headcount_resumed,
        known.on_post_resumed,
        known.on_post_resumed / NULLIF(known.normal_headcount_resumed, 0)::numeric AS within_resumed,
        known.n_with_headcount,
        known.firm_recovery_sum,
        known.firm_recovery_sum / NULLIF(known.n_with_headcount, 0)::numeric AS mean_of_firms,
        known.output,
        known.largest_output,
        known.largest_normal_output,
        known.normal_output,
        known.output / NULLIF(known.normal_output, 0) AS capacity_rate,
        known.n_with_output,
        known.n_producing,
        known.n_full_capacity,
        known.n_full_capacity / NULLIF(known.n_with_output, 0)::numeric AS share_full_capacity,
        known.n_silent,
        known.n_should_at_most,
        known.n_resumed_at_least,
        known.n_resumed_at_least + known.n_silent AS n_resumed_at_most,
        known.n_resumed_at_least + known.n_silent_resumed_by_power + COALESCE(insured.n_silent_resumed_insured, 0)
            AS n_resumed_estimate_at_least,
        known.n_resumed_at_least + known.n_silent - known.n_silent_by_power + known.n_silent_resumed_by_power
        - COALESCE(insured.n_silent_insured - insured.n_silent_resumed_insured, 0) AS n_resumed_estimate_at_most,
        CASE WHEN known.n_silent_without_headcount = 0 THEN known.headcount_at_most END AS headcount_at_most,
        known.on_post_at_least,
        known.on_post_at_least + known.silent_headcount AS on_post_at_most,
        between_ends.largest_between_ends,
        known.n_silent_without_headcount,
        scope.scope_version
    FROM known
    INNER JOIN scope ON known.as_of = scope.as_of AND known.scope = scope.scope
    INNER JOIN between_ends ON known.as_of = between_ends.as_of AND known.scope = between_ends.scope
    LEFT JOIN insured
        ON
            known.as_of = insured.as_of
            AND known.scope = insured.scope
            AND known.dimension = insured.dimension
            AND known.member = insured.member
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
    power_kwh,
    power_baseline_kwh,
    largest_power_kwh,
    largest_power_baseline_kwh,
    capacity_rate_power,
    insured_month,
    n_insured,
    n_resumed_si,
    rate_si,
    coverage,
    normal_headcount,
    on_post,
    n_on_post,
    largest_headcount,
    largest_on_post,
    employment_recovery_rate,
    is_capped,
    normal_headcount_resumed,
    on_post_resumed,
    within_resumed,
    n_with_headcount,
    firm_recovery_sum,
    mean_of_firms,
    output,
    largest_output,
    largest_normal_output,
    normal_output,
    capacity_rate,
    n_with_output,
    n_producing,
    n_full_capacity,
    share_full_capacity,
    n_silent,
    n_should_at_most,
    n_resumed_at_least,
    n_resumed_at_most,
    n_resumed_estimate_at_least,
    n_resumed_estimate_at_most,
    headcount_at_most,
    on_post_at_least,
    on_post_at_most,
    largest_between_ends,
    n_silent_without_headcount,
    scope_version
FROM resumption_daily
