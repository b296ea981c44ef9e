-- description: |
--   Labour: vacancies published online and what came of them, and stabilisation refunds, by the ledgers in force. Posts and people differ:
--   rates of people divide by people wanted.
--
-- title: 招聘用工 | Recruitment
-- writes: mart.employment_daily
-- grain: one row per as_of
-- keys: [as_of]
-- partition_by: as_of
-- reads: [fact.recruitment_issue, fact.recruitment_post, fact.stabilisation_refund]
-- serves: S029, S030, S031, S032
-- sums:
--   n_activities: fact.recruitment_issue.is_first_issue_of_activity
--   n_issues: fact.recruitment_issue.is_issue
--   n_employers: fact.recruitment_post.is_first_line_of_employer
--   posts: fact.recruitment_post.posts
--   vacancies: fact.recruitment_post.vacancies
--   n_without_vacancies: fact.recruitment_post.is_without_vacancies
--   intents: fact.recruitment_post.intents
--   n_without_intents: fact.recruitment_post.is_without_intents
--   signed: fact.recruitment_post.signed
--   n_without_signed: fact.recruitment_post.is_without_signed
--   started: fact.recruitment_post.started
--   n_without_started: fact.recruitment_post.is_without_started
--   n_refund_enterprises: fact.stabilisation_refund.is_first_paid_line_of_firm
--   refund_paid: fact.stabilisation_refund.paid
--   staff_covered: fact.stabilisation_refund.staff_covered
-- suppression:
--   firms: n_employers
--   values:
--     - {firms: n_employers, largest: largest_posts, columns: [posts, vacancies, intent_rate]}
--     - {firms: n_with_intents, largest: largest_intents, columns: [intents, signed, started, intent_rate, signing_rate, starting_rate]}
--     - {firms: n_refund_enterprises, largest: largest_refund, columns: [refund_paid, staff_covered]}
-- hidden: [refund_paid]
-- rounded: [posts, vacancies, intents, signed, started, staff_covered]
-- rates:
--   intent_rate: intents / vacancies
--   signing_rate: signed / intents
--   starting_rate: started / signed
-- relations:
--   - {holds: started <= signed}
--   - {holds: signed <= intents}
-- columns:
--   as_of: 截至 | The day
--   n_activities: 招聘活动数 | Activities with an issue by the day
--   n_issues: 岗位信息期数 | Issues published by the day
--   n_employers: 招聘企业数 | Employers with vacancies; each counts once
--   posts: 发布岗位数 | Posts published
--   vacancies: 需求人数 | People wanted
--   n_without_vacancies: 未填需求人数的行数 | Lines that do not give them
--   intents: 意向人数 | People who agreed in principle
--   n_without_intents: 未填意向人数的行数 | Lines that do not give them; of these only who signed is in it
--   signed: 签约人数 | People who signed
--   n_without_signed: 未填签约人数的行数 | Lines that do not give them; of these only who started is in it
--   started: 到岗人数 | People who have started
--   n_without_started: 未填到岗人数的行数 | Lines that do not give them, and not in started
--   n_with_intents: 有意向企业数 | Employers with whom people agreed
--   largest_posts: 最大一家岗位数 | Posts of the employer with most
--   largest_intents: 最大一家意向人数 | People who agreed, of the employer with most
--   intent_rate: 意向率 | Agreed over wanted; like the other rates, of what lines give
--   signing_rate: 签约率 | Signed over agreed
--   starting_rate: 到岗率 | Started over signed
--   n_refund_enterprises: 稳岗返还企业数 | Firms paid a stabilisation refund
--   refund_paid: 稳岗返还金额(元) | Refunds paid up to the day, yuan
--   largest_refund: 最大一家返还金额(元) | Largest refund of one firm, yuan
--   staff_covered: 稳岗返还惠及职工数 | Insured staff of the firms paid, at the end of last year

-- Firm by firm, to find the largest.
WITH told AS MATERIALIZED (
    SELECT
        asked.day AS as_of,
        COUNT(*) FILTER (WHERE part.table_name = 'recruitment_issue') > 0 AS has_issues,
        COUNT(*) FILTER (WHERE part.table_name = 'recruitment_post') > 0 AS has_posts,
        COUNT(*) FILTER (WHERE part.table_name = 'stabilisation_refund') > 0 AS has_refunds
    FROM unnest(:days) AS asked (day)
    LEFT JOIN asof.part_in_force AS part
        ON asked.day = part.as_of AND part.table_name IN ('recruitment_issue', 'recruitment_post', 'stabilisation_refund')
    GROUP BY asked.day
),

