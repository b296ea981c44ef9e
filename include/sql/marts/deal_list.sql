-- description: |
--   Contracts and framework agreements one by one on the last reported day, ranked within their kind by amount, then by the earliest
--   signing: the names and amounts that a text may give. Intentions are not listed.
--
-- title: 招商签约项目清单 | List of investment deals
-- writes: mart.deal_list
-- grain: one row per as_of, deal_id
-- keys: [as_of, deal_id, project_name, kind, rank_of_kind, status, signed_date]
-- partition_by: as_of
-- keep: latest
-- reads: [fact.investment_deal]
-- serves: S073N, S074, S074N, S075, S075N
-- sums:
--   amount: fact.investment_deal.amount
--   n_deals: fact.investment_deal.is_deal
-- columns:
--   as_of: 截至 | The day
--   deal_id: 签约编号 | Deal
--   project_name: 项目名称 | Name
--   kind: 协议类型 | 正式合同 contract or 框架协议 framework agreement
--   rank_of_kind: 同类中的位次 | Place within the kind; empty where it does not count
--   status: 履约状态 | How far it has come
--   signed_date: 签约日期 | Day of signing
--   amount: 总投资(元) | Total investment of a deal that counts, yuan
--   n_deals: 计入 | 1 where it counts
WITH deal AS (
    SELECT
        as_of,
        deal_id,
        project_name,
        kind,
        rank_of_kind,
        status,
        signed_date,
        amount,
        is_deal
    FROM fact.investment_deal
    WHERE as_of = ANY(:days) AND kind <> '意向'
),

deal_list AS (
    SELECT
        as_of,
        deal_id,
        project_name,
        kind,
        rank_of_kind,
        status,
        signed_date,
        amount,
        is_deal::integer AS n_deals
    FROM deal
)

SELECT
    as_of,
    deal_id,
    project_name,
    kind,
    rank_of_kind,
    status,
    signed_date,
    amount,
    n_deals
FROM deal_list
