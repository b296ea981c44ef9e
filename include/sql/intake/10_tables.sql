-- Everything that happened to the files: one row per file received, per part, per finding, per row set aside.
-- Nothing is deleted here but raw cells past their retention.
CREATE TABLE IF NOT EXISTS intake.submission (
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
    CHECK (rows_read = rows_accepted + rows_set_aside + rows_not_data),
    CHECK ((state = 'received') = (settled_at IS NULL))
);

ALTER TABLE intake.submission ADD COLUMN IF NOT EXISTS tables jsonb;

CREATE INDEX IF NOT EXISTS submission_open ON intake.submission (department_code, submission_id)
WHERE state = 'received' OR replied_at IS NULL;

CREATE INDEX IF NOT EXISTS submission_sha256 ON intake.submission (sha256);

CREATE INDEX IF NOT EXISTS submission_report_date ON intake.submission (report_date);

CREATE INDEX IF NOT EXISTS submission_repairs ON intake.submission (repairs) WHERE repairs IS NOT NULL;

CREATE INDEX IF NOT EXISTS submission_report ON intake.submission (report, report_date, department_code);

-- Every unit that ever spoke for a table. There are few, and years of parts: who speaks on a day is asked by unit.
CREATE TABLE IF NOT EXISTS intake.speaker (
    table_name text NOT NULL,
    unit text NOT NULL,
    PRIMARY KEY (table_name, unit)
);

CREATE TABLE IF NOT EXISTS intake.part (
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
    CHECK (rows_read = rows_accepted + rows_set_aside + rows_not_data),
    FOREIGN KEY (table_name, unit) REFERENCES intake.speaker (table_name, unit)
);

-- Of a warehouse that is older than the table.
INSERT INTO intake.speaker (table_name, unit)
SELECT DISTINCT
    table_name,
    unit
FROM intake.part
WHERE NOT EXISTS (SELECT FROM intake.speaker)
ON CONFLICT (table_name, unit) DO NOTHING;

CREATE INDEX IF NOT EXISTS part_key ON intake.part (table_name, unit, report_date);

CREATE INDEX IF NOT EXISTS part_business_day ON intake.part (table_name, business_to, business_from);

CREATE INDEX IF NOT EXISTS part_repairs ON intake.part (repairs_part) WHERE repairs_part IS NOT NULL;

CREATE INDEX IF NOT EXISTS part_submission ON intake.part (submission_id);

CREATE TABLE IF NOT EXISTS intake.finding (
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

CREATE INDEX IF NOT EXISTS finding_submission ON intake.finding (submission_id);
CREATE INDEX IF NOT EXISTS finding_personal ON intake.finding (submission_id) WHERE code = 'personal-data';

CREATE TABLE IF NOT EXISTS intake.set_aside_row (
    submission_id bigint NOT NULL REFERENCES intake.submission (submission_id),
    table_name text NOT NULL,
    sheet text NOT NULL DEFAULT '',
    row_number bigint NOT NULL,
    cells jsonb,
    reasons jsonb NOT NULL DEFAULT '[]'::jsonb,
    repaired_by bigint REFERENCES intake.submission (submission_id),
    PRIMARY KEY (submission_id, sheet, row_number)
);

-- The settling clock. One row; every settlement takes the next serial under its row lock, so that the order of serials
-- is the order of commits.
CREATE TABLE IF NOT EXISTS intake.settle_clock (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    settled_serial bigint NOT NULL DEFAULT 0,
    settled_at timestamptz NOT NULL DEFAULT '-infinity'
);

INSERT INTO intake.settle_clock (is_only) VALUES (true) ON CONFLICT (is_only) DO NOTHING;

-- Days whose marts are out of date, by report table. A build clears only rows whose serial is not newer than the one it read.
CREATE TABLE IF NOT EXISTS intake.stale_day (
    table_name text NOT NULL,
    day date NOT NULL,
    settled_serial bigint NOT NULL,
    PRIMARY KEY (table_name, day)
);

COMMENT ON TABLE intake.submission IS '报送:收到的每一个文件 | One file received, whatever becomes of it';
COMMENT ON TABLE intake.speaker IS '填报单位:替哪张表说话 | Who ever spoke for a report table';
COMMENT ON TABLE intake.part IS '部分:一份报送给一张表带来的行 | What one submission brings to one table, for one unit and report date';
COMMENT ON TABLE intake.finding IS '问题:报送里的一处错误或提醒 | One thing wrong with a submission';
COMMENT ON TABLE intake.set_aside_row IS '退回行:没有入库、退给报送单位的行 | A row that was not loaded and went back to the sender';
COMMENT ON TABLE intake.settle_clock IS '入库时钟 | The serial and the moment of the last settlement';
COMMENT ON TABLE intake.stale_day IS '待重算日 | Days whose marts must be computed again, by report table';
