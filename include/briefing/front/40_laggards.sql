-- description: |
--   Who is behind, by name: firms that should work and do not, the longest first, and projects that should have started. Only the task
--   force's edition has this table.
--
-- title: 落后名单 | Behind
-- edition: taskforce
-- reads: [mart.enterprise_status, mart.project_list, ref.township]
-- columns:
--   name: 企业或项目 | Firm or project
--   township: 镇办 | Township
--   days: 天数 | Days
--   reason: 情况 | What
WITH behind AS (
    SELECT
        name,
        township_code,
        stalled_days AS days,
        COALESCE(NULLIF(stop_reason, ''), CASE reported_state WHEN 'missing' THEN '未报' ELSE '未复工' END) AS reason
    FROM mart.enterprise_status
    WHERE as_of = :as_of AND scope IS NOT NULL AND reported_state IN ('stopped', 'missing')
    UNION ALL
    SELECT
        project_name AS name,
        township_code,
        days_overdue AS days,
        '应开未开' AS reason
    FROM mart.project_list
    WHERE as_of = :as_of AND n_overdue = 1
)

SELECT
    behind.name,
    COALESCE(township.name_zh, '') AS township,
    behind.days,
    behind.reason
FROM behind
LEFT JOIN ref.township AS township ON behind.township_code = township.township_code
ORDER BY behind.days DESC NULLS LAST, behind.name ASC
LIMIT 10
