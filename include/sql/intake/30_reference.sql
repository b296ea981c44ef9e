-- Reference data. The rows come from include/reference/<table>.csv; recorded_at is when this warehouse took them over.
-- On a cluster these are reference tables: small, without triggers, written before anything else.
CREATE TABLE IF NOT EXISTS ref.department (
    department_code text PRIMARY KEY,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('bureau', 'utility', 'township')),
    recorded_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE ref.department IS '报送部门 | Departments that send reports';
COMMENT ON COLUMN ref.department.department_code IS '部门代码 | Department code, the name of its inbox';
COMMENT ON COLUMN ref.department.name_zh IS '名称 | Name in Chinese';
COMMENT ON COLUMN ref.department.name_en IS '英文名称 | Name in English';
COMMENT ON COLUMN ref.department.kind IS '类别 | bureau, utility or township';
COMMENT ON COLUMN ref.department.recorded_at IS '登记时间 | When this warehouse took the row over';

CREATE TABLE IF NOT EXISTS ref.township (
    township_code text PRIMARY KEY,
    department_code text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('subdistrict', 'town', 'zone')),
    aliases text,
    source text,
    version text,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE ref.township ADD COLUMN IF NOT EXISTS source text, ADD COLUMN IF NOT EXISTS version text;

COMMENT ON TABLE ref.township IS '镇办 | Townships and subdistricts';
COMMENT ON COLUMN ref.township.township_code IS '镇办代码 | Statistical division code';
COMMENT ON COLUMN ref.township.department_code IS '报送部门代码 | Code under which the township sends reports';
COMMENT ON COLUMN ref.township.name_zh IS '名称 | Name in Chinese';
COMMENT ON COLUMN ref.township.name_en IS '英文名称 | Name in English';
COMMENT ON COLUMN ref.township.kind IS '类别 | subdistrict, town or zone';
COMMENT ON COLUMN ref.township.aliases IS '别名 | Other names, separated by semicolons';
COMMENT ON COLUMN ref.township.source IS '来源 | Where the codes come from';
COMMENT ON COLUMN ref.township.version IS '版本 | Edition of the codes';
COMMENT ON COLUMN ref.township.recorded_at IS '登记时间 | When this warehouse took the row over';

