COMMENT ON TABLE audit.reference_version IS '参考数据的版本 | Which content each reference table holds';
COMMENT ON COLUMN audit.reference_version.name IS '表名 | Reference table';
COMMENT ON COLUMN audit.reference_version.sha256 IS '文件摘要 | SHA-256 of the CSV it was loaded from';
COMMENT ON COLUMN audit.reference_version.loaded_at IS '装入时间 | When it was loaded';

COMMENT ON TABLE audit.mart_version IS '汇总表的版本 | Which SELECT each mart was made by';
COMMENT ON COLUMN audit.mart_version.mart IS '汇总表 | Mart';
COMMENT ON COLUMN audit.mart_version.hash IS '语句摘要 | Digest of the SELECT';
COMMENT ON COLUMN audit.mart_version.made_at IS '建表时间 | When the table was made';
COMMENT ON COLUMN audit.mart_version.built_serial IS '算至序号 | Serial of the load up to which it was built';
COMMENT ON COLUMN audit.mart_version.built_at IS '计算时间 | When it was built';

COMMENT ON TABLE audit.mart_day IS '已计算的日期 | The days each mart has been built for, and the moment of knowledge they hold';
COMMENT ON COLUMN audit.mart_day.mart IS '汇总表 | Mart';
COMMENT ON COLUMN audit.mart_day.day IS '日期 | Day';
COMMENT ON COLUMN audit.mart_day.known_at IS '知悉时点 | Moment of knowledge it holds';
COMMENT ON COLUMN audit.mart_day.built_at IS '计算时间 | When it was built';

COMMENT ON TABLE audit.published IS '已发布的简报:每种格式一行,原样保存 | Published briefings: one row per format, kept byte for byte';
COMMENT ON COLUMN audit.published.publication_id IS '发布编号 | Publication';
COMMENT ON COLUMN audit.published.format IS '格式 | docx, html or md; with en. before it, the English edition';
COMMENT ON COLUMN audit.published.as_of IS '截至 | Day of the briefing';
COMMENT ON COLUMN audit.published.known_at IS '知悉时点 | Moment of knowledge';
COMMENT ON COLUMN audit.published.code_version IS '程序版本 | Version of the program, and digest of engine and include';
COMMENT ON COLUMN audit.published.sha256 IS '文件摘要 | SHA-256 of the file';
COMMENT ON COLUMN audit.published.content IS '文件 | The file';
COMMENT ON COLUMN audit.published.signer IS '签发人 | Who signed, by post; for a provisional one, who released it unsigned';
COMMENT ON COLUMN audit.published.signed_at IS '签发时间 | When';
COMMENT ON COLUMN audit.published.is_provisional IS '临时发布 | Sent out at the deadline without a signature';
COMMENT ON COLUMN audit.published.reason IS '理由 | Why it went out although a figure jumped';
COMMENT ON COLUMN audit.published.missing IS '缺什么 | What was missing: departments, stale reports, open parameters';

COMMENT ON TABLE audit.adjustment IS '口径调整:写在指标旁,从不改动文件 | Manual adjustments: printed beside the figure, never an edit of the document';
COMMENT ON COLUMN audit.adjustment.adjustment_id IS '编号 | Number';
COMMENT ON COLUMN audit.adjustment.figure IS '指标 | Figure';
COMMENT ON COLUMN audit.adjustment.as_of IS '截至 | Day of the figure';
COMMENT ON COLUMN audit.adjustment.value_text IS '调整为 | The adjusted value, as text';
COMMENT ON COLUMN audit.adjustment.reason IS '理由 | Reason';
COMMENT ON COLUMN audit.adjustment.proposer IS '提出人 | Who proposed it, by post';
COMMENT ON COLUMN audit.adjustment.approver IS '批准人 | Who approved it: another person';
COMMENT ON COLUMN audit.adjustment.recorded_at IS '登记时间 | From when it is known';

