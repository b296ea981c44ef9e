COMMENT ON TABLE access.account IS '账号:一人一个 | Accounts of people: one list for the warehouse, for Airflow and for pages';
COMMENT ON COLUMN access.account.account IS '账号 | Name to log in with';
COMMENT ON COLUMN access.account.name IS '姓名 | Name of the person';
COMMENT ON COLUMN access.account.post IS '职务 | Post, printed before the name';
COMMENT ON COLUMN access.account.department_code IS '部门代码 | Department that the person sends for; null for everybody else';
COMMENT ON COLUMN access.account.roles IS
'角色 | What the person may do: viewer, operator, signer, admin, analyst, taskforce, auditor, department';
COMMENT ON COLUMN access.account.is_active IS '是否有效 | Whether the account may still be used; it is never deleted';
COMMENT ON COLUMN access.account.recorded_at IS '登记时间 | When it was added';

COMMENT ON TABLE access.account_change IS '账号的变动 | Every change of an account; rows are added, never changed';
COMMENT ON COLUMN access.account_change.change_id IS '编号 | Number';
COMMENT ON COLUMN access.account_change.account IS '账号 | Account';
COMMENT ON COLUMN access.account_change.change IS '变动 | added, changed, disabled, enabled, or password';
COMMENT ON COLUMN access.account_change.state IS '变动后 | The account after the change';
COMMENT ON COLUMN access.account_change.changed_by IS '经办 | Login that changed it';
COMMENT ON COLUMN access.account_change.recorded_at IS '登记时间 | When';

COMMENT ON TABLE access.supposition IS '设想:从不提交 | What-if changes of a transaction; a transaction with a row here cannot be committed';
COMMENT ON COLUMN access.supposition.supposed_at IS '时间 | When';

COMMENT ON TABLE access.login_event IS
'登录记录 | Every login to the pages, failed or not; rows are added, kept at least 180 days, never changed';
COMMENT ON COLUMN access.login_event.event_id IS '编号;登录的编号即会话号 | Number; that of a login is the number of its session';
COMMENT ON COLUMN access.login_event.event IS
'事件 | login, failed (wrong name or password), locked (refused while locked), refused (no account), unavailable, logout, unlocked';
COMMENT ON COLUMN access.login_event.account IS '账号 | Name as typed; empty where no account can have such a name';
COMMENT ON COLUMN access.login_event.session_id IS '会话 | Of a logout: the session that it ended';
COMMENT ON COLUMN access.login_event.address IS '来源地址 | Address that it came from';
COMMENT ON COLUMN access.login_event.recorded_by IS '经办 | Login of the warehouse that recorded it';
COMMENT ON COLUMN access.login_event.recorded_at IS '登记时间 | When';

COMMENT ON TABLE access.page_password IS '网页口令(argon2) | Passwords of the pages, as argon2 hashes; none where a directory knows them';
COMMENT ON COLUMN access.page_password.account IS '账号 | Account';
COMMENT ON COLUMN access.page_password.hash IS '散列 | argon2id hash with its parameters';
COMMENT ON COLUMN access.page_password.is_initial IS
'是否初始口令 | Whether an administrator made it: the person chooses another at the first login';
COMMENT ON COLUMN access.page_password.changed_at IS '更改时间 | When it was changed';

COMMENT ON TABLE access.api_token IS '接口令牌 | Tokens with which programs read in the name of an account; only digests are kept';
COMMENT ON COLUMN access.api_token.token_id IS '编号 | Number';
COMMENT ON COLUMN access.api_token.account IS '账号 | Account whose rights it has, as they are at each request';
COMMENT ON COLUMN access.api_token.name IS '用途 | What it is for';
COMMENT ON COLUMN access.api_token.digest IS '摘要 | SHA-256 of the token';
COMMENT ON COLUMN access.api_token.created_at IS '生成时间 | When it was made';
COMMENT ON COLUMN access.api_token.expires_at IS '到期时间 | Until when it can be used';
COMMENT ON COLUMN access.api_token.ended_at IS '作废时间 | When it was ended before that';

COMMENT ON TABLE access.firm_access IS
'查看企业明细的记录 | Every request of a page that shows single firms; rows are added, kept as logins are, never changed';
COMMENT ON COLUMN access.firm_access.access_id IS '编号 | Number';
COMMENT ON COLUMN access.firm_access.account IS '账号 | Who looked';
COMMENT ON COLUMN access.firm_access.session_id IS '会话 | In which session; null for a program with a token';
COMMENT ON COLUMN access.firm_access.page IS '页面 | Address of the page, with what was asked for';
COMMENT ON COLUMN access.firm_access.address IS '来源地址 | Address that the request came from';
COMMENT ON COLUMN access.firm_access.recorded_at IS '登记时间 | When';

COMMENT ON TABLE access.upload IS
'网页报送的记录 | Which account sent a file on the pages; rows are added before the file is taken, kept as logins are';
COMMENT ON COLUMN access.upload.upload_id IS '编号 | Number';
COMMENT ON COLUMN access.upload.account IS '账号 | Who sent it';
COMMENT ON COLUMN access.upload.session_id IS '会话 | In which session; null where the login was only for trying out';
COMMENT ON COLUMN access.upload.department_code IS '部门 | For which department';
COMMENT ON COLUMN access.upload.what IS '内容 | file, rows (returned rows that were mended) or answers (to doubts)';
COMMENT ON COLUMN access.upload.about IS '针对的报送 | The submission whose rows or doubts it is about';
COMMENT ON COLUMN access.upload.file_name IS '文件名 | As the submission has it, without personal data';
COMMENT ON COLUMN access.upload.sha256 IS '文件摘要 | SHA-256 of the bytes';
COMMENT ON COLUMN access.upload.recorded_at IS '登记时间 | When';
