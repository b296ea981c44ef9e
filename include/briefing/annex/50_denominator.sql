-- description: How the denominator of each rate came from that of the day before.
--
-- title: 分母变动 | Movements of denominators
-- reads: [mart.denominator_bridge]
-- columns:
--   scope: 范围 | Scope
--   opening: 上日 | Day before
--   entries: 新进 | Came
--   exits: 退出 | Left
--   new_exempt: 新增不纳入 | Newly exempt
--   expired_exempt: 不纳入到期 | Exemptions ended
--   closing: 本日 | Day
SELECT
    CASE scope
        WHEN 'industry' THEN '规上工业'
        WHEN 'service' THEN '规上服务业'
        WHEN 'trade' THEN '限上商贸'
        WHEN 'site' THEN '建设工程'
        WHEN 'key_project' THEN '省市重点项目'
        ELSE scope
    END AS scope,
    opening,
    entries,
    exits,
    new_exempt,
    expired_exempt,
    closing
FROM mart.denominator_bridge
WHERE as_of = :as_of
ORDER BY array_position(ARRAY['industry', 'service', 'trade', 'site', 'key_project'], scope), scope
