"""Commands of the warehouse: set-up and upgrade, its address, the embedded server."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Annotated

import typer

from fugong.cli.common import (
    notes,
)
from fugong.core.errors import ConfigurationError, WarehouseError
from fugong.core.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command `init` and the group `warehouse`."""
    app.command("init")(init)
    group = typer.Typer(no_args_is_help=True)
    group.command("url", help="打印连接地址 | Print the connection URL of a role")(url)
    group.command("start", help="启动内置服务器 | Start the embedded server")(start)
    group.command("stop", help="停止内置服务器 | Stop the embedded server")(stop)
    group.command(
        "psql",
        help="打开 psql | Open psql on the warehouse as a role; further arguments are psql's",
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )(psql)
    group.command("dump", help="导出整个仓库,供备份 | Dump the whole warehouse, for backups")(dump)
    group.command("distribute", help="把报表明细分布到 Citus 集群 | Distribute the rows of reports over a Citus cluster")(
        distribute
    )
    app.add_typer(group, name="warehouse")


def init() -> None:
    """建立或升级仓库,可重复运行 | Create or upgrade the warehouse; safe to run again."""
    from fugong.messages import refused
    from fugong.operations import setup
    from fugong.storage import quarantine

    settings = Settings.load()
    try:
        changes = setup.init(settings, is_strict=True)
    except ConfigurationError as error:
        refused.tell(settings, error)
        raise
    for change in changes:
        notes().print(f"  {change}", highlight=False)
    quarantine.key(settings)  # made now, so that it can be put where keys are kept
    notes().print(f"[green]仓库已就绪[/green] {settings.home} | The warehouse is ready")


def url(
    role: Annotated[str, typer.Option(help="owner loader analyst taskforce auditor")] = "analyst",
) -> None:
    """打印连接地址 | Print the connection URL of a role."""
    from fugong.warehouse import connection

    typer.echo(connection.address_of(Settings.load(), role))


def start() -> None:
    """启动内置服务器 | Start the embedded server."""
    from fugong.warehouse import connection

    connection.address(Settings.load())
    notes().print("[green]已启动[/green] | running")


def stop() -> None:
    """停止内置服务器 | Stop the embedded server."""
    from fugong.warehouse.embedded import server

    settings = Settings.load()
    if settings.warehouse_url:
        raise typer.BadParameter("FUGONG_WAREHOUSE 指向外部服务器,不由本命令管理 | the warehouse is not embedded")
    server.stop(settings.home)
    notes().print("[green]已停止[/green] | stopped")


def psql(
    context: typer.Context, role: Annotated[str, typer.Option(help="owner loader analyst taskforce auditor")] = "owner"
) -> None:
    """打开 psql | Open psql on the warehouse as a role; further arguments are psql's."""
    from fugong.storage.modes import private_folder
    from fugong.warehouse import connection
    from fugong.warehouse.conninfo import without_secrets
    from fugong.warehouse.embedded.binaries import binary

    settings = Settings.load()
    program = "psql" if settings.warehouse_url else str(binary("psql"))
    with without_secrets(connection.address_of(settings, role), private_folder(settings.spool)) as (parameters, environment):
        done = subprocess.run([program, f"--dbname={parameters}", *context.args], check=False, env=environment)
    raise typer.Exit(done.returncode)


def dump(
    output: Annotated[Path, typer.Option("--output", "-o", dir_okay=False, help="写到 .dump 文件 | The .dump file to write")],
) -> None:
    """导出整个仓库,供备份 | Dump the whole warehouse, for backups. The file takes its name when it is complete."""
    from fugong.storage.atomic_file import replacing
    from fugong.storage.modes import private_folder
    from fugong.warehouse import connection
    from fugong.warehouse.conninfo import without_secrets
    from fugong.warehouse.embedded.binaries import binary

    settings = Settings.load()
    with connection.connect(settings):  # where that fails it says more than pg_dump would
        url = connection.address(settings)
    with without_secrets(url, private_folder(settings.spool)) as (parameters, environment), replacing(output) as draft:
        command = [binary("pg_dump"), "--format=custom", f"--file={draft}", f"--dbname={parameters}"]
        done = subprocess.run(command, check=False, env=environment, stderr=subprocess.PIPE, text=True, errors="replace")
        if done.returncode:
            raise WarehouseError(f"没有导出 | not dumped: {done.stderr.strip()}")
    notes().print(f"已导出 | dumped: {output}", markup=False, highlight=False)


def distribute() -> None:
    """把报表明细分布到 Citus 集群,可重复运行 | Distribute the rows of reports over a Citus cluster; safe to run again."""
    from fugong.warehouse import connection, distribution

    with connection.connect(Settings.load(), autocommit=True) as warehouse:
        changes = distribution.distribute(warehouse)
        for change in changes:
            notes().print(f"  {change}", highlight=False)
        distribution.refuse_lacking(warehouse)
    if not changes:
        notes().print("没有要分布的表 | Every table that can be distributed is")
