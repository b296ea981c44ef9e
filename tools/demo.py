"""The whole flow on the sample district, as a user would type it: `make demo`.

Runs the commands `fugong …` and `tools/airflow_local.py` one after the other and shows their output. It may be run again; it refuses a
home that holds other data than its own.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "plugins"))

from airflow_local import DEMO, Home  # noqa: E402

from fugong.access import passwords  # noqa: E402
from fugong.access.authentication import Answer  # noqa: E402
from fugong.briefing import signing  # noqa: E402
from fugong.core import errors  # noqa: E402
from fugong.core.settings import Settings  # noqa: E402
from fugong.storage.modes import PASSAGE, UMASK, make_folder  # noqa: E402
from fugong.warehouse.connection import connect  # noqa: E402
from fugong.warehouse.embedded import server as embedded  # noqa: E402

DAY = "2020-03-18"
FIGURES = ("S002", "S003", "S004", "S005", "S007", "S041", "S033", "S049", "S038", "S039")
TRACED = "S041"
BRIEFING = f"简报{DAY}"
SHOWN_STATES = ("partly_accepted", "rejected", "duplicate")
DROPPED = "20200318_R04_TAX_V1.csv"
RECEIPT_SECONDS = 60
CLERK, LEADER = "li", "wang"
PEOPLE = {
    CLERK: ("李敏", "科员", ("--department", "TAX", "--role", "department")),
    LEADER: ("王建国", "区长", ("--role", "signer")),
}
"""Account → name, post, what `fugong account add` is told besides."""
PASSWORDS = "demo_passwords.json"
SPOILED = "20200318_R04_TAX_V9.csv"
"""A file to try, with a word where an amount belongs."""

console = Console(highlight=False)
environment = {**os.environ, "PYTHONPATH": str(PROJECT / "plugins"), "FUGONG_DISTRICT": str(PROJECT)}


class DemoError(Exception):
    """The demonstration cannot go on. The sentence says why."""


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show a section of the demonstration and the time that it took."""
    console.rule(f"[bold]{title}", align="left")
    began = time.monotonic()
    yield
    console.print(f"[dim]{time.monotonic() - began:.0f} 秒 | s[/dim]\n")


def run(*command: str | Path, quiet: bool = False) -> str:
    """Run a command of ours; show its output, or return it.

    Raises:
        DemoError: it failed.
    """
    done = subprocess.run(
        [*map(str, command)], env=environment, check=False, stdout=subprocess.PIPE if quiet else None, text=True
    )
    if done.returncode:
        raise DemoError(f"命令失败 | this failed: {' '.join(map(str, command))}")
    return done.stdout or ""


def fugong(*words: str | Path, quiet: bool = False) -> str:
    """Run `fugong …`."""
    console.print(f"[cyan]$ fugong {' '.join(map(str, words))}[/cyan]")
    return run(sys.executable, "-m", "fugong", *words, quiet=quiet)


def airflow(*words: str) -> None:
    """Run `tools/airflow_local.py …`."""
    run(sys.executable, PROJECT / "tools/airflow_local.py", *words)


def refuse_real_data(settings: Settings) -> None:
    """Keep invented reports from real ones.

    Raises:
        DemoError: the home has a warehouse that the demonstration did not make.
    """
    if (settings.home / DEMO).exists():
        return
    if settings.warehouse_url or embedded.exists(settings.home):
        raise DemoError(
            f"{settings.home} 已有别的数据,演示不写入。请另设 FUGONG_HOME(并清空 FUGONG_WAREHOUSE)再试。\n"
            f"{settings.home} holds other data; the demonstration leaves it alone. "
            "Set another FUGONG_HOME (and no FUGONG_WAREHOUSE), and try again."
        )
    make_folder(settings.home, PASSAGE)
    (settings.home / DEMO).write_text("样例区数据,全部虚构。 | The sample district: all invented.\n", encoding="utf-8")


def receipts(settings: Settings) -> list[tuple[dict[str, object], Path]]:
    """Every receipt with its text file, the newest first."""
    found = [
        (json.loads(file.read_text(encoding="utf-8")), file.with_suffix(".txt")) for file in settings.outbox.rglob("*.回执.json")
    ]
    return sorted(found, key=lambda one: int(str(one[0]["submission_id"])), reverse=True)


