-- description: |
--   Deals with investors by the ledger in force. Framework agreements and intentions are no contracts: never add up the kinds.
--
-- title: 招商引资 | Investment deals
-- writes: mart.investment
-- grain: one row per as_of, kind
-- keys: [as_of, kind]
-- partition_by: as_of
-- reads: [fact.investment_deal]
-- serves: S072, S073
-- sums:
--   n_deals: fact.investment_deal.is_deal
--   amount: fact.investment_deal.amount
--   n_without_amount: fact.investment_deal.is_without_amount
--   n_landed: fact.investment_deal.is_landed
--   landed_amount: fact.investment_deal.landed_amount
--   n_ended: fact.investment_deal.is_ended
-- columns:
--   as_of: 截至 | The day
--   kind: 协议类型 | 正式合同 contract, 框架协议 framework agreement, 意向 intention
--   n_deals: 项目数 | Deals signed up to the day; of intentions, listed
--   amount: 总投资(元) | Their total investment, yuan
--   n_without_amount: 未填总投资的项目数 | Of these, whose total investment is not given, and not in the amount
--   n_landed: 已落地项目数 | Of these, registered, building or producing
--   landed_amount: 已落地总投资(元) | Total investment of landed deals, yuan
--   n_ended: 已终止项目数 | Ended, not counted above
--   landed_rate: 落地率 | Landed over deals
WITH deal AS (
    SELECT
        as_of,
        kind,
        is_deal,
        amount,
        is_without_amount,
        is_landed,
        landed_amount,
        is_ended
    FROM fact.investment_deal
    WHERE as_of = ANY(:days)
),

investment AS (
    SELECT
        as_of,
        kind,
        SUM(is_deal::integer) AS n_deals,
        SUM(amount) AS amount,
        SUM(is_without_amount::integer) AS n_without_amount,
        SUM(is_landed::integer) AS n_landed,
        SUM(landed_amount) AS landed_amount,
        SUM(is_ended::integer) AS n_ended
    FROM deal
    GROUP BY as_of, kind
)

SELECT
    as_of,
    kind,
    n_deals,
    amount,
    n_without_amount,
    n_landed,
    landed_amount,
    n_ended,
    n_landed::numeric / NULLIF(n_deals, 0) AS landed_rate
FROM investment
