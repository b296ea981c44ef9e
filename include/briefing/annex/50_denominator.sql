-- description: How denominators came from those of the day before; those that stayed are left out.
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
WHERE as_of = :as_of AND (entries, exits, new_exempt, expired_exempt) IS DISTINCT FROM (0, 0, 0, 0)
ORDER BY array_position(ARRAY['industry', 'service', 'trade', 'site', 'key_project'], scope), scope
