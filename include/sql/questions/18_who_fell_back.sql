-- description: |
--   Firms that worked by their row of the day before and stood still on a day, within the last days. is_back says whether the day asked
--   about has them at work again.
--
-- number: 18
-- question: 近几日哪些企业复工后又停工?为什么?是否已恢复? | Which firms stopped again within the last days, why, and are they back?
-- role: taskforce
-- parameters:
--   as_of: {label: 截至 | Last day}
--   days: {label: 往前几天 | How many days back, default: 14}
-- window_days: days
-- reads: [fact.resumption, fact.resumption_report, fact.enterprise]
-- codes: {scope: [scope], township_code: [township], stop_reason: [stop_reason]}
-- secondary: [uscc]
-- columns:
--   stopped_on: 停工日 | Day on which it stood still
--   scope: 调度范围 | industry, service, trade or site
--   uscc: 统一社会信用代码或工地编号 | Unified social credit code, or number of the site
--   name: 企业名称 | Name; of a site its number
--   township_code: 所属镇办 | Township; empty for sites
--   stop_reason: 停工原因 | Why, by the report of that day
--   is_back: 已恢复 | At work on the day asked about
WITH relapse AS (
    SELECT
        as_of,
        scope,
        entity,
        MAX(township_code) AS township_code
    FROM fact.resumption
    WHERE
        as_of > :as_of - :days
        AND as_of <= :as_of
    GROUP BY as_of, scope, entity
    HAVING SUM(is_relapse::integer) > 0
),

present AS (
    SELECT
        scope,
        entity,
        SUM(is_resumed_any::integer) > 0 AS is_resumed
    FROM fact.resumption
    WHERE as_of = :as_of
    GROUP BY scope, entity
)

SELECT
    relapse.as_of AS stopped_on,
    relapse.scope,
    relapse.entity AS uscc,
    COALESCE(enterprise.name, relapse.entity) AS name,
    COALESCE(enterprise.township_code, relapse.township_code) AS township_code,
    report.stop_reason,
    COALESCE(present.is_resumed, false) AS is_back
FROM relapse
LEFT JOIN present ON relapse.scope = present.scope AND relapse.entity = present.entity
LEFT JOIN fact.enterprise AS enterprise ON relapse.entity = enterprise.uscc AND enterprise.as_of = :as_of AND enterprise.is_counted
LEFT JOIN fact.resumption_report AS report
    ON relapse.as_of = report.as_of AND relapse.scope = report.scope AND relapse.entity = report.uscc AND report.is_counted
ORDER BY relapse.as_of DESC, relapse.scope ASC, relapse.entity ASC
