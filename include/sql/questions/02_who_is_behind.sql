-- description: |
--   Cells of fewer than three firms are hidden, and so are cells that would give them away. A hidden cell has no place in the order.
--
-- number: 2
-- question: 哪个镇办、行业、规模的企业落后? | Which township, industry and size class is behind?
-- role: analyst
-- parameters:
--   as_of: {label: 截至 | The day}
-- reads: [open.resumption_daily, ref.township]
-- codes: {scope: [scope], dimension: [dimension], member: [township, industry_section, size_class]}
-- secondary: [name, is_suppressed]
-- columns:
--   scope: 调度范围 | industry, service or trade
--   dimension: 维度 | township, industry or size
--   member: 成员 | Township code, section letter or size class
--   name: 镇办名称 | Name of the township
--   n_should: 应复工数 | Should resume
--   n_resumed: 已复工数 | Resumed
--   resumption_rate: 复工率 | Rate
--   behind_total: 与全区之差 | The rate less that of the whole scope
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
    township.name_zh AS name,
    cell.n_should,
    cell.n_resumed,
    cell.resumption_rate,
    cell.resumption_rate - total.resumption_rate AS behind_total,
    cell.employment_recovery_rate,
    cell.is_suppressed
FROM cell
INNER JOIN cell AS total ON cell.scope = total.scope AND total.dimension = 'total'
LEFT JOIN ref.township AS township ON cell.dimension = 'township' AND cell.member = township.township_code
WHERE cell.dimension <> 'total'
ORDER BY cell.scope, cell.dimension, behind_total NULLS LAST, cell.member
