-- What became of rules that are tried or were mended: what rules in shadow found, and which submission judges another one again.
CREATE TABLE IF NOT EXISTS intake.shadow_finding (
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

ALTER TABLE intake.submission ADD COLUMN IF NOT EXISTS replays bigint REFERENCES intake.submission (submission_id);

ALTER TABLE intake.part ADD COLUMN IF NOT EXISTS present text[] NOT NULL DEFAULT '{}';

CREATE UNIQUE INDEX IF NOT EXISTS submission_replays ON intake.submission (replays) WHERE replays IS NOT NULL;

CREATE INDEX IF NOT EXISTS finding_drift ON intake.finding (code, value)
WHERE code IN ('extra-column', 'missing-column', 'unknown-code', 'unreadable-optional');

COMMENT ON TABLE intake.shadow_finding IS '试行规则的结果:只计数,不告知,不退回 | What rules in shadow found: counted, told to nobody, nothing set aside';
COMMENT ON COLUMN intake.shadow_finding.submission_id IS '报送编号 | Submission';
COMMENT ON COLUMN intake.shadow_finding.table_name IS '表 | Report table';
COMMENT ON COLUMN intake.shadow_finding.column_name IS '列 | Column of the contract';
COMMENT ON COLUMN intake.shadow_finding.code IS '问题代码 | Rule in shadow';
COMMENT ON COLUMN intake.shadow_finding.severity IS '轻重 | What it would do in force: rejected, set_aside or warning';
COMMENT ON COLUMN intake.shadow_finding.n IS '行数 | Rows it found; of a rule that would reject the file, 1';
COMMENT ON COLUMN intake.shadow_finding.n_alone IS '仅因此退回的行数 | Of these, rows that no rule in force sets aside';
COMMENT ON COLUMN intake.shadow_finding.examples IS '例子 | Up to three cells, personal data masked';
COMMENT ON COLUMN intake.shadow_finding.fault IS '规则本身的错误 | Why the rule cannot be evaluated';
COMMENT ON COLUMN intake.submission.replays IS '重判的报送 | Submission whose file is judged again here, by mended rules';
COMMENT ON COLUMN intake.part.present IS '有的列 | Contract columns that the file had; empty where it was not noted';
