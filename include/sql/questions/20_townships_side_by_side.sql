-- description: |
--   One line per township. A value is empty where it would give a firm away, where nobody reported for the day itself, and where nothing of
--   the scope lies in the township. Sites have
--   no township.
--
-- number: 20
-- question: "各镇办并列:工业、服务业、商贸复工各多少? | The townships side by side: how far are industry, services and trade?"
-- role: analyst
-- parameters:
--   as_of: {label: 截至 | The day}
-- reads: [open.resumption_daily]
-- codes: {township_code: [township]}
-- secondary: [n_exempt]
-- columns:
--   township_code: 镇办 | Township
--   n_should: 应复工数 | Should resume, of the three scopes
--   n_resumed: 已复工数 | Of these, resumed
--   rate_industry: 工业复工率 | Rate of industry
--   rate_service: 服务业复工率 | Rate of services
--   rate_trade: 商贸复工率 | Rate of trade
--   recovery_industry: 工业用工恢复率 | People on post over normal headcount, industry
--   n_relapses: 当日停工数 | Stopped again on the day
--   n_exempt: 不纳入数 | Exempt
SELECT
    member AS township_code,
    CASE WHEN COUNT(n_should) = COUNT(*) THEN SUM(n_should) END AS n_should,
    CASE WHEN COUNT(n_resumed) = COUNT(*) THEN SUM(n_resumed) END AS n_resumed,
    MAX(resumption_rate) FILTER (WHERE scope = 'industry') AS rate_industry,
    MAX(resumption_rate) FILTER (WHERE scope = 'service') AS rate_service,
    MAX(resumption_rate) FILTER (WHERE scope = 'trade') AS rate_trade,
    MAX(employment_recovery_rate) FILTER (WHERE scope = 'industry') AS recovery_industry,
    CASE WHEN COUNT(n_relapses) = COUNT(*) THEN SUM(n_relapses) END AS n_relapses,
    CASE WHEN COUNT(n_exempt) = COUNT(*) THEN SUM(n_exempt) END AS n_exempt
FROM open.resumption_daily
WHERE
    as_of = :as_of
    AND dimension = 'township'
    AND scope <> 'site'
GROUP BY member
ORDER BY rate_industry ASC NULLS LAST, member ASC
