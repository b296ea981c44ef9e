"""The `fugong` command."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table as RichTable

from fugong import __version__
from fugong.core.errors import ConfigurationError
from fugong.core.settings import Settings

app = typer.Typer(
    name="fugong",
    help="复工:部门报表 → 回执 → 仓库 → 汇总 → 指标,每个数字都能追到原始行。| Departments' files in, traceable figures out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
warehouse_app = typer.Typer(
    help="仓库的连接和内置服务器 | The warehouse's connection and the embedded server", no_args_is_help=True
)
app.add_typer(warehouse_app, name="warehouse")

STATES = {
    "received": ("已收到", "cyan"),
    "accepted": ("已入库", "green"),
    "partly_accepted": ("部分入库", "yellow"),
    "rejected": ("整份退回", "red"),
    "duplicate": ("重复报送", "dim"),
    "superseded": ("已被新版替换", "dim"),
    "withdrawn": ("已作废", "dim"),
}

Json = Annotated[bool, typer.Option("--json", help="输出 JSON | Print JSON")]
Lang = Annotated[str, typer.Option("--lang", help="zh 或 en | zh or en")]


def console() -> Console:
    """Where tables go."""
    return Console(soft_wrap=False)


def notes() -> Console:
    """Where progress and remarks go, so that output stays clean for pipes."""
    return Console(stderr=True)


def progress() -> Progress:
    """A progress bar on standard error; silent where that is not a terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=notes(),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", help="版本 | Version")] = False,
) -> None:
    if version:
        typer.echo(f"fugong {__version__}")
        raise typer.Exit


@app.command()
def init() -> None:
    """建立或升级仓库,可重复运行 | Create or upgrade the warehouse; safe to run again."""
    from fugong.operations import setup
    from fugong.storage import quarantine

    settings = Settings.load()
    for change in setup.init(settings):
        notes().print(f"  {change}", highlight=False)
    quarantine.key(settings)  # made now, so that it can be put where keys are kept
    notes().print(f"[green]仓库已就绪[/green] {settings.home} | The warehouse is ready")


