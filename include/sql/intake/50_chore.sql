-- What was done and found every night: one row per chore and run. Grows, is never changed.
CREATE TABLE IF NOT EXISTS audit.chore (
    chore_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    done_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    chore text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('well', 'notice', 'bad')),
    n bigint NOT NULL,
    message_zh text NOT NULL,
    message_en text NOT NULL
);

COMMENT ON TABLE audit.chore IS '夜间例行事项:清理、核对、备份检查的结果 | What nightly retention, integrity and backup checks did and found';
COMMENT ON COLUMN audit.chore.chore_id IS '编号 | Number';
COMMENT ON COLUMN audit.chore.done_at IS '完成时间 | When it was done';
COMMENT ON COLUMN audit.chore.chore IS '事项 | Chore';
COMMENT ON COLUMN audit.chore.outcome IS '结果 | well, notice (worth knowing) or bad (somebody must act)';
COMMENT ON COLUMN audit.chore.n IS '数量 | How many were deleted, checked or found wrong';
COMMENT ON COLUMN audit.chore.message_zh IS '说明 | What was done or found, in Chinese';
COMMENT ON COLUMN audit.chore.message_en IS '英文说明 | What was done or found, in English';