COMMENT ON TABLE audit.chore IS '夜间例行事项:清理、核对、备份检查的结果 | Results of the nightly retention, integrity and backup tasks';
COMMENT ON COLUMN audit.chore.chore_id IS '编号 | Number';
COMMENT ON COLUMN audit.chore.done_at IS '完成时间 | When it was done';
COMMENT ON COLUMN audit.chore.chore IS '事项 | Task';
COMMENT ON COLUMN audit.chore.outcome IS '结果 | well, notice (worth knowing) or bad (somebody must act)';
COMMENT ON COLUMN audit.chore.n IS '数量 | How many were deleted, checked or found wrong';
COMMENT ON COLUMN audit.chore.message_zh IS '说明 | What was done or found, in Chinese';
COMMENT ON COLUMN audit.chore.message_en IS '英文说明 | What was done or found, in English';

COMMENT ON TABLE audit.publication_end IS '发布的终止:撤回,或被新的一期替代 | How publications ended: withdrawn, or superseded by another of the day';
COMMENT ON COLUMN audit.publication_end.publication_id IS '发布编号 | Publication, in audit.published, which stays as it is';
COMMENT ON COLUMN audit.publication_end.kind IS '方式 | withdrawn or superseded';
COMMENT ON COLUMN audit.publication_end.successor_id IS '替代者 | The publication that supersedes it';
COMMENT ON COLUMN audit.publication_end.person IS '经办人 | Who withdrew it, or signed its successor';
COMMENT ON COLUMN audit.publication_end.reason IS '理由 | Why';
COMMENT ON COLUMN audit.publication_end.recorded_at IS '登记时间 | When';

COMMENT ON TABLE audit.signing IS '签发过程:起草、签发、临时发布、退回、过期,每步一行 | Sign-off of drafts of the briefing, step by step';
COMMENT ON COLUMN audit.signing.signing_id IS '编号 | Number';
COMMENT ON COLUMN audit.signing.run IS '运行 | Run that drafted it and waits for its signature';
COMMENT ON COLUMN audit.signing.as_of IS '截至 | Day of the briefing';
COMMENT ON COLUMN audit.signing.known_at IS '知悉时点 | Moment of knowledge, of the draft and of what is signed';
COMMENT ON COLUMN audit.signing.step IS '步骤 | drafted, signed, provisional, rejected, or lapsed: nobody answered';
COMMENT ON COLUMN audit.signing.person IS '经办人 | Who answered, as logged in; empty if nobody did';
COMMENT ON COLUMN audit.signing.reason IS '意见 | What the person wrote, or why nobody was needed';
COMMENT ON COLUMN audit.signing.publication_id IS '发布编号 | What was published, in audit.published';
COMMENT ON COLUMN audit.signing.recorded_at IS '登记时间 | When';

COMMENT ON TABLE audit.alembic_version IS '仓库结构的版本 | The revision of the warehouse''s tables; written by Alembic';
COMMENT ON COLUMN audit.alembic_version.version_num IS '版本 | Number of the revision';

COMMENT ON TABLE audit.schema_change IS '仓库结构的变动 | Every change to the shape of the warehouse';
COMMENT ON COLUMN audit.schema_change.change_id IS '编号 | Number';
COMMENT ON COLUMN audit.schema_change.changed_at IS '变动时间 | When';
COMMENT ON COLUMN audit.schema_change.relation IS '表 | Table';
COMMENT ON COLUMN audit.schema_change.column_name IS '列 | Column; null where the whole table changed';
COMMENT ON COLUMN audit.schema_change.change IS
'变动 | migrated, created, added, widened, loosened, renamed, retired, kept (no longer in the contract) or resumed';
COMMENT ON COLUMN audit.schema_change.value_before IS '原值 | Revision, type or name before';
COMMENT ON COLUMN audit.schema_change.value_after IS '新值 | Revision, type or name after';
COMMENT ON COLUMN audit.schema_change.contract_version IS '契约版本 | Version of the contract that asked for it';

