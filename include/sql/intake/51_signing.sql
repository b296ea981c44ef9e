-- What became of the drafts of briefings: one row per step. Rows are added, never changed; what was published is in audit.published.
CREATE TABLE IF NOT EXISTS audit.signing (
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

CREATE INDEX IF NOT EXISTS signing_day ON audit.signing (as_of);

COMMENT ON TABLE audit.signing IS '签发过程:起草、签发、临时发布、退回、过期,每步一行 | What became of drafts of the briefing, step by step';
COMMENT ON COLUMN audit.signing.signing_id IS '编号 | Number';
COMMENT ON COLUMN audit.signing.run IS '运行 | Run that drafted it and waits for its signature';
COMMENT ON COLUMN audit.signing.as_of IS '截至 | Day it is about';
COMMENT ON COLUMN audit.signing.known_at IS '知悉时点 | Moment of knowledge: what is signed is what was drafted';
COMMENT ON COLUMN audit.signing.step IS '步骤 | drafted, signed, provisional, rejected, or lapsed: nobody answered';
COMMENT ON COLUMN audit.signing.person IS '经办人 | Who answered, as logged in; empty where nobody did';
COMMENT ON COLUMN audit.signing.reason IS '意见 | What the person wrote, or why nobody was needed';
COMMENT ON COLUMN audit.signing.publication_id IS '发布编号 | What was published, in audit.published';
COMMENT ON COLUMN audit.signing.recorded_at IS '登记时间 | When';
