"""The words of the `fugong` command: what each is for, and the module that is imported when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand

from fugong.cli import errors

DEPARTMENTS = "部门 | Departments"
ENGINEERS = "数据工程师 | Data engineers"
ANALYSTS = "分析员 | Analysts"
SIGNERS = "简报与签发 | Briefing and those who sign it"
"""Groups of commands in `fugong --help`, by who uses them."""


class Entry(NamedTuple):
    """A command, or a group of commands.

    Attributes:
        word: as it is typed.
        module: of `fugong.cli`; its `register` adds it.
        panel: the group in the help.
        help: one line, in Chinese and English.
    """

    word: str
    module: str
    panel: str
    help: str


ENTRIES = (
    Entry("template", "departments", DEPARTMENTS, "生成某张报表的填报模板 | The department's template of a report"),
    Entry("receipt", "departments", DEPARTMENTS, "再看一份报送的回执 | The receipt of a past submission"),
    Entry("missing", "departments", DEPARTMENTS, "某日谁还没有报 | Who owes what"),
    Entry("ingest", "intake", ENGINEERS, "收件、判读、入库、回执、汇总 | Take what lies in the inbox, answer it, and build the marts"),
    Entry("check", "intake", DEPARTMENTS, "试投:给出同样的回执,什么也不保存 | The receipt that the file would get; nothing is stored"),
    Entry("waiting", "waiting", ENGINEERS, "各部门还有多少份没收、没办,离限额多远 | What waits of each department, beside its quota"),
    Entry("init", "warehouse", ENGINEERS, "建立或升级仓库,可重复运行 | Create or upgrade the warehouse; safe to run again"),
    Entry("marts", "marts", ENGINEERS, "重算汇总表;或按某一时点写成 Parquet | Rebuild marts, or write them as known at a moment"),
    Entry("rules", "rules", ENGINEERS, "每条规则查出了什么,试行的会退回什么 | What every rule did, and what those in shadow would do"),
    Entry("drift", "rules", ENGINEERS, "报送与契约的出入,和建议的契约改动 | How files differ from the contracts, and the change proposed"),
    Entry("replay", "rules", ENGINEERS, "规则改好后,重判以前的报送(先看后做)| Judge past submissions again after a rule was mended"),
    Entry("maintenance", "maintenance", ENGINEERS, "清理、核对、备份(每夜自动运行)| Retention, integrity, backup, as every night"),
    Entry("messages", "messages", ENGINEERS, "通知:等待的、已发的、没有送达的;试发 | Messages to people: waiting, sent, given up; a trial"),
    Entry("serve", "serve", ENGINEERS, "网页:部门报送、领导看数、签发 | The pages: departments send, leaders read and sign"),
    Entry("sample", "sample", ENGINEERS, "生成样例区的报表文件 | Write the sample district's files"),
    Entry("figures", "figures", ANALYSTS, "某日的全部指标 | Every figure of a day"),
    Entry("figure", "figures", ANALYSTS, "一个指标,及其比前一日变化的原因 | One figure, and why it changed since the day before"),
    Entry("trace", "lineage", ANALYSTS, "指标来自哪些文件的哪些行 | The lines behind a figure"),
    Entry("diff", "lineage", ANALYSTS, "两个知悉时点之间哪些指标变了、因何而变 | Which figures moved between two moments, and through what"),
    Entry("impact", "lineage", ANALYSTS, "一份报送(或其中一行)影响哪些汇总和指标 | The mart cells and figures that a submission counts in"),
    Entry("lint", "lint", ENGINEERS, "检查辖区的全部配置文件 | Look through all files of a district for faults"),
    Entry("revisions", "revisions", ANALYSTS, "指标到期之后修订了多少、因何而修订 | How figures moved after they were due, and through what"),
    Entry("quality", "quality", ANALYSTS, "一个月的统计质量:国家框架的九个维度,一页 | A month's statistical quality in nine dimensions, one page"),
    Entry("checks", "checks", ANALYSTS, "报表之间哪里不一致 | What contradicts what between the reports"),
    Entry("doubts", "doubts", ANALYSTS, "电话单:先核实哪几个数,印出来的指标才不会变 | The phone list: which cells to ask about before figures are printed"),
    Entry("answers", "answers", ANALYSTS, "各单位的核实说明 | What senders answered about doubts"),
    Entry("ask", "ask", ANALYSTS, "分析员常问的问题:列出,或按编号回答 | Analysts' questions: listed, or answered by number"),
    Entry("export", "export", ANALYSTS, "把汇总写成 Parquet、CSV 或 Excel | Write marts as Parquet, CSV or workbooks"),
    Entry("read", "read", ANALYSTS, "读任意文件里的表,不需要契约 | The tables in any file, without a contract"),
    Entry("dictionary", "documentation", ANALYSTS, "数据字典(Markdown)| The data dictionary, as Markdown"),
    Entry("findings", "documentation", ENGINEERS, "问题目录(Markdown)| The page of findings, as Markdown"),
    Entry("briefing", "briefing", SIGNERS, "某日的简报,未签发为草稿 | The briefing of a day; a draft until it is signed"),
    Entry("publish", "briefing", SIGNERS, "签发简报:三种格式存档 | Sign the briefing and keep it in all formats"),
    Entry("published", "briefing", SIGNERS, "已发布的简报;或取出其中一份 | What was published, or one of it again"),
    Entry("withdraw", "briefing", SIGNERS, "撤回一次发布:文件留存,加标记 | Withdraw a publication: it stays, marked"),
    Entry("adjust", "briefing", SIGNERS, "提出口径调整:另一人批准后写在指标旁 | Propose to read a figure otherwise"),
    Entry("approve", "briefing", SIGNERS, "批准别人提出的口径调整 | Approve an adjustment that somebody else proposed"),
    Entry("adjustments", "briefing", SIGNERS, "登记过的口径调整 | Adjustments of figures"),
    Entry("revoke", "briefing", SIGNERS, "撤销一项口径调整:登记留存 | Revoke an adjustment; it stays on record"),
    Entry("audit", "audit", SIGNERS, "核对一篇已发文稿中的数字 | Compare the numbers of a published text with ours"),
    Entry("verify", "evidence", SIGNERS, "核对:所有已入库记录是否原样 | Verify that no settled record was altered"),
    Entry("evidence", "evidence", SIGNERS, "存证:导出存证首,或一个指标的证据包 | The log's head, or the evidence of a figure"),
    Entry("account", "account", ENGINEERS, "账号:谁能看、谁提出、谁签发 | Accounts: who reads, who proposes, who signs"),
    Entry("warehouse", "warehouse", ENGINEERS, "仓库的连接和内置服务器 | The warehouse's connection and the embedded server"),
    Entry("backup", "backup", ENGINEERS, "备份与恢复 | Backups: make, check, restore"),
    Entry("new", "new", ENGINEERS, "新建辖区、报表、汇总、指标、核对 | Lay a new district, report, mart, figure or check"),
)  # fmt: skip
"""In the order of the help."""


class Words(errors.Commands):
    """The commands of `ENTRIES`, each imported when it is called: the help of all of them imports none."""

    def __init__(self, **given: Any) -> None:
        """Take a typer group, which has no command yet."""
        super().__init__(**given)
        self.commands = {entry.word: _listed(entry) for entry in ENTRIES}
        self._imported: dict[str, Any] = {}
        self._is_listing = False

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command of a word, imported; in the help of all commands only what that shows of it."""
        entry = next((entry for entry in ENTRIES if entry.word == cmd_name), None)
        if entry is None or self._is_listing:
            return self.commands.get(cmd_name)
        if cmd_name not in self._imported:
            self._imported[cmd_name] = imported(entry)
        return self._imported[cmd_name]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help of all commands."""
        self._is_listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._is_listing = False


def _listed(entry: Entry) -> TyperCommand:
    return TyperCommand(entry.word, help=entry.help, rich_help_panel=entry.panel)


def imported(entry: Entry) -> Any:
    """Import the command of an entry."""
    alone = typer.Typer(cls=errors.Commands)
    import_module(f"fugong.cli.{entry.module}").register(alone)
    command: Any = typer.main.get_group(alone).commands[entry.word]
    command.help, command.rich_help_panel = entry.help, entry.panel
    return command