def show_receipts(settings: Settings) -> None:
    """Show one receipt of each kind that asks its reader to act."""
    everything = receipts(settings)
    for state in SHOWN_STATES:
        for receipt, text in everything:
            if receipt["state"] == state:
                said = Text(text.read_text(encoding="utf-8").strip())
                console.print(Panel(said, title=f"{receipt['department_code']} · {receipt['file_name']}", title_align="left"))
                if receipt["workbook"]:
                    console.print(f"[dim]工作簿 | workbook[/dim] {text.parent / str(receipt['workbook'])}", markup=True)
                break


def show_trace() -> None:
    """Show the first lines behind a figure, and their sum."""
    lines = fugong("trace", TRACED, "--as-of", DAY, quiet=True).rstrip().splitlines()
    for line in lines[:12]:
        console.print(line, markup=False)
    console.print(f"[dim]…… 共 {len(lines)} 行输出 | {len(lines)} lines of output[/dim]")
    console.print(lines[-1], markup=False)


def write_briefing(settings: Settings) -> None:
    """Write the briefing as a document, take its other formats from the draft for the signer, and show its first lines."""
    fugong("briefing", "--as-of", DAY, "-o", settings.home / f"{BRIEFING}.docx")
    drafts = [file for file in (settings.briefings / DAY).iterdir() if "草稿" in file.name]
    for ending in (".html", ".md"):
        newest = max((file for file in drafts if file.suffix == ending), key=lambda file: file.stat().st_mtime)
        (settings.home / f"{BRIEFING}{ending}").write_bytes(newest.read_bytes())
    text = (settings.home / f"{BRIEFING}.md").read_text(encoding="utf-8")
    lines = [line for line in text.partition("\n# 附件")[0].splitlines() if line.strip()]
    console.print(Panel(Text("\n".join(lines)), title=f"{BRIEFING}.md", title_align="left"))


def drop_one(settings: Settings) -> None:
    """Drop a file that was sent before, and wait for the receipt from Airflow.

    Raises:
        DemoError: none came.
    """
    sent = next(receipt for receipt, _ in receipts(settings) if receipt["file_name"] == DROPPED)
    known = {receipt["submission_id"] for receipt, _ in receipts(settings)}
    sha256 = str(sent["sha256"])
    file = settings.inbox / "TAX" / DROPPED
    console.print(f"[cyan]$ cp {DROPPED} {file.parent}/[/cyan]")
    file.write_bytes((settings.archive / sha256[:2] / sha256).read_bytes())
    began = time.monotonic()
    while time.monotonic() < began + RECEIPT_SECONDS:
        for receipt, text in receipts(settings)[:1]:
            if receipt["submission_id"] not in known and text.exists():
                seconds = time.monotonic() - began
                said = Text(text.read_text(encoding="utf-8").strip())
                console.print(Panel(said, title=f"{seconds:.1f} 秒后的回执 | receipt after {seconds:.1f} s", title_align="left"))
                return
        time.sleep(0.2)
    raise DemoError(f"{RECEIPT_SECONDS} 秒内没有回执 | no receipt. docs/runbooks/airflow_does_not_start.md")


def let_people_in(settings: Settings) -> dict[str, str]:
    """Accounts of a clerk and a leader; the same passwords again where they still count."""
    there = {one["account"] for one in json.loads(fugong("account", "list", "--json", quiet=True))}
    file = settings.home / PASSWORDS
    known: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    for account, (name, post, words) in PEOPLE.items():
        if account not in there:
            fugong("account", "add", account, "--name", name, "--post", post, *words)
        with connect(settings) as connection:
            if account in known and passwords.verify(connection, account, known[account]) is Answer.RIGHT:
                continue
            known[account] = secrets.token_urlsafe(9)
            # A person would have to choose another one at the first login; here nobody has to.
            passwords.choose(connection, account, passwords.give_initial(connection, account), known[account])
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(json.dumps(known), encoding="utf-8")
    return known