line AS (
    SELECT
        as_of,
        SUM(is_first_issue_of_activity::integer) AS activities,
        SUM(is_issue::integer) AS issues,
        0 AS employers,
        0 AS with_intents,
        0 AS posts,
        0 AS largest_posts,
        NULL::bigint AS vacancies,
        0 AS without_vacancies,
        NULL::bigint AS intents,
        0 AS without_intents,
        0 AS largest_intents,
        NULL::bigint AS signed,
        0 AS without_signed,
        NULL::bigint AS started,
        0 AS without_started,
        0 AS refund_enterprises,
        0::numeric AS refund_paid,
        0::numeric AS largest_refund,
        0 AS staff_covered
    FROM fact.recruitment_issue
    WHERE as_of = ANY(:days)
    GROUP BY as_of
    UNION ALL
    SELECT
        as_of,
        0 AS activities,
        0 AS issues,
        SUM(is_first_line_of_employer::integer) AS employers,
        COALESCE(SUM(intents) > 0, false)::integer AS with_intents,
        SUM(posts) AS posts,
        SUM(posts) AS largest_posts,
        SUM(vacancies) AS vacancies,
        SUM(is_without_vacancies::integer) AS without_vacancies,
        SUM(intents) AS intents,
        SUM(is_without_intents::integer) AS without_intents,
        SUM(intents) AS largest_intents,
        SUM(signed) AS signed,
        SUM(is_without_signed::integer) AS without_signed,
        SUM(started) AS started,
        SUM(is_without_started::integer) AS without_started,
        0 AS refund_enterprises,
        0::numeric AS refund_paid,
        0::numeric AS largest_refund,
        0 AS staff_covered
    FROM fact.recruitment_post
    WHERE as_of = ANY(:days)
    GROUP BY as_of, uscc
    UNION ALL
    SELECT
        as_of,
        0 AS activities,
        0 AS issues,
        0 AS employers,
        0 AS with_intents,
        0 AS posts,
        0 AS largest_posts,
        NULL::bigint AS vacancies,
        0 AS without_vacancies,
        NULL::bigint AS intents,
        0 AS without_intents,
        0 AS largest_intents,
        NULL::bigint AS signed,
        0 AS without_signed,
        NULL::bigint AS started,
        0 AS without_started,
        SUM(is_first_paid_line_of_firm::integer) AS refund_enterprises,
        SUM(paid) AS refund_paid,
        SUM(paid) AS largest_refund,
        SUM(staff_covered) AS staff_covered
    FROM fact.stabilisation_refund
    WHERE as_of = ANY(:days)
    GROUP BY as_of, uscc
),

summed AS (
    SELECT
        as_of,
        SUM(activities) AS n_activities,
        SUM(issues) AS n_issues,
        SUM(employers) AS n_employers,
        SUM(with_intents) AS n_with_intents,
        SUM(posts) AS posts,
        MAX(largest_posts) AS largest_posts,
        SUM(vacancies) AS vacancies,
        SUM(without_vacancies) AS n_without_vacancies,
        SUM(intents) AS intents,
        SUM(without_intents) AS n_without_intents,
        MAX(largest_intents) AS largest_intents,
        SUM(signed) AS signed,
        SUM(without_signed) AS n_without_signed,
        SUM(started) AS started,
        SUM(without_started) AS n_without_started,
        SUM(refund_enterprises) AS n_refund_enterprises,
        SUM(refund_paid) AS refund_paid,
        MAX(largest_refund) AS largest_refund,
        SUM(staff_covered) AS staff_covered
    FROM line
    GROUP BY as_of
),

known AS (
    SELECT
        summed.as_of,
        CASE WHEN told.has_issues THEN summed.n_activities END AS n_activities,
        CASE WHEN told.has_issues THEN summed.n_issues END AS n_issues,
        CASE WHEN told.has_posts THEN summed.n_employers END AS n_employers,
        CASE WHEN told.has_posts THEN summed.n_with_intents END AS n_with_intents,
        CASE WHEN told.has_posts THEN summed.posts END AS posts,
        CASE WHEN told.has_posts THEN summed.largest_posts END AS largest_posts,
        CASE
            WHEN told.has_posts AND (summed.vacancies IS NOT NULL OR summed.n_without_vacancies = 0) THEN COALESCE(summed.vacancies, 0)
        END AS vacancies,
        CASE WHEN told.has_posts THEN summed.n_without_vacancies END AS n_without_vacancies,
        CASE
            WHEN told.has_posts AND (summed.intents IS NOT NULL OR summed.n_without_intents = 0) THEN COALESCE(summed.intents, 0)
        END AS intents,
        CASE WHEN told.has_posts THEN summed.n_without_intents END AS n_without_intents,
        CASE WHEN told.has_posts THEN summed.largest_intents END AS largest_intents,
        CASE
            WHEN told.has_posts AND (summed.signed IS NOT NULL OR summed.n_without_signed = 0) THEN COALESCE(summed.signed, 0)
        END AS signed,
        CASE WHEN told.has_posts THEN summed.n_without_signed END AS n_without_signed,
        CASE
            WHEN told.has_posts AND (summed.started IS NOT NULL OR summed.n_without_started = 0) THEN COALESCE(summed.started, 0)
        END AS started,
        CASE WHEN told.has_posts THEN summed.n_without_started END AS n_without_started,
        CASE WHEN told.has_refunds THEN summed.n_refund_enterprises END AS n_refund_enterprises,
        CASE WHEN told.has_refunds THEN summed.refund_paid END AS refund_paid,
        CASE WHEN told.has_refunds THEN summed.largest_refund END AS largest_refund,
        CASE WHEN told.has_refunds THEN summed.staff_covered END AS staff_covered
    FROM summed
    INNER JOIN told ON summed.as_of = told.as_of
),

employment_daily AS (
    SELECT
        as_of,
        n_activities,
        n_issues,
        n_employers,
        n_with_intents,
        posts,
        largest_posts,
        vacancies,
        n_without_vacancies,
        intents,
        n_without_intents,
        largest_intents,
        signed,
        n_without_signed,
        started,
        n_without_started,
        intents / NULLIF(vacancies, 0)::numeric AS intent_rate,
        signed / NULLIF(intents, 0)::numeric AS signing_rate,
        started / NULLIF(signed, 0)::numeric AS starting_rate,
        n_refund_enterprises,
        refund_paid,
        largest_refund,
        staff_covered
    FROM known
)

SELECT
    as_of,
    n_activities,
    n_issues,
    n_employers,
    n_with_intents,
    posts,
    largest_posts,
    vacancies,
    n_without_vacancies,
    intents,
    n_without_intents,
    largest_intents,
    signed,
    n_without_signed,
    started,
    n_without_started,
    intent_rate,
    signing_rate,
    starting_rate,
    n_refund_enterprises,
    refund_paid,
    largest_refund,
    staff_covered
FROM employment_daily
