-- description: |
--   People on post against people insured in the month. More than half as many again, or fewer than half, at a firm that is back at work
--   should be looked at. Insured are the persons of the firm's newest premium month among the last three (fact.insured).
--
-- check: X04
-- severity: review
-- keys: [as_of, uscc]
-- partition_by: as_of
-- max_lag_days: 92
-- reads: [fact.resumption_report, fact.insured]
-- touches: [S003, S005]
-- message: "{n_rows} 户已复工企业的到岗人数与参保人数相差过大(不在 0.5 至 1.5 倍之间) | Resumed firms in which people on post and people insured differ too much (outside 0.5 to 1.5): {n_rows}"
-- otherwise: {column: on_post, value: insured}
-- said: [name, on_post]
-- columns:
--   as_of: 截至 | The day
--   uscc: 统一社会信用代码 | Unified social credit code
--   name: 企业名称 | Name
--   on_post: 到岗人数 | People on post
--   insured: 参保人数 | Persons insured
--   insured_month: 参保月份 | Premium month
--   on_post_share: 到岗与参保之比 | On post over insured
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH firm AS MATERIALIZED (
    SELECT
        as_of,
        scope,
        uscc,
        name,
        on_post,
        part_id,
        sheet,
        row_number
    FROM fact.resumption_report
    WHERE
        is_counted
        AND is_resumed
        AND NOT is_exempt
        AND as_of = ANY(:days)
),

insured AS MATERIALIZED (
    SELECT
        as_of,
        scope,
        uscc,
        insured,
        insured_month
    FROM fact.insured
)

SELECT
    firm.as_of,
    firm.uscc,
    firm.name,
    firm.on_post,
    insured.insured,
    insured.insured_month,
    round(firm.on_post / insured.insured::numeric, 4) AS on_post_share,
    firm.part_id,
    firm.sheet,
    firm.row_number
FROM firm
INNER JOIN insured ON firm.as_of = insured.as_of AND firm.scope = insured.scope AND firm.uscc = insured.uscc
WHERE
    insured.insured > 0
    AND NOT firm.on_post BETWEEN 0.5 * insured.insured AND 1.5 * insured.insured
