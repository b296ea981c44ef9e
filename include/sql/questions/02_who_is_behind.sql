-- Cells of fewer than three firms are hidden, and so are cells that would lead to them; a hidden cell has no place in the order.
--
-- question 2
-- asks     哪个镇办、行业、规模的企业落后? | Which township, industry and size class is behind?
-- role     analyst
-- param    as_of  截至 | The day
-- reads    open.resumption_daily, ref.township
-- column   scope  调度范围 | industry, service or trade
-- column   dimension  维度 | township, industry or size
-- column   member  成员 | Township code, section letter or size class
-- column   name  镇办名称 | Name of the township
-- column   n_should  应复工数 | Should resume
-- column   n_resumed  已复工数 | Resumed
-- column   resumption_rate  复工率 | Rate
-- column   behind_total  与全区之差 | The rate less that of the whole scope
-- column   employment_recovery_rate  用工恢复率 | People on post over normal headcount
-- column   is_suppressed  是否隐去 | Whether values are hidden
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
