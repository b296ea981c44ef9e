-- The tables of intake, audit and ref, and mart.check_row, as the release before the first migration made them. Frozen: a change is a
-- new revision. Views and functions (warehouse/sql/views) and comments (warehouse/sql/comments) are brought up to date by every init.

-- intake: one row per file received, per part, per finding, per row set aside. Only raw cells past their retention are deleted.
CREATE TABLE intake.submission (
    submission_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    arrival_id text NOT NULL UNIQUE,
    department_code text NOT NULL,
    report text,
    report_date date,
    file_name text NOT NULL,
    sha256 text NOT NULL,
    byte_size bigint NOT NULL,
    state text NOT NULL DEFAULT 'received' CHECK (
        state IN ('received', 'accepted', 'partly_accepted', 'rejected', 'duplicate', 'superseded', 'withdrawn')
    ),
    contract_version text,
    received_at timestamptz NOT NULL,
    settled_at timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    replied_at timestamptz,
    due_at timestamptz,
    is_history boolean NOT NULL DEFAULT false,
    repairs bigint REFERENCES intake.submission (submission_id),
    receipt jsonb,
    tables jsonb,
    rows_read bigint NOT NULL DEFAULT 0,
    rows_accepted bigint NOT NULL DEFAULT 0,
    rows_set_aside bigint NOT NULL DEFAULT 0,
    rows_not_data bigint NOT NULL DEFAULT 0,
    replays bigint REFERENCES intake.submission (submission_id),
    CHECK (rows_read = rows_accepted + rows_set_aside + rows_not_data),
    CHECK ((state = 'received') = (settled_at IS NULL))
);

CREATE INDEX submission_open ON intake.submission (department_code, submission_id)
WHERE state = 'received' OR replied_at IS NULL;

CREATE INDEX submission_sha256 ON intake.submission (sha256);

CREATE INDEX submission_report_date ON intake.submission (report_date);

CREATE INDEX submission_repairs ON intake.submission (repairs) WHERE repairs IS NOT NULL;

CREATE INDEX submission_report ON intake.submission (report, report_date, department_code);

CREATE UNIQUE INDEX submission_replays ON intake.submission (replays) WHERE replays IS NOT NULL;

-- Every unit that ever sent a part for a table. Units are few, parts are many: the part in force on a day is found unit by unit.
CREATE TABLE intake.speaker (
    table_name text NOT NULL,
    unit text NOT NULL,
    PRIMARY KEY (table_name, unit)
);

CREATE TABLE intake.part (
    part_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submission_id bigint NOT NULL REFERENCES intake.submission (submission_id),
    department_code text NOT NULL,
    table_name text NOT NULL,
    sheet text NOT NULL DEFAULT '',
    unit text NOT NULL,
    report_date date NOT NULL,
    mode text NOT NULL CHECK (mode IN ('snapshot', 'ledger', 'increment')),
    kind text NOT NULL DEFAULT 'data' CHECK (kind IN ('data', 'withdrawal', 'repair')),
    version integer NOT NULL DEFAULT 1,
    is_replacement boolean NOT NULL DEFAULT false,
    business_from date,
    business_to date,
    settled_serial bigint NOT NULL,
    received_at timestamptz NOT NULL,
    settled_at timestamptz NOT NULL,
    superseded_at timestamptz,
    superseded_by bigint REFERENCES intake.part (part_id),
    repairs_part bigint REFERENCES intake.part (part_id),
    rows_read bigint NOT NULL DEFAULT 0,
    rows_accepted bigint NOT NULL DEFAULT 0,
    rows_set_aside bigint NOT NULL DEFAULT 0,
    rows_not_data bigint NOT NULL DEFAULT 0,
    present text[] NOT NULL DEFAULT '{}',
    CHECK (rows_read = rows_accepted + rows_set_aside + rows_not_data),
    FOREIGN KEY (table_name, unit) REFERENCES intake.speaker (table_name, unit)
);

CREATE INDEX part_key ON intake.part (table_name, unit, report_date);

CREATE INDEX part_business_day ON intake.part (table_name, business_to, business_from);

CREATE INDEX part_repairs ON intake.part (repairs_part) WHERE repairs_part IS NOT NULL;