COMMENT ON TABLE audit.adjustment_end IS '口径调整的撤销 | Manual adjustments that were revoked';
COMMENT ON COLUMN audit.adjustment_end.adjustment_id IS '调整编号 | Adjustment, in audit.adjustment, which stays as it is';
COMMENT ON COLUMN audit.adjustment_end.person IS '经办人 | Who revoked it, by post';
COMMENT ON COLUMN audit.adjustment_end.reason IS '理由 | Why';
COMMENT ON COLUMN audit.adjustment_end.recorded_at IS '登记时间 | From when it counts no more';

COMMENT ON TABLE audit.log_entry IS '存证日志:只增不改,每条是一棵默克尔树的一片叶 | The log: entries only added, each a leaf of one Merkle tree';
COMMENT ON COLUMN audit.log_entry.entry_number IS '条号,从 1 起连续 | Number, from 1 without a gap';
COMMENT ON COLUMN audit.log_entry.kind IS '种类 | opening, upgrade, settlement, reply, publication, signing, chore, day, tombstone …';
COMMENT ON COLUMN audit.log_entry.subject IS '关于什么,如报送编号 | What it is about, such as the number of a submission';
COMMENT ON COLUMN audit.log_entry.counts_from IS '自何时起作数 | Moment of knowledge from which it counts; null for what changes no figure';
COMMENT ON COLUMN audit.log_entry.recorded_at IS '登记时间 | When it was added';
COMMENT ON COLUMN audit.log_entry.algorithm IS '摘要算法 | Digest algorithm: sha256 or sm3';
COMMENT ON COLUMN audit.log_entry.document IS '内容:各记录的摘要 | The digests of the records, as canonical JSON';
COMMENT ON COLUMN audit.log_entry.leaf IS '叶 | Leaf of the tree: hash of the entry';
COMMENT ON COLUMN audit.log_entry.head IS '存证首 | Root of the tree up to this entry';

COMMENT ON TABLE audit.log_head IS '存证日志的末端,一行 | The end of the log: one row, locked by whoever adds an entry';
COMMENT ON COLUMN audit.log_head.is_only IS '只有一行 | There is one row';
COMMENT ON COLUMN audit.log_head.size IS '条数 | Number of entries';
COMMENT ON COLUMN audit.log_head.frontier IS '完整子树的根 | Roots of the full subtrees, the largest first';
COMMENT ON COLUMN audit.log_head.algorithm IS '新条目的摘要算法 | Digest algorithm of new entries; FUGONG_DIGEST at the last init';
COMMENT ON COLUMN audit.log_head.day IS '最近一条的日期 | Day of the newest entry';
COMMENT ON COLUMN audit.log_head.recorded_at IS '最近一条的时间 | When the newest entry was added';

COMMENT ON TABLE audit.sealed_part IS '各部分明细的块摘要 | Digests of the blocks of lines of each part';
COMMENT ON COLUMN audit.sealed_part.part_id IS '部分 | Part';
COMMENT ON COLUMN audit.sealed_part.root IS '根 | Root of the tree over the blocks; the digest of nothing where the part has no rows';
COMMENT ON COLUMN audit.sealed_part.sheets IS '工作表 | Sheet of each block';
COMMENT ON COLUMN audit.sealed_part.blocks IS '块号:行号除以 512 | Number of each block: line numbers divided by 512';
COMMENT ON COLUMN audit.sealed_part.digests IS '块摘要 | Digest of each block: a leaf of the tree of the part';

