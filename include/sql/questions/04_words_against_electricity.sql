-- description: |
--   Both ways: a firm reports resumption and hardly draws electricity, or reports to stand still and draws it. The limit is the setting
--   power_resumed_share. Both rest on a single day: look at a few days before you ring.
--
-- number: 4
-- question: 哪些企业报复工却用电不足正常的三成?反过来呢? | Which firms say "resumed" but use under 30 % of their normal electricity, and the reverse?
-- role: taskforce
-- parameters:
--   as_of: {label: 截至 | The day}
--   share: {label: 用电占基准的界线 | Share of the baseline, default: 0.3}
-- reads: [fact.resumption, fact.enterprise]
-- codes: {township_code: [township], contradiction: [contradiction]}
-- secondary: [uscc, is_resumed]
-- columns:
--   contradiction: 矛盾 | What contradicts what
--   uscc: 统一社会信用代码 | Unified social credit code
--   name: 企业名称 | Name
--   township_code: 所属镇办 | Township
--   is_resumed: 报告已复工 | Resumed by the report
--   on_post: 到岗人数 | People on post
--   power_kwh: 当日用电量(千瓦时) | Energy of the day, kWh
--   power_baseline_kwh: 基准日均用电量(千瓦时) | Daily energy in December 2019, kWh
--   power_share: 用电占基准 | Energy of the day over the baseline
WITH firm AS (
    SELECT
        entity AS uscc,
        bool_or(is_resumed_any) AS is_resumed,
        SUM(on_post) AS on_post,
        SUM(power_kwh) AS power_kwh,
        SUM(power_baseline_kwh) AS power_baseline_kwh
    FROM fact.resumption
    WHERE
        as_of = :as_of
        AND scope <> 'site'
    GROUP BY entity
    HAVING SUM(power_baseline_kwh) > 0
),

judged AS (
    SELECT
        firm.*,
        firm.power_kwh / firm.power_baseline_kwh AS power_share
    FROM firm
)

SELECT
    CASE WHEN judged.is_resumed THEN '报复工而几乎不用电' ELSE '报未复工而在用电' END AS contradiction,
    judged.uscc,
    enterprise.name,
    enterprise.township_code,
    judged.is_resumed,
    judged.on_post,
    judged.power_kwh,
    judged.power_baseline_kwh,
    judged.power_share
FROM judged
INNER JOIN fact.enterprise AS enterprise ON judged.uscc = enterprise.uscc AND enterprise.as_of = :as_of AND enterprise.is_counted
WHERE
    (judged.is_resumed AND judged.power_share < :share)
    OR (NOT judged.is_resumed AND judged.power_share >= :share)
ORDER BY judged.is_resumed DESC, judged.power_share ASC, judged.uscc ASC