@app.command()
def ingest(
    department: Annotated[str | None, typer.Option("--department", "-d", help="只处理这个部门 | This department only")] = None,
    history: Annotated[Path | None, typer.Option(help="历史清单 CSV(file,received_at)| Manifest of past files")] = None,
    marts: Annotated[bool, typer.Option("--marts/--no-marts", help="随后重算汇总 | Build the marts afterwards")] = True,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """收件、判读、入库、回执、汇总 | Take what lies in the inbox, answer it, and build the marts.

    退回的文件是结果,不是错误:命令仍以 0 结束。| Rejected files are outcomes: the exit code is still 0.
    """
    from fugong.intake import collect, pipeline
    from fugong.intake.load import Outcome
    from fugong.operations.build_marts import build_marts
    from fugong.warehouse import connection

    settings = Settings.load()
    connection.address(settings)
    if department and not (settings.inbox / department).is_dir():
        there = " ".join(sorted(folder.name for folder in settings.inbox.glob("*/")))
        raise typer.BadParameter(
            f"{department}: 没有这个收件夹,现有 {there} | no such inbox; there is {there}", param_hint="--department"
        )
    outcomes: list[Outcome] = []
    faults: list[str] = []
    with progress() as bar:
        if history is not None:
            arrivals = collect.read_manifest(history)
            if department:
                arrivals = [arrival for arrival in arrivals if arrival.department == department]
            task = bar.add_task("判读入库 | reading and loading", total=len(arrivals))

            def arrived(outcome: Outcome) -> None:
                outcomes.append(outcome)
                bar.advance(task)

            pipeline.ingest_history(settings, arrivals, on_outcome=arrived)
        else:
            collected = collect.collect(settings, department=department)
            for unusable in collected.faults:
                notes().print(f"[red]收件夹读写不了[/red] {unusable} | this inbox cannot be used", highlight=False)
            for path in collected.unsettled:
                notes().print(f"[yellow]还在写入,下次再收[/yellow] {path.name} | still being written, left for the next run")
            if collected.trials:
                notes().print(
                    f"试投 {collected.trials} 份,回执在 outbox/<部门>/试投 | {collected.trials} tried, nothing stored",
                    highlight=False,
                )
            names = [department] if department else pipeline.departments_with_work(settings)
            task = bar.add_task("判读入库 | reading and loading", total=None)

            def processed(outcome: Outcome) -> None:
                outcomes.append(outcome)
                bar.update(task, advance=1)

            for name in names:
                try:
                    pipeline.process_department(settings, name, on_outcome=processed)
                except ConfigurationError as fault:
                    faults.append(str(fault))
        if marts:
            bar.add_task("重算汇总 | building marts", total=None)
            build_marts(settings)
    if as_json:
        typer.echo(json.dumps([_plain(asdict(outcome)) for outcome in outcomes], ensure_ascii=False, indent=1))
    else:
        print_outcomes(outcomes, lang)
    if faults:
        raise ConfigurationError("\n".join(faults))


def print_outcomes(outcomes: Sequence[Any], lang: str) -> None:
    """What became of the files: all that need attention, and a count by state."""
    out = console()
    counts = Counter(outcome.state for outcome in outcomes)
    shown = [outcome for outcome in outcomes if outcome.state != "accepted"]
    if shown:
        is_zh = lang == "zh"
        table = RichTable(title="需要留意的报送" if is_zh else "Files to look at", title_justify="left")
        for name in ("编号", "部门", "文件", "状态", "收到行", "入库", "退回", "非数据") if is_zh else (
            "id", "department", "file", "state", "read", "accepted", "set aside", "not data"
        ):  # fmt: skip
            table.add_column(name, justify="right" if name in {"编号", "id", "收到行", "入库", "退回", "非数据"} else "left")
        for item in shown:
            zh, colour = STATES[item.state]
            table.add_row(
                str(item.submission_id),
                item.department,
                item.file_name,
                f"[{colour}]{zh if is_zh else item.state}[/{colour}]",
                *(f"{n:,}" for n in (item.rows_read, item.rows_accepted, item.rows_set_aside, item.rows_not_data)),
            )
        out.print(table)
    if not outcomes:
        out.print("收件夹里没有新文件。" if lang == "zh" else "No new files in the inbox.")
        return
    said = "、".join(f"{STATES[state][0] if lang == 'zh' else state} {n}" for state, n in counts.most_common())
    rows = sum(outcome.rows_accepted for outcome in outcomes)
    if lang == "zh":
        out.print(f"共 {len(outcomes)} 份:{said};入库 {rows:,} 行。回执在各部门发件夹。", highlight=False)
    else:
        out.print(f"{len(outcomes)} files: {said}; {rows:,} rows loaded. Receipts are in the outbox.", highlight=False)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="要试投的文件 | File to judge")],
    department: Annotated[str, typer.Option("--department", "-d", help="部门代码 | Department code")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", file_okay=False, help="把回执写到这个目录 | Write the receipt into this folder"),
    ] = None,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """试投:给出同样的回执,什么也不保存 | The receipt that the file would get; nothing is stored."""
    from fugong.intake.pipeline import check_file
    from fugong.receipts.text import text

    document = check_file(Settings.load(), file.resolve(), department, output)
    typer.echo(json.dumps(document, ensure_ascii=False, indent=1) if as_json else text(document, lang), nl=as_json)
    if output is not None:
        notes().print(f"回执已写到 {output} | the receipt is there", highlight=False)