CREATE INDEX part_submission ON intake.part (submission_id);

CREATE INDEX part_report_date ON intake.part (report_date);

CREATE INDEX part_settled_at ON intake.part (settled_at);

CREATE TABLE intake.finding (
    finding_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submission_id bigint NOT NULL REFERENCES intake.submission (submission_id),
    sheet text NOT NULL DEFAULT '',
    row_number bigint,
    cell text,
    column_name text,
    code text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('rejected', 'set_aside', 'warning', 'repaired')),
    value text,
    message_zh text NOT NULL,
    message_en text NOT NULL,
    n_same bigint NOT NULL DEFAULT 1
);

CREATE INDEX finding_submission ON intake.finding (submission_id);

CREATE INDEX finding_personal ON intake.finding (submission_id) WHERE code = 'personal-data';

CREATE TABLE intake.set_aside_row (
    submission_id bigint NOT NULL REFERENCES intake.submission (submission_id),
    table_name text NOT NULL,
    sheet text NOT NULL DEFAULT '',
    row_number bigint NOT NULL,
    cells jsonb,
    reasons jsonb NOT NULL DEFAULT '[]'::jsonb,
    repaired_by bigint REFERENCES intake.submission (submission_id),
    PRIMARY KEY (submission_id, sheet, row_number)
);

-- The clock of loads. One row; every load takes the next serial under its row lock, so that the order of serials is the order of
-- commits.
CREATE TABLE intake.settle_clock (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    settled_serial bigint NOT NULL DEFAULT 0,
    settled_at timestamptz NOT NULL DEFAULT '-infinity'
);

INSERT INTO intake.settle_clock (is_only) VALUES (true);

-- Days whose marts are stale, by report table. A build deletes only rows whose serial is not newer than the one it read.
CREATE TABLE intake.stale_day (
    table_name text NOT NULL,
    day date NOT NULL,
    settled_serial bigint NOT NULL,
    PRIMARY KEY (table_name, day)
);

-- What rules in shadow found.
CREATE TABLE intake.shadow_finding (
    submission_id bigint NOT NULL REFERENCES intake.submission (submission_id),
    table_name text NOT NULL,
    column_name text NOT NULL,
    code text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('rejected', 'set_aside', 'warning')),
    n bigint NOT NULL,
    n_alone bigint NOT NULL,
    examples jsonb NOT NULL DEFAULT '[]'::jsonb,
    fault text,
    PRIMARY KEY (submission_id, table_name, column_name, code)
);

CREATE INDEX finding_drift ON intake.finding (code, value)
WHERE code IN ('extra-column', 'missing-column', 'unknown-code', 'unreadable-optional');

-- audit: what was made, and by which version. Never rewritten by hand.
CREATE TABLE audit.reference_version (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    loaded_at timestamptz NOT NULL
);

CREATE TABLE audit.mart_version (
    mart text PRIMARY KEY,
    hash text NOT NULL,
    made_at timestamptz NOT NULL,
    built_serial bigint,
    built_at timestamptz
);

CREATE TABLE audit.mart_day (
    mart text NOT NULL,
    day date NOT NULL,
    known_at timestamptz NOT NULL,
    built_at timestamptz NOT NULL,
    PRIMARY KEY (mart, day)
);

-- Publications and manual adjustments. Rows are added, never changed: only the owner may update them.
CREATE TABLE audit.published (
    publication_id bigint NOT NULL,
    format text NOT NULL CHECK (format IN ('docx', 'html', 'md')),
    as_of date NOT NULL,
    known_at timestamptz NOT NULL,
    code_version text NOT NULL,
    sha256 text NOT NULL,
    content bytea NOT NULL,
    signer text NOT NULL CHECK (signer <> ''),
    signed_at timestamptz NOT NULL,
    is_provisional boolean NOT NULL,
    missing text[] NOT NULL,
    PRIMARY KEY (publication_id, format)
);

CREATE SEQUENCE audit.publication_number AS bigint OWNED BY audit.published.publication_id;

CREATE TABLE audit.adjustment (
    adjustment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    figure text NOT NULL,
    as_of date NOT NULL,
    value_text text NOT NULL CHECK (value_text <> ''),
    reason text NOT NULL CHECK (reason <> ''),
    proposer text NOT NULL CHECK (proposer <> ''),
    approver text NOT NULL CHECK (approver <> ''),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (proposer <> approver)
);