COMMENT ON TABLE audit.published_figure IS '发布时的指标,每个一行 | The figures of a publication as they were published';
COMMENT ON COLUMN audit.published_figure.publication_id IS '发布编号 | Publication';
COMMENT ON COLUMN audit.published_figure.figure IS '指标 | Figure';
COMMENT ON COLUMN audit.published_figure.as_of IS '截至 | Day';
COMMENT ON COLUMN audit.published_figure.known_at IS '知悉时点 | Moment of knowledge';
COMMENT ON COLUMN audit.published_figure.value IS '值 | Value in the unit; null where nothing is known';
COMMENT ON COLUMN audit.published_figure.unit IS '单位 | Unit';
COMMENT ON COLUMN audit.published_figure.display IS '写法 | As printed';
COMMENT ON COLUMN audit.published_figure.numerator IS '分子 | Numerator';
COMMENT ON COLUMN audit.published_figure.denominator IS '分母 | Denominator';
COMMENT ON COLUMN audit.published_figure.coverage IS '覆盖率 | Coverage';
COMMENT ON COLUMN audit.published_figure.is_printed IS '是否印出 | Whether the briefing prints it';

COMMENT ON COLUMN audit.published.account IS '账号 | Account of whoever signed or released it; null where nobody did';
COMMENT ON COLUMN audit.publication_end.account IS '账号 | Account of whoever withdrew it';
COMMENT ON COLUMN audit.signing.account IS '账号 | Account of whoever answered, as listed in access.account';
COMMENT ON COLUMN audit.signing.digest IS '草稿摘要 | SHA-256 of what the draft says; a signature names the same';
COMMENT ON COLUMN audit.adjustment.account IS '账号 | Account of the proposer';
COMMENT ON COLUMN audit.adjustment_end.account IS '账号 | Account of whoever revoked it';

COMMENT ON TABLE audit.adjustment_approval IS '口径调整的批准 | Approvals of proposed adjustments, each by another person than the proposer';
COMMENT ON COLUMN audit.adjustment_approval.adjustment_id IS '调整编号 | Adjustment, in audit.adjustment';
COMMENT ON COLUMN audit.adjustment_approval.approver IS '批准人 | Who approved it: post and name';
COMMENT ON COLUMN audit.adjustment_approval.account IS '账号 | Account of the approver';
COMMENT ON COLUMN audit.adjustment_approval.recorded_at IS '批准时间 | From when the adjustment counts';

COMMENT ON TABLE audit.message IS '通知:告诉了谁什么事,一件事一个通道一行;没有企业、姓名和数字 | What people are told, per channel';
COMMENT ON COLUMN audit.message.message_id IS '编号 | Number, at the end of the message';
COMMENT ON COLUMN audit.message.event IS '事件 | Kind of event';
COMMENT ON COLUMN audit.message.event_key IS '哪一件 | Which event of its kind; nobody is told twice of the same';
COMMENT ON COLUMN audit.message.audience IS '对象 | engineers, signers, or the code of a department';
COMMENT ON COLUMN audit.message.channel IS '通道 | Name of the channel; its address is not in the warehouse';
COMMENT ON COLUMN audit.message.facts IS '要素 | Codes, numbers and days that the sentence is made of';
COMMENT ON COLUMN audit.message.recorded_at IS '登记时间 | When the event was settled';
COMMENT ON COLUMN audit.message.not_before IS '最早发送时间 | When it may be sent: later in quiet hours, in a digest, after a fault';
COMMENT ON COLUMN audit.message.n_tries IS '已试次数 | How often it was tried';
COMMENT ON COLUMN audit.message.state IS '状态 | waiting, sent or given_up';
COMMENT ON COLUMN audit.message.settled_at IS '办结时间 | When it was sent or given up';
COMMENT ON COLUMN audit.message.fault IS '未送达的原因 | Why the last try failed; never what the channel answered';

COMMENT ON TABLE audit.message_channel IS '通知的通道,没有地址 | Channels that want to be told, without their addresses';
COMMENT ON COLUMN audit.message_channel.audience IS '对象 | engineers, signers, or the code of a department';
COMMENT ON COLUMN audit.message_channel.channel IS '通道 | Name of the channel';
COMMENT ON COLUMN audit.message_channel.events IS '事件 | What it is told';