@app.command()
def sample(
    to: Annotated[Path, typer.Option("--to", help="写到哪里;$FUGONG_HOME/inbox 即投件 | Where to write; the inbox drops them")],
    as_of: Annotated[str, typer.Option("--as-of", metavar="YYYY-MM-DD", help="写到哪一天 | Up to this day")] = "2020-03-18",
    seed: Annotated[int, typer.Option(help="随机种子 | Seed")] = 1,
    scale: Annotated[int, typer.Option(min=1, help="企业数放大倍数 | Multiplies the enterprises")] = 1,
) -> None:
    """生成样例区的报表文件 | Write the sample district's files."""
    settings = Settings.load()
    sys.path.insert(0, str(settings.include / "samples"))
    try:
        district = importlib.import_module("district")
    finally:
        sys.path.pop(0)
    with progress() as bar:
        bar.add_task("生成样例 | writing the sample district", total=None)
        files = district.write_district(to, as_of=date.fromisoformat(as_of), seed=seed, scale=scale)
    notes().print(f"已写 {len(files)} 个文件到 {to};历史清单 {to / 'history.csv'} | wrote {len(files)} files", highlight=False)


@warehouse_app.command("url")
def warehouse_url(
    role: Annotated[str, typer.Option(help="owner loader analyst taskforce auditor")] = "analyst",
) -> None:
    """打印连接地址 | Print the connection URL of a role."""
    from fugong.warehouse import connection

    typer.echo(connection.address_of(Settings.load(), role))


@warehouse_app.command("start")
def warehouse_start() -> None:
    """启动内置服务器 | Start the embedded server."""
    from fugong.warehouse import connection

    connection.address(Settings.load())
    notes().print("[green]已启动[/green] | running")


@warehouse_app.command("stop")
def warehouse_stop() -> None:
    """停止内置服务器 | Stop the embedded server."""
    from fugong.warehouse import embedded

    settings = Settings.load()
    if settings.warehouse_url:
        raise typer.BadParameter("FUGONG_WAREHOUSE 指向外部服务器,不由本命令管理 | the warehouse is not embedded")
    embedded.stop(settings.home)
    notes().print("[green]已停止[/green] | stopped")


@warehouse_app.command("psql", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def warehouse_psql(
    context: typer.Context, role: Annotated[str, typer.Option(help="owner loader analyst taskforce auditor")] = "owner"
) -> None:
    """打开 psql | Open psql on the warehouse as a role; further arguments are psql's."""
    from fugong.warehouse import connection, embedded

    settings = Settings.load()
    program = "psql" if settings.warehouse_url else str(embedded.binary("psql"))
    raise typer.Exit(subprocess.run([program, connection.address_of(settings, role), *context.args], check=False).returncode)


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    return {name: item.isoformat() if isinstance(item, date) else item for name, item in value.items()}


def _register() -> None:
    from fugong.cli import ask, audit, briefing, checks, departments, export, figures, maintenance, read, rules
    from fugong.cli.marts import register

    register(app)
    ask.register(app)
    export.register(app)
    rules.register(app)
    figures.register(app)
    departments.register(app)
    read.register(app)
    maintenance.register(app)
    briefing.register(app)
    checks.register(app)
    audit.register(app)


_register()


def main() -> None:
    """Run the command; faults that a person can act on end in one sentence, not in a stack of frames."""
    from fugong.core.errors import EmbeddedServerError, WarehouseError

    try:
        app()
    except (ConfigurationError, WarehouseError, EmbeddedServerError, LookupError, FileNotFoundError, ValueError) as error:
        notes().print(f"[red]✗[/red] {error}", highlight=False)
        raise SystemExit(2) from error
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        notes().print(
            f"[red]✗[/red] 仓库还没有建好,或比程序旧。请先运行 fugong init。 | The warehouse is not set up, or older than this "
            f"version: run `fugong init` first. ({error.diag.message_primary})",
            highlight=False,
        )
        raise SystemExit(2) from error
    except psycopg.OperationalError as error:
        notes().print(f"[red]✗[/red] 连不上仓库 | cannot reach the warehouse: {error}", highlight=False)
        raise SystemExit(3) from error
