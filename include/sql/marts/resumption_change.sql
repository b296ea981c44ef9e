-- description: |
--   How each scope moved since the day before and since a week before: the rate, its numerator and its denominator. They show a rate that
--   rises because its denominator shrinks. Changes compare two rows of resumption_daily by the same knowledge; they are empty where the
--   earlier day has no register. Where the scope had other members then, the rates compare different firms, and is_same_scope says so.
--
-- title: 复工率逐日变化 | Changes of resumption rates
-- writes: mart.resumption_change
-- grain: one row per as_of, scope
-- keys: [as_of, scope]
-- partition_by: as_of
-- lookback_days: [1, 7]
-- reads: [fact.resumption]
-- serves: "day by day: which part came from resumed firms and which from a smaller denominator"
-- sums:
--   n_register: fact.resumption.is_registered
--   n_should: fact.resumption.should_resume
--   n_resumed: fact.resumption.is_resumed
-- suppression:
--   firms: n_register
-- columns:
--   as_of: 截至 | The day
--   scope: 调度范围 | industry, service, trade or site
--   n_register: 在册数 | Members of the scope by the register
--   n_should: 应复工数 | Register minus exemptions
--   n_resumed: 已复工数 | Of these, resumed
--   resumption_rate: 复工率 | Resumed over should resume
--   rate_change_1_day: 复工率较前一日变化 | Rate minus that of the day before
--   rate_change_7_days: 复工率较7日前变化 | Rate minus that of 7 days before
--   n_should_change_1_day: 应复工数较前一日变化 | Change of the denominator in a day
--   n_should_change_7_days: 应复工数较7日前变化 | Change of the denominator in 7 days
--   n_resumed_change_1_day: 已复工数较前一日变化 | Change of the numerator in a day
--   n_resumed_change_7_days: 已复工数较7日前变化 | Change of the numerator in 7 days
--   is_same_scope_1_day: 与前一日口径相同 | Whether the scope had the same members on the day before
--   is_same_scope_7_days: 与7日前口径相同 | Whether the scope had the same members 7 days before
WITH counted AS (
    SELECT
        as_of,
        scope,
        SUM(is_registered::integer) AS n_register,
        SUM(should_resume) AS n_should,
        SUM(is_reported::integer) AS n_reported,
        SUM(is_carried::integer) AS n_carried,
        SUM(is_resumed::integer) AS n_resumed,
        md5(string_agg(CASE WHEN is_registered THEN entity END, ',' ORDER BY entity)) AS scope_version
    FROM fact.resumption
    WHERE line_kind <> 'power'
    GROUP BY as_of, scope
),

-- As in resumption_daily: no rate where nobody reported for the day itself, no count where no row is in force.
resumption AS (
    SELECT
        as_of,
        scope,
        n_register,
        n_should,
        CASE WHEN n_should = 0 OR n_reported + n_carried > 0 THEN n_resumed END AS n_resumed,
        CASE WHEN n_reported > 0 THEN n_resumed / NULLIF(n_should, 0)::numeric END AS resumption_rate,
        scope_version
    FROM counted
),

resumption_change AS (
    SELECT
        today.as_of,
        today.scope,
        today.n_register,
        today.n_should,
        today.n_resumed,
        today.resumption_rate,
        today.resumption_rate - day_before.resumption_rate AS rate_change_1_day,
        today.resumption_rate - week_before.resumption_rate AS rate_change_7_days,
        today.n_should - day_before.n_should AS n_should_change_1_day,
        today.n_should - week_before.n_should AS n_should_change_7_days,
        today.n_resumed - day_before.n_resumed AS n_resumed_change_1_day,
        today.n_resumed - week_before.n_resumed AS n_resumed_change_7_days,
        today.scope_version = day_before.scope_version AS is_same_scope_1_day,
        today.scope_version = week_before.scope_version AS is_same_scope_7_days
    FROM resumption AS today
    LEFT JOIN resumption AS day_before ON today.scope = day_before.scope AND today.as_of = day_before.as_of + 1
    LEFT JOIN resumption AS week_before ON today.scope = week_before.scope AND today.as_of = week_before.as_of + 7
    WHERE today.as_of = ANY(:days)
)

SELECT
    as_of,
    scope,
    n_register,
    n_should,
    n_resumed,
    resumption_rate,
    rate_change_1_day,
    rate_change_7_days,
    n_should_change_1_day,
    n_should_change_7_days,
    n_resumed_change_1_day,
    n_resumed_change_7_days,
    is_same_scope_1_day,
    is_same_scope_7_days
FROM resumption_change
