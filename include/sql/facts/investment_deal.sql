-- description: |
--   Deals with investors: the ledger in force on each day. Contracts and framework agreements count from the day of signing, intentions as
--   listed. Deals that were ended do not count. An amount given for several deals together counts once, where it stands.
--
-- writes: fact.investment_deal
-- grain: one row per as_of and line of the ledger in force
-- reads: [report.investment_deal]
-- columns:
--   as_of: 截至 | The day
--   deal_id: 签约编号 | Deal
--   project_name: 项目名称 | Name
--   kind: 协议类型 | 正式合同 contract, 框架协议 framework agreement, 意向 intention
--   township_code: 拟落地镇办 | Township where it is to be
--   signed_date: 签约日期 | Day of signing
--   status: 履约状态 | 签约 注册 开工 投产 终止 洽谈
--   project_code: 对应项目代码 | Key project that it has become
--   total_investment: 总投资(元) | Total investment as reported, yuan
--   is_group_amount: 多项合计 | The amount is the sum of several deals
--   is_deal: 计入 | Counts
--   amount: 计入金额(元) | Total investment of deals that count, yuan; empty where not given
--   is_without_amount: 未填总投资 | Counts, and its total investment is not given
--   is_landed: 已落地 | Counts, and the company is registered, building or producing
--   landed_amount: 已落地金额(元) | Total investment of landed deals, yuan; empty where not given
--   is_ended: 已终止 | Ended
--   rank_of_kind: "同类中的位次 | Among deals of the kind that count: by amount, then the earliest; empty where it does not count"
--   part_id: 部分 | Part
--   sheet: 工作表 | Sheet
--   row_number: 行号 | Line
WITH part AS MATERIALIZED (
    SELECT
        as_of,
        part_id
    FROM asof.part_in_force
    WHERE table_name = 'investment_deal'
),

deal AS (
    SELECT
        part.as_of,
        line.*,
        (
            line.status <> '终止'
            AND (line.kind = '意向' OR COALESCE(line.signed_date <= part.as_of, false))
        ) AS is_deal
    FROM report.investment_deal AS line
    INNER JOIN part ON line.part_id = part.part_id
    WHERE line.part_id = ANY(ARRAY(SELECT part.part_id FROM part))
)

SELECT
    deal.as_of,
    deal.deal_id,
    deal.project_name,
    deal.kind,
    deal.township_code,
    deal.signed_date,
    deal.status,
    deal.project_code,
    deal.total_investment,
    COALESCE(deal.amount_scope = 'GROUP', false) AS is_group_amount,
    deal.is_deal,
    CASE WHEN deal.is_deal THEN deal.total_investment ELSE 0 END AS amount,
    (deal.is_deal AND deal.total_investment IS NULL) AS is_without_amount,
    (deal.is_deal AND deal.status IN ('注册', '开工', '投产')) AS is_landed,
    CASE WHEN deal.is_deal AND deal.status IN ('注册', '开工', '投产') THEN deal.total_investment ELSE 0 END AS landed_amount,
    (deal.status = '终止') AS is_ended,
    CASE
        WHEN deal.is_deal THEN row_number() OVER (
            PARTITION BY deal.as_of, deal.kind, deal.is_deal
            ORDER BY deal.total_investment DESC NULLS LAST, deal.signed_date ASC NULLS LAST, deal.deal_id ASC
        )
    END AS rank_of_kind,
    deal.part_id,
    deal.sheet,
    deal.row_number
FROM deal
