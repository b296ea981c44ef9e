-- description: |
--   Cells of fewer than three firms are hidden, and so are cells that would give them away. A hidden cell has no place in the order.
--
-- number: 2
-- question: 哪个镇办、行业、规模的企业落后? | Which township, industry and size class is behind?
-- role: analyst
-- parameters:
--   as_of: {label: 截至 | The day}
-- reads: [open.resumption_daily, ref.township, ref.industry, ref.code_list]
-- codes: {scope: [scope], dimension: [dimension], name: [township, industry_section, industry_division, size_class]}
-- secondary: [member, is_suppressed]
-- columns:
--   scope: 调度范围 | industry, service or trade
--   dimension: 维度 | township, industry or size
--   member: 成员 | Township code, section letter or size class
--   name: 名称 | Name of the township, section or size class
--   n_should: 应复工数 | Should resume
--   n_resumed: 已复工数 | Resumed
--   resumption_rate: 复工率 | Rate
--   behind_total: 与全区之差(百分点) | The rate less that of the whole scope, percentage points
--   employment_recovery_rate: 用工恢复率 | People on post over normal headcount
--   is_suppressed: 是否隐去 | Whether values are hidden
WITH cell AS (
    SELECT
        scope,
        dimension,
        member,
        n_should,
        n_resumed,
        resumption_rate,
        employment_recovery_rate,
        is_suppressed
    FROM open.resumption_daily
    WHERE
        as_of = :as_of
        AND scope <> 'site'
)

SELECT
    cell.scope,
    cell.dimension,
    cell.member,
    COALESCE(township.name_zh, industry.name_zh, size.name_zh, cell.member) AS name,
    cell.n_should,
    cell.n_resumed,
    cell.resumption_rate,
    cell.resumption_rate - total.resumption_rate AS behind_total,
    cell.employment_recovery_rate,
    cell.is_suppressed
FROM cell
INNER JOIN cell AS total ON cell.scope = total.scope AND total.dimension = 'total'
LEFT JOIN ref.township AS township ON cell.dimension = 'township' AND cell.member = township.township_code
LEFT JOIN ref.industry AS industry ON cell.dimension = 'industry' AND cell.member = industry.industry_code
LEFT JOIN ref.code_list AS size ON cell.dimension = 'size' AND size.list = 'size_class' AND cell.member = size.code
WHERE cell.dimension <> 'total'
ORDER BY cell.scope, cell.dimension, behind_total NULLS LAST, cell.member
