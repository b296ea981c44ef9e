-- description: |
--   What if: exempt firms go back into the denominator, and those of them that work into the numerator.
--
-- number: 5
-- question: 如果把不纳入的企业也算上,复工率是多少? | If the exempt firms were counted, what would the rate be?
-- role: analyst
-- parameters:
--   as_of: {label: 截至 | The day}
-- reads: [open.resumption_daily]
-- codes: {scope: [scope]}
-- columns:
--   scope: 调度范围 | industry, service, trade or site
--   n_register: 在册数 | Members by the register
--   n_exempt: 不纳入数 | Exempt
--   n_should: 应复工数 | Should resume
--   n_resumed: 已复工数 | Resumed
--   resumption_rate: 复工率 | As published
--   n_exempt_resumed: 不纳入而已复工 | Exempt, and resumed all the same
--   rate_all: 全口径复工率 | With the exempt firms counted
--   difference: 相差(百分点) | The one less the other, percentage points
SELECT
    scope,
    n_register,
    n_exempt,
    n_should,
    n_resumed,
    resumption_rate,
    n_resumed_all - n_resumed AS n_exempt_resumed,
    rate_all,
    rate_all - resumption_rate AS difference
FROM open.resumption_daily
WHERE
    as_of = :as_of
    AND dimension = 'total'
ORDER BY scope
