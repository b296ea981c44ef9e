-- description: |
--   A rate rises because firms resumed, or because firms left the denominator. The change of a day is split: the part of the numerator, at
--   the denominator of the day before, and the rest, which is that of the denominator.
--
-- number: 1
-- question: 各复工率逐日如何变化?多少来自企业复工,多少来自应复工数变小? | How did each rate move day by day, and which part came from resumed firms and which from a smaller denominator?
-- role: analyst
-- parameters:
--   as_of: {label: 截至 | Last day}
--   days: {label: 往前几天 | How many days back, default: 14}
-- window_days: days
-- reads: [open.resumption_change]
-- codes: {scope: [scope]}
-- columns:
--   as_of: 截至 | The day
--   scope: 调度范围 | industry, service, trade or site
--   n_resumed: 已复工数 | Resumed
--   n_should: 应复工数 | Should resume
--   resumption_rate: 复工率 | Rate
--   rate_change: 较前一日变化(百分点) | Change of the rate in a day, percentage points
--   by_resumed: 其中:企业复工(百分点) | Of it, by firms that resumed or stopped
--   by_denominator: 其中:应复工数变动(百分点) | Of it, by the denominator
--   is_same_scope: 口径是否相同 | Whether the scope has the members of the day before
WITH change AS (
    SELECT
        as_of,
        scope,
        n_resumed,
        n_should,
        resumption_rate,
        rate_change_1_day AS rate_change,
        n_resumed_change_1_day::numeric / NULLIF(n_should - n_should_change_1_day, 0) AS by_resumed,
        is_same_scope_1_day AS is_same_scope
    FROM open.resumption_change
    WHERE
        as_of > :as_of - :days
        AND as_of <= :as_of
)

SELECT
    as_of,
    scope,
    n_resumed,
    n_should,
    resumption_rate,
    rate_change,
    by_resumed,
    rate_change - by_resumed AS by_denominator,
    is_same_scope
FROM change
ORDER BY scope ASC, as_of DESC