CREATE INDEX adjustment_day ON audit.adjustment (as_of, recorded_at);

-- Reminders: one row per report that was overdue, kept after it has come.
CREATE TABLE intake.reminder (
    department_code text NOT NULL,
    report text NOT NULL,
    report_date date NOT NULL,
    due_at timestamptz NOT NULL,
    first_reminded_at timestamptz NOT NULL,
    last_reminded_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (department_code, report, report_date)
);

-- Nightly maintenance: one row per task and run. Rows are added, never changed.
CREATE TABLE audit.chore (
    chore_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    done_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    chore text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('well', 'notice', 'bad')),
    n bigint NOT NULL,
    message_zh text NOT NULL,
    message_en text NOT NULL
);

-- Sign-off of drafts of the briefing: one row per step. Rows are added, never changed; audit.published holds what was published.
CREATE TABLE audit.signing (
    signing_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run text NOT NULL,
    as_of date NOT NULL,
    known_at timestamptz NOT NULL,
    step text NOT NULL CHECK (step IN ('drafted', 'signed', 'provisional', 'rejected', 'lapsed')),
    person text NOT NULL,
    reason text NOT NULL,
    publication_id bigint,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (run, as_of, step),
    CHECK ((publication_id IS NOT NULL) = (step IN ('signed', 'provisional')))
);

CREATE INDEX signing_day ON audit.signing (as_of);

-- ref: rows come from include/reference/<table>.csv; recorded_at is when this warehouse loaded them.
-- On a cluster these are reference tables: small, without triggers, written before anything else.
CREATE TABLE ref.department (
    department_code text PRIMARY KEY,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('bureau', 'utility', 'township')),
    recorded_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ref.township (
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

CREATE TABLE ref.industry (
    industry_code text PRIMARY KEY,
    level text NOT NULL CHECK (level IN ('section', 'division')),
    section_code text NOT NULL,
    name_zh text NOT NULL,
    is_high_energy boolean NOT NULL DEFAULT false,
    high_energy_version text,
    standard text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ref.size_class_rule (
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

CREATE TABLE ref.calendar (
    date date PRIMARY KEY,
    is_workday boolean NOT NULL,
    name text,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ref.code_list (
    list text NOT NULL,
    code text NOT NULL,
    name_zh text NOT NULL,
    name_en text,
    aliases text,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (list, code)
);

CREATE TABLE ref.policy (
    policy_id text PRIMARY KEY,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    benefit_class text NOT NULL CHECK (benefit_class IN ('A', 'B', 'C', 'D')),
    base_unit text NOT NULL,
    is_computable boolean NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

-- A row that is loaded later counts for moments of knowledge from then on, a row that is gone counts up to then: what was computed
-- before is computed again as it was. Rows that came with the warehouse itself count always.
CREATE TABLE ref.policy_param (
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
    counts_from timestamptz NOT NULL DEFAULT '-infinity',
    counts_to timestamptz NOT NULL DEFAULT 'infinity',
    CHECK (valid_to >= valid_from),
    CHECK (known_to > known_from)
);

CREATE UNIQUE INDEX policy_param_in_force
ON ref.policy_param (policy_id, param, size_class, valid_from, known_from) NULLS NOT DISTINCT WHERE counts_to = 'infinity';

CREATE TABLE ref.levy_policy (
    relief_code text,
    doc_no text,
    policy_id text NOT NULL,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (relief_code, doc_no),
    CHECK (num_nonnulls(relief_code, doc_no) = 1)
);

-- Filled from the contracts, not from a CSV.
CREATE TABLE ref.report_due (
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

-- Rows that the checks of include/sql/checks found. Derived, as marts are: a build writes the rows of the days it computes, and they can
-- be computed again as known at any moment.
CREATE TABLE mart.check_row (
    check_id text NOT NULL,
    day date NOT NULL,
    row_key text NOT NULL,
    seen_on date NOT NULL,
    department_code text,
    part_id bigint,
    sheet text,
    row_number bigint,
    details jsonb NOT NULL,
    PRIMARY KEY (check_id, day, row_key)
);