CREATE TABLE IF NOT EXISTS ref.industry (
    industry_code text PRIMARY KEY,
    level text NOT NULL CHECK (level IN ('section', 'division')),
    section_code text NOT NULL,
    name_zh text NOT NULL,
    is_high_energy boolean NOT NULL DEFAULT false,
    high_energy_version text,
    standard text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE ref.industry IS '国民经济行业分类:门类和大类 | Industries: sections and divisions';
COMMENT ON COLUMN ref.industry.industry_code IS '代码 | Letter of the section or two digits of the division';
COMMENT ON COLUMN ref.industry.level IS '层级 | section or division';
COMMENT ON COLUMN ref.industry.section_code IS '所属门类 | Section letter';
COMMENT ON COLUMN ref.industry.name_zh IS '名称 | Name in Chinese';
COMMENT ON COLUMN ref.industry.is_high_energy IS '高耗能行业 | Whether it counts as using much energy';
COMMENT ON COLUMN ref.industry.high_energy_version IS '高耗能口径版本 | Which list of such industries says so';
COMMENT ON COLUMN ref.industry.standard IS '分类标准 | Edition of the classification';
COMMENT ON COLUMN ref.industry.recorded_at IS '登记时间 | When this warehouse took the row over';

CREATE TABLE IF NOT EXISTS ref.size_class_rule (
    industry text NOT NULL,
    size_class text NOT NULL CHECK (size_class IN ('L', 'M', 'S')),
    min_staff integer,
    min_revenue numeric,
    min_assets numeric,
    source text NOT NULL,
    version text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (industry, size_class, version)
);

COMMENT ON TABLE ref.size_class_rule IS
'大中小微企业划型标准:各项下限须同时达到,否则下调一档 | Size classes: all lower bounds given must be met, else one class down';
COMMENT ON COLUMN ref.size_class_rule.industry IS '行业 | Industry, as the standard names it';
COMMENT ON COLUMN ref.size_class_rule.size_class IS '规模 | L, M or S';
COMMENT ON COLUMN ref.size_class_rule.min_staff IS '从业人员下限 | Lower bound of staff; empty where it does not count';
COMMENT ON COLUMN ref.size_class_rule.min_revenue IS '营业收入下限(元) | Lower bound of revenue, yuan';
COMMENT ON COLUMN ref.size_class_rule.min_assets IS '资产总额下限(元) | Lower bound of assets, yuan';
COMMENT ON COLUMN ref.size_class_rule.source IS '来源 | Document, and how sure';
COMMENT ON COLUMN ref.size_class_rule.version IS '版本 | Criteria behind it';
COMMENT ON COLUMN ref.size_class_rule.recorded_at IS '登记时间 | When this warehouse took the row over';

CREATE TABLE IF NOT EXISTS ref.calendar (
    date date PRIMARY KEY,
    is_workday boolean NOT NULL,
    name text,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE ref.calendar IS '日历(含调休) | Working days, with the moved ones';
COMMENT ON COLUMN ref.calendar.date IS '日期 | Day';
COMMENT ON COLUMN ref.calendar.is_workday IS '是否工作日 | Whether it is a working day';
COMMENT ON COLUMN ref.calendar.name IS '名称 | Holiday, or 调休 for a moved working day';
COMMENT ON COLUMN ref.calendar.recorded_at IS '登记时间 | When this warehouse took the row over';

CREATE TABLE IF NOT EXISTS ref.code_list (
    list text NOT NULL,
    code text NOT NULL,
    name_zh text NOT NULL,
    name_en text,
    aliases text,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (list, code)
);

COMMENT ON TABLE ref.code_list IS '代码表 | Code lists of the contracts';
COMMENT ON COLUMN ref.code_list.list IS '代码表名 | Name of the list';
COMMENT ON COLUMN ref.code_list.code IS '代码 | Code as stored';
COMMENT ON COLUMN ref.code_list.name_zh IS '名称 | Name in Chinese';
COMMENT ON COLUMN ref.code_list.name_en IS '英文名称 | Name in English';
COMMENT ON COLUMN ref.code_list.aliases IS '别名 | Other accepted spellings, separated by semicolons';
COMMENT ON COLUMN ref.code_list.recorded_at IS '登记时间 | When this warehouse took the row over';

CREATE TABLE IF NOT EXISTS ref.policy (
    policy_id text PRIMARY KEY,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    benefit_class text NOT NULL CHECK (benefit_class IN ('A', 'B', 'C', 'D')),
    base_unit text NOT NULL,
    is_computable boolean NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE ref.policy IS '政策 | Policies; amounts of different benefit classes are never added';
COMMENT ON COLUMN ref.policy.policy_id IS '政策编号 | Policy';
COMMENT ON COLUMN ref.policy.name_zh IS '名称 | Name in Chinese';
COMMENT ON COLUMN ref.policy.name_en IS '英文名称 | Name in English';
COMMENT ON COLUMN ref.policy.benefit_class IS '受益类别 | A cost avoided, B cash received, C due later, D credit';
COMMENT ON COLUMN ref.policy.base_unit IS '基数单位 | What base_qty counts';
COMMENT ON COLUMN ref.policy.is_computable IS '可测算 | Whether the reports hold what a computation needs';
COMMENT ON COLUMN ref.policy.recorded_at IS '登记时间 | When this warehouse took the row over';

CREATE TABLE IF NOT EXISTS ref.policy_param (
    policy_id text NOT NULL,
    clause text,
    doc_no text,
    param text NOT NULL,
    value text,
    unit text NOT NULL,
    valid_from date,
    valid_to date,
    known_from date NOT NULL,
    known_to date,
    region text,
    size_class text,
    industry_include text,
    industry_exclude text,
    stack_group text,
    eligibility text,
    source_mark text,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    value_number numeric GENERATED ALWAYS AS (CASE WHEN value ~ '^-?[0-9]+([.][0-9]+)?$' THEN value::numeric END) STORED,
    CHECK (valid_to >= valid_from),
    CHECK (known_to > known_from)
);

ALTER TABLE ref.policy_param ADD COLUMN IF NOT EXISTS eligibility text;

-- A row that is taken over later counts for moments of knowledge from then on, one that is gone up to then: what was told before is
-- told again as it was. What came with the warehouse itself counts always.
ALTER TABLE ref.policy_param
ADD COLUMN IF NOT EXISTS counts_from timestamptz NOT NULL DEFAULT '-infinity',
ADD COLUMN IF NOT EXISTS counts_to timestamptz NOT NULL DEFAULT 'infinity';

DROP INDEX IF EXISTS ref.policy_param_version;
CREATE UNIQUE INDEX IF NOT EXISTS policy_param_in_force
ON ref.policy_param (policy_id, param, size_class, valid_from, known_from) NULLS NOT DISTINCT WHERE counts_to = 'infinity';

COMMENT ON TABLE ref.policy_param IS '政策参数和口径设置(有效期 × 知悉期) | Policy parameters and settings: when they hold × when they were known';
COMMENT ON COLUMN ref.policy_param.policy_id IS '政策编号 | Policy; SETTING for settings of the district';
COMMENT ON COLUMN ref.policy_param.clause IS '条款 | What the parameter says, in words';
COMMENT ON COLUMN ref.policy_param.doc_no IS '文号 | Document number';
COMMENT ON COLUMN ref.policy_param.param IS '参数 | Parameter';
COMMENT ON COLUMN ref.policy_param.value IS '值 | Value; empty while it is open';
COMMENT ON COLUMN ref.policy_param.unit IS '单位 | Unit; date and boolean for values that are none';
COMMENT ON COLUMN ref.policy_param.valid_from IS '有效期起 | First day on which the rule holds';
COMMENT ON COLUMN ref.policy_param.valid_to IS '有效期止 | Last day on which the rule holds; empty for no end';
COMMENT ON COLUMN ref.policy_param.known_from IS '知悉日 | First day on which the district knew the rule';
COMMENT ON COLUMN ref.policy_param.known_to IS '失知日 | First day on which another version was known; empty for none';
COMMENT ON COLUMN ref.policy_param.region IS '适用地区 | Division code';
COMMENT ON COLUMN ref.policy_param.size_class IS '适用规模 | Size classes, separated by semicolons; empty for all';
COMMENT ON COLUMN ref.policy_param.industry_include IS '适用行业 | Divisions, separated by semicolons; empty for all';
COMMENT ON COLUMN ref.policy_param.industry_exclude IS '排除行业 | Divisions left out, separated by semicolons';
COMMENT ON COLUMN ref.policy_param.stack_group IS '互斥组 | Rules of one group do not stack';
COMMENT ON COLUMN ref.policy_param.eligibility IS '适用对象 | Whom it is for, in words';
COMMENT ON COLUMN ref.policy_param.source_mark IS '依据 | published, recalled, assumed or open, and what is doubtful';
COMMENT ON COLUMN ref.policy_param.recorded_at IS '登记时间 | When this warehouse took the row over';
COMMENT ON COLUMN ref.policy_param.counts_from IS
'计入起 | Moment of knowledge from which the row counts; -infinity if it came with the warehouse';
COMMENT ON COLUMN ref.policy_param.counts_to IS
'计入止 | Moment of knowledge up to which it counts; infinity while it is in the file';
COMMENT ON COLUMN ref.policy_param.value_number IS '数值 | The value, where it is a number';

CREATE TABLE IF NOT EXISTS ref.levy_policy (
    relief_code text,
    doc_no text,
    policy_id text NOT NULL,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (relief_code, doc_no),
    CHECK (num_nonnulls(relief_code, doc_no) = 1)
);

COMMENT ON TABLE ref.levy_policy IS '减免性质代码、文号对应的政策 | From relief code, else document number, to policy';
COMMENT ON COLUMN ref.levy_policy.relief_code IS '减免性质代码 | Relief code; empty when the row maps a document number';
COMMENT ON COLUMN ref.levy_policy.doc_no IS '文号 | Document number without spaces and brackets, see ref.plain_doc_no';
COMMENT ON COLUMN ref.levy_policy.policy_id IS '政策编号 | Policy';
COMMENT ON COLUMN ref.levy_policy.note IS '说明 | Where the mapping comes from';
COMMENT ON COLUMN ref.levy_policy.recorded_at IS '登记时间 | When this warehouse took the row over';

-- Filled from the contracts, not from a CSV.
CREATE TABLE IF NOT EXISTS ref.report_due (
    report text NOT NULL,
    report_name text NOT NULL,
    department_code text NOT NULL,
    sender_rank integer NOT NULL,
    cadence text NOT NULL,
    due_days integer NOT NULL,
    due_time text NOT NULL,
    due_weekday integer,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (report, department_code)
);

COMMENT ON TABLE ref.report_due IS '谁报什么、何时报(来自数据契约) | Who sends what by when, from the contracts';
COMMENT ON COLUMN ref.report_due.report IS '报表 | Contract';
COMMENT ON COLUMN ref.report_due.report_name IS '报表名称 | Name of the report in Chinese';
COMMENT ON COLUMN ref.report_due.department_code IS '报送部门 | Department that sends it';
COMMENT ON COLUMN ref.report_due.sender_rank IS '优先次序 | 1 counts first where two senders list the same entity';
COMMENT ON COLUMN ref.report_due.cadence IS '频次 | daily, workday, weekly, monthly or on_change';
COMMENT ON COLUMN ref.report_due.due_days IS '报送期限(天) | Days after the report date';
COMMENT ON COLUMN ref.report_due.due_time IS '报送时刻 | Time of day, Asia/Shanghai';
COMMENT ON COLUMN ref.report_due.due_weekday IS '报送星期 | 1 = Monday, for weekly reports';
COMMENT ON COLUMN ref.report_due.recorded_at IS '登记时间 | When this warehouse took the row over';

-- The setting fugong.policy_known_at asks "by the rules of another day". Unset or empty: every version with its own days of
-- knowledge, so that a row computed for day D meets the rules known at the end of day D and no later decree changes it.
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
    string_to_array(NULLIF(param.industry_exclude, ''), ';') AS industries_excluded
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

-- A reading speaks for the days after read_from up to and including read_to; one of no days stands for the day itself.
CREATE OR REPLACE FUNCTION ref.within_days(quantity numeric, read_from date, read_to date, valid_from date, valid_to date)
RETURNS numeric
LANGUAGE sql IMMUTABLE
RETURN quantity * (LEAST(read_to, valid_to) - GREATEST(LEAST(read_from, read_to - 1), valid_from - 1))
/ GREATEST(read_to - read_from, 1)::numeric;

COMMENT ON FUNCTION ref.within_days(numeric, date, date, date, date) IS
'读数中落在有效期内的部分,按日分摊 | The part of a reading that falls into the days of a rule, by days';

-- Months of rent let off, in the months that began up to a first day, up to a second, and in all. A month counts by its days within the
-- lease; one in both lists is free. The maxima are a rule's; null for no limit.
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
'到两个日期止及全部减免的月租数 | Months of rent let off up to two days, and in all';

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
