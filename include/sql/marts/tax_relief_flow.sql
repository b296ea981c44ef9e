-- description: |
--   Tax and fee relief as claimed, by the day of posting. Social insurance is kept apart: a setting (scope_include_social) decides whether
--   it belongs to the published total, and another bureau reports it, too.
--
-- title: 减免退税费逐日 | Tax and fee relief day by day
-- writes: mart.tax_relief_flow
-- grain: one row per business_date, report_date, levy_item, is_social, relief_kind, policy_vintage
-- keys: [business_date, report_date, levy_item, is_social, relief_kind, policy_vintage]
-- partition_by: business_date
-- reads: [fact.tax_relief]
-- serves: S041
-- sums:
--   relief: fact.tax_relief.relief
--   reduced: fact.tax_relief.reduced
--   refunded: fact.tax_relief.refunded
--   deferred: fact.tax_relief.deferred
--   n_documents: fact.tax_relief.is_line
-- columns:
--   business_date: 业务日 | Day the document was posted
--   report_date: 统计日 | Report date of the part
--   levy_item: 征收项目 | Tax or fee
--   is_social: 社会保险费 | One of the four social insurances
--   relief_kind: 优惠类型 | REDUCE, EXEMPT, REFUND or DEFER
--   policy_vintage: 政策年度 | New in 2020 or continued from 2019
--   relief: 减免退税费(元) | Reduced and refunded, yuan
--   reduced: 减免额(元) | Not charged, yuan
--   refunded: 退税费额(元) | Paid back, yuan
--   deferred: 缓缴额(元) | Due later, yuan
--   n_documents: 笔数 | Documents, without reversals
--   n_enterprises: 企业数 | Taxpayers in this cell; not to be added up
WITH tax_relief AS (
    SELECT
        business_date,
        report_date,
        levy_item,
        is_social,
        relief_kind,
        policy_vintage,
        uscc,
        relief,
        reduced,
        refunded,
        deferred,
        is_line
    FROM fact.tax_relief
    WHERE business_date = ANY(:days)
),

tax_relief_flow AS (
    SELECT
        business_date,
        report_date,
        levy_item,
        is_social,
        relief_kind,
        policy_vintage,
        SUM(relief) AS relief,
        SUM(reduced) AS reduced,
        SUM(refunded) AS refunded,
        SUM(deferred) AS deferred,
        SUM(is_line) AS n_documents,
        COUNT(DISTINCT uscc) AS n_enterprises
    FROM tax_relief
    GROUP BY business_date, report_date, levy_item, is_social, relief_kind, policy_vintage
)

SELECT
    business_date,
    report_date,
    levy_item,
    is_social,
    relief_kind,
    policy_vintage,
    relief,
    reduced,
    refunded,
    deferred,
    n_documents,
    n_enterprises
FROM tax_relief_flow
