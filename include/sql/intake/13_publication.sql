-- What was published, and which figures were adjusted by hand. Rows are added, never changed: no role but the owner may update them.
CREATE TABLE IF NOT EXISTS audit.published (
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

CREATE SEQUENCE IF NOT EXISTS audit.publication_number AS bigint OWNED BY audit.published.publication_id;

CREATE TABLE IF NOT EXISTS audit.adjustment (
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

CREATE INDEX IF NOT EXISTS adjustment_day ON audit.adjustment (as_of, recorded_at);

COMMENT ON TABLE audit.published IS '已发布的简报:每种格式一行,原样保存 | What was published: one row per format, kept byte for byte';
COMMENT ON COLUMN audit.published.publication_id IS '发布编号 | Publication';
COMMENT ON COLUMN audit.published.format IS '格式 | docx, html or md';
COMMENT ON COLUMN audit.published.as_of IS '截至 | Day it is about';
COMMENT ON COLUMN audit.published.known_at IS '知悉时点 | Moment of knowledge';
COMMENT ON COLUMN audit.published.code_version IS '程序版本 | Version of the program, and digest of engine and include';
COMMENT ON COLUMN audit.published.sha256 IS '文件摘要 | SHA-256 of the file';
COMMENT ON COLUMN audit.published.content IS '文件 | The file';
COMMENT ON COLUMN audit.published.signer IS '签发人 | Who signed, by post; of a provisional one who let it go out unsigned';
COMMENT ON COLUMN audit.published.signed_at IS '签发时间 | When';
COMMENT ON COLUMN audit.published.is_provisional IS '临时发布 | Sent out at the deadline without a signature';
COMMENT ON COLUMN audit.published.missing IS '缺什么 | What was missing: departments, stale reports, open parameters';

COMMENT ON TABLE audit.adjustment IS '口径调整:写在指标旁,从不改动文件 | Manual adjustments: told beside the figure, never an edit of the document';
COMMENT ON COLUMN audit.adjustment.adjustment_id IS '编号 | Number';
COMMENT ON COLUMN audit.adjustment.figure IS '指标 | Figure';
COMMENT ON COLUMN audit.adjustment.as_of IS '截至 | Day of the figure';
COMMENT ON COLUMN audit.adjustment.value_text IS '调整为 | The value as it is to be read, as text';
COMMENT ON COLUMN audit.adjustment.reason IS '理由 | Reason';
COMMENT ON COLUMN audit.adjustment.proposer IS '提出人 | Who proposed it, by post';
COMMENT ON COLUMN audit.adjustment.approver IS '批准人 | Who approved it: another one';
COMMENT ON COLUMN audit.adjustment.recorded_at IS '登记时间 | From when it is known';
