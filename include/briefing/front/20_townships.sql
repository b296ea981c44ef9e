-- description: |
--   Rates of resumption by township, beside each other. Where a cell has fewer than three firms it is left out, and so is the next smallest one of
--   its column, so that nobody can subtract. Where nobody reported the rate is unknown.
--
-- title: 各镇办复工率 | Resumption by township
-- reads: [mart.resumption_daily, ref.township]
-- publishes:
--   - {mart: resumption_daily, column: n_resumed, over: n_should, by: [scope, member], keys: {dimension: township}, step: 0.001, fewest: 3}
-- columns:
--   township: 镇办 | Township
--   industry: 规上工业 | Industry
--   service: 规上服务业 | Services
--   trade: 限上商贸 | Trade
WITH cell AS (
    SELECT
        member,
        scope,
        n_should,
        resumption_rate,
        MIN(n_should) OVER (PARTITION BY scope) AS fewest,
        row_number() OVER (PARTITION BY scope ORDER BY n_should, member) AS place
    FROM mart.resumption_daily
    WHERE as_of = :as_of AND dimension = 'township' AND n_should > 0
),

told AS (
    SELECT
        member,
        scope,
        resumption_rate AS rate,
        CASE
            WHEN fewest < 3 AND (n_should < 3 OR place <= 2) THEN '—'
            WHEN resumption_rate IS NULL THEN '无法确定'
            WHEN resumption_rate = 1 THEN '100%'
            ELSE LEAST(round(resumption_rate * 100, 1), 99.9) || '%'
        END AS shown
    FROM cell
)

SELECT
    COALESCE(township.name_zh, told.member) AS township,
    COALESCE(MIN(told.shown) FILTER (WHERE told.scope = 'industry'), '') AS industry,
    COALESCE(MIN(told.shown) FILTER (WHERE told.scope = 'service'), '') AS service,
    COALESCE(MIN(told.shown) FILTER (WHERE told.scope = 'trade'), '') AS trade
FROM told
LEFT JOIN ref.township AS township ON told.member = township.township_code
GROUP BY told.member, township.name_zh
ORDER BY told.member
