-- The setting fugong.policy_known_at applies the rules known on another day. Unset or empty: every version has its own days of
-- knowledge. A row computed for day D then uses the rules known at the end of day D, and no later decree changes it.
CREATE OR REPLACE VIEW ref.param_version AS
SELECT
    param.policy_id,
    param.param,
    param.value,
    param.value_number,
    COALESCE(param.valid_from, '-infinity'::date) AS valid_from,
    COALESCE(param.valid_to, 'infinity'::date) AS valid_to,
    CASE WHEN asked.day IS NULL THEN param.known_from ELSE '-infinity'::date END AS known_from,
    CASE WHEN asked.day IS NULL THEN COALESCE(param.known_to, 'infinity'::date) ELSE 'infinity'::date END AS known_to,
    string_to_array(NULLIF(param.size_class, ''), ';') AS size_classes,
    string_to_array(NULLIF(param.industry_exclude, ''), ';') AS industries_excluded,
    string_to_array(NULLIF(param.industry_include, ''), ';') AS industries_included
FROM ref.policy_param AS param
CROSS JOIN (SELECT NULLIF(current_setting('fugong.policy_known_at', true), '')::date AS day) AS asked
WHERE
    param.counts_from <= intake.known_at()
    AND (param.counts_to = 'infinity' OR param.counts_to > intake.known_at())
    AND (
        asked.day IS NULL
        OR (param.known_from <= asked.day AND (param.known_to IS NULL OR param.known_to > asked.day))
    );

COMMENT ON VIEW ref.param_version IS '政策参数各版本(会话设置 fugong.policy_known_at) | Versions of policy parameters, open ends filled';

CREATE OR REPLACE FUNCTION ref.plain_doc_no(doc_no text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN regexp_replace(COALESCE(doc_no, ''), '[][\s〔〕〖〗【】()()「」《》]', '', 'g');

COMMENT ON FUNCTION ref.plain_doc_no(text) IS '统一文号写法 | A document number without brackets and spaces';

CREATE OR REPLACE FUNCTION ref.is_close(left_amount numeric, right_amount numeric) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN abs(left_amount - right_amount) <= GREATEST(1, 0.005 * GREATEST(abs(left_amount), abs(right_amount)));

COMMENT ON FUNCTION ref.is_close(numeric, numeric) IS '是否相符:差额不超过 1 元或 0.5% | Whether two amounts agree: within 1 yuan or 0.5 %';

-- A line that a rule gives counts (1) from the day on which the line was reported and the rule was known, and is taken back (-1) on the day on
-- which another version of the rule became known. So a sum up to day D holds the rules known at the end of D, and no later decree changes it.
CREATE OR REPLACE FUNCTION ref.rule_steps(report_date date, known_from date, known_to date)
RETURNS TABLE (direction integer, day date)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT
        step.direction,
        step.day
    FROM (VALUES (1, GREATEST(report_date, known_from)), (-1, known_to)) AS step (direction, day)
    WHERE known_to > GREATEST(report_date, known_from) AND step.day < 'infinity'::date;
END;

COMMENT ON FUNCTION ref.rule_steps(date, date, date) IS
'一行按政策测算的数何时计入(1)、何时撤回(-1) | When a line that a rule gives counts, and when it is taken back';

-- A reading covers the days after read_from up to and including read_to; if both are the same day, that day.
CREATE OR REPLACE FUNCTION ref.within_days(quantity numeric, read_from date, read_to date, valid_from date, valid_to date)
RETURNS numeric
LANGUAGE sql IMMUTABLE
RETURN quantity * (LEAST(read_to, valid_to) - GREATEST(LEAST(read_from, read_to - 1), valid_from - 1))
/ GREATEST(read_to - read_from, 1)::numeric;

COMMENT ON FUNCTION ref.within_days(numeric, date, date, date, date) IS
'读数中落在有效期内的部分,按日分摊 | The part of a reading that falls into the days of a rule, by days';

-- Months of rent waived: in the months that began up to a first day, up to a second day, and in total. A month counts by its days within
-- the lease; a month in both lists is free. The maxima are those of a rule; null for no limit.
CREATE OR REPLACE FUNCTION ref.months_let_off(
    free_months text,
    half_months text,
    lease_from date,
    lease_to date,
    first_day date,
    second_day date,
    max_free numeric,
    max_half numeric
)
RETURNS TABLE (months_before numeric, months_up_to numeric, months_in_all numeric)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    WITH listed AS (
        SELECT
            to_date(free.name, 'YYYY-MM') AS month,
            1.0 AS share
        FROM regexp_split_to_table(NULLIF(free_months, ''), '[^0-9-]+') AS free (name)
        UNION ALL
        SELECT
            to_date(half.name, 'YYYY-MM') AS month,
            0.5 AS share
        FROM regexp_split_to_table(NULLIF(half_months, ''), '[^0-9-]+') AS half (name)
    ),

    named AS (
        SELECT
            month,
            MAX(share) AS share,
            (month + INTERVAL '1 month')::date - month AS n_days,
            LEAST((month + INTERVAL '1 month')::date - 1, lease_to) - GREATEST(month, lease_from) + 1 AS n_days_of_lease
        FROM listed
        GROUP BY month
    ),

    granted AS (
        SELECT
            month,
            share * n_days_of_lease / n_days AS months,
            row_number() OVER (PARTITION BY share ORDER BY month) AS n_of_kind,
            CASE share WHEN 1 THEN max_free ELSE max_half END AS max_of_kind
        FROM named
        WHERE n_days_of_lease > 0
    )

    SELECT
        COALESCE(SUM(months) FILTER (WHERE month <= first_day), 0) AS months_before,
        COALESCE(SUM(months) FILTER (WHERE month <= second_day), 0) AS months_up_to,
        COALESCE(SUM(months), 0) AS months_in_all
    FROM granted
    WHERE max_of_kind IS NULL OR n_of_kind <= max_of_kind;
END;

COMMENT ON FUNCTION ref.months_let_off(text, text, date, date, date, date, numeric, numeric) IS
'到两个日期止及全部减免的月租数 | Months of rent waived up to two days, and in total';

COMMENT ON COLUMN ref.param_version.policy_id IS '政策编号 | Policy; SETTING for settings of the district';
COMMENT ON COLUMN ref.param_version.param IS '参数 | Parameter';
COMMENT ON COLUMN ref.param_version.value IS '值 | Value; empty while it is open';
COMMENT ON COLUMN ref.param_version.value_number IS '数值 | The value, where it is a number';
COMMENT ON COLUMN ref.param_version.valid_from IS '有效期起 | First day on which the rule holds';
COMMENT ON COLUMN ref.param_version.valid_to IS '有效期止 | Last day on which the rule holds';
COMMENT ON COLUMN ref.param_version.known_from IS '知悉日 | First day on which the rule was known';
COMMENT ON COLUMN ref.param_version.known_to IS '失知日 | First day on which another version was known';
COMMENT ON COLUMN ref.param_version.size_classes IS '适用规模 | Size classes it is for, null for all';
COMMENT ON COLUMN ref.param_version.industries_excluded IS '排除行业 | Divisions left out';
COMMENT ON COLUMN ref.param_version.industries_included IS '适用行业 | Divisions it is for, null for all';