def draft_for(settings: Settings) -> None:
    """A draft of the day that waits for a signature."""
    with connect(settings) as connection:
        if any(one.as_of.isoformat() == DAY for one in signing.waiting(connection)):
            return
    signing.draft(settings, f"demo {datetime.now(UTC).isoformat()}", signing.Asked.read({"as_of": DAY}))


def spoil_one(settings: Settings) -> Path:
    """A file for the clerk to send: as it was sent before, but for one cell."""
    sent = next(receipt for receipt, _ in receipts(settings) if receipt["file_name"] == DROPPED)
    sha256 = str(sent["sha256"])
    content = (settings.archive / sha256[:2] / sha256).read_bytes()
    lines = content.splitlines(keepends=True)
    row = next(n for n, line in enumerate(lines) if line.startswith(b"2,"))
    lines[row] = lines[row].replace(b",35280,", ",三万五,".encode("gb18030"))
    file = settings.home / SPOILED
    file.write_bytes(b"".join(lines))
    return file


def what_to_try(settings: Settings, known: dict[str, str]) -> str:
    """Two addresses, and a minute for each of two people."""
    pages = f"http://127.0.0.1:{Home(settings.home / 'airflow').web_port()}"
    return f"""[green]演示完成 | Done.[/green]

[bold]经办人一分钟 | One minute for a clerk[/bold]   {pages}/department
  账号 | account {CLERK}   口令 | password {known[CLERK]}
  1. 看今天该报什么 | see what is due
  2. 把 {settings.home / SPOILED} 拖进页面 | drag this file onto the page
  3. 看回执:错的格子标出来 | the receipt marks the cell that is wrong
  4. 在页面上改好,送出 | mend it on the page, and send it

[bold]领导一分钟 | One minute for a leader[/bold]   {pages}/board?as_of={DAY}
  账号 | account {LEADER}   口令 | password {known[LEADER]}
  1. 看 3 月 18 日的数 | the figures of 18 March
  2. 点 {TRACED},一路点到原表的格子 | click {TRACED}, and go down to the cell that it came from
  3. 在“对比”里看昨天到今天为什么变 | what moved since yesterday, and why: Compare
  4. 在“签发”里签发草稿 | sign the draft: Sign
"""


def main() -> int:
    """Run all steps."""
    os.umask(UMASK)
    settings = Settings.load(environment)
    try:
        refuse_real_data(settings)
        # The files below arrive in the past. A running Airflow would take them as arriving today.
        airflow("down", "--keep-warehouse")
        with step("1/7 建仓库 | the warehouse"):
            fugong("init", quiet=True)
        with step("2/7 各部门投件 | departments drop their files"):
            fugong("sample", "--to", settings.inbox)
        with step("3/7 判读、入库、回执、汇总 | evaluate, load, answer, build"):
            fugong("ingest", "--history", settings.inbox / "history.csv")
        with step("4/7 部门收到的回执 | what departments get back"):
            show_receipts(settings)
        with step("5/7 指标与溯源 | figures, and where they come from"):
            fugong("figures", *FIGURES, "--as-of", DAY)
            show_trace()
        with step("6/7 Airflow"):
            airflow("up")
            drop_one(settings)
        with step("7/7 简报,网页上的人 | the briefing, and people for the pages"):
            draft_for(settings)
            write_briefing(settings)
            spoil_one(settings)
            known = let_people_in(settings)
    except (DemoError, errors.EmbeddedServerError) as fault:
        console.print(fault, style="red", markup=False)
        return 1
    console.rule(style="green")
    console.print(what_to_try(settings, known), soft_wrap=True)
    console.print(f"""  Airflow                 见上 | see above;用户 admin,密码在 {settings.home / "airflow/.env"}
  投件 | drop a file      {settings.inbox}/<部门代码>/
  回执 | receipts         {settings.outbox}/<部门代码>/
  全部指标 | all figures  fugong figures --as-of {DAY}
  简报 | briefing         {settings.home / BRIEFING}.docx .html .md(草稿;签发:在网页上,或以签发人登录后 fugong publish --as-of {DAY})
  停止 | stop             make down""")
    return 0


if __name__ == "__main__":
    sys.exit(main())
