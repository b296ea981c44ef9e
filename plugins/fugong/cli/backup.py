"""The group `backup`: make, list, check, rehearse and restore backups, and make the key pair that they are sealed for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from fugong.cli.common import AsJson, Lang, Language, notes, print_json, progress_bar, say
from fugong.cli.console import Console
from fugong.cli.maintenance import print_results
from fugong.core.errors import RefusedError
from fugong.core.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the group `backup`."""
    group = typer.Typer(no_args_is_help=True)
    group.command("make", help="现在做一份备份 | Make a backup now")(make)
    group.command("list", help="列出备份 | List the backups")(list_)
    group.command("check", help="检查备份是否完好 | Check that the backups are as they were made")(check)
    group.command("rehearse", help="做一份备份并试恢复,核对指标 | Make a backup, restore it for trial, compare the figures")(
        rehearse
    )
    group.command("restore", help="把备份恢复到空的仓库 | Restore a backup into an empty warehouse")(restore)
    group.command("key", help="生成加密备份用的密钥对 | Make the key pair that backups are sealed for")(key)
    app.add_typer(group, name="backup")


def make() -> None:
    """现在做一份备份 | Make a backup now, as every night."""
    from fugong.operations.backups.make import make_backup

    with notes().status("正在导出并加密 | dumping and sealing …"):
        made = make_backup(Settings.load())
    megabytes = made.backup.path.stat().st_size / 1e6
    sealed = "" if made.backup.is_sealed else " 没有加密:未设 FUGONG_BACKUP_KEY | not sealed: FUGONG_BACKUP_KEY is not set"
    notes().print(
        f"已备份 | made: {made.backup.path} ({megabytes:,.1f} MB, {made.facts.submissions:,} 份报送 | submissions){sealed}",
        markup=False,
        highlight=False,
    )
    notes().print(
        f"存档新副本 | new copies of archived files: {made.n_copied:,};过期删除 | removed: {made.n_removed:,}", highlight=False
    )


def list_(lang: Language = Lang.ZH, as_json: AsJson = False) -> None:
    """列出备份 | List the backups, oldest first."""
    from dataclasses import asdict

    from fugong.operations.backups.folder import list_backups
    from fugong.operations.backups.make import backup_folder

    backups = list_backups(backup_folder(Settings.load()))
    if as_json:
        print_json([asdict(one.manifest) if one.manifest else {"file": one.path.name} for one in backups])
        return
    table = Table(
        say(lang, "备份", "backup"),
        Column("MB", justify="right"),
        Column(say(lang, "小时前", "hours ago"), justify="right"),
        say(lang, "加密", "sealed"),
        Column(say(lang, "报送", "submissions"), justify="right"),
        say(lang, "存证首", "head of the log"),
    )
    for one in backups:
        table.add_row(
            escape(one.path.name),
            f"{one.path.stat().st_size / 1e6:,.1f}",
            f"{one.age_seconds / 3600:,.1f}",
            "✓" if one.is_sealed else "–",
            f"{one.manifest.submissions:,}" if one.manifest else "–",
            f"{one.manifest.head[:24]}…" if one.manifest and one.manifest.head else "–",
        )
    Console().print(table)


def check(lang: Language = Lang.ZH, as_json: AsJson = False) -> None:
    """检查备份是否完好 | Check the newest backup and the copies of archived files. Exit code 1 if somebody has to act."""
    from fugong.operations.backups import check_backups

    print_results(check_backups(Settings.load()), lang, as_json=as_json)


def rehearse(lang: Language = Lang.ZH, as_json: AsJson = False) -> None:
    """做一份备份并试恢复 | Make a backup, restore it into a server of its own and compare. Exit code 1 if somebody has to act."""
    from fugong.operations.backups.make import backup_folder
    from fugong.operations.backups.nightly import back_up

    settings = Settings.load()
    backup_folder(settings)
    with notes().status("正在备份、试恢复、核对 | making a backup, restoring it for trial, comparing …"):
        results = back_up(settings, rehearses=True)
    print_results(results, lang, as_json=as_json)


def restore(
    backup: Annotated[
        str, typer.Argument(metavar="[FILE]", help="备份的名字,空为最近的 | Its name; the newest if left out")
    ] = "",
    identity: Annotated[
        Path | None, typer.Option("--identity", "-i", help="私钥文件 | The file with the identity, for sealed ones")
    ] = None,
) -> None:
    """把备份恢复到空的仓库 | Restore a backup and the archived files into an empty warehouse, then upgrade it (fugong init)."""
    from fugong.operations import setup
    from fugong.operations.backups.age import read_identities
    from fugong.operations.backups.folder import find_backup
    from fugong.operations.backups.make import backup_folder
    from fugong.operations.backups.restore import restore_archive, restore_dump
    from fugong.warehouse import roles
    from fugong.warehouse.connection import address
    from fugong.warehouse.embedded import server

    settings = Settings.load()
    folder = backup_folder(settings)
    found = find_backup(folder, backup)
    if found.is_sealed and identity is None:
        raise RefusedError(
            f"{found.path.name} 是加密的,请用 --identity 指明私钥文件 | {found.path.name} is sealed: name the file with the identity (--identity)"
        )
    identities = read_identities(identity) if identity else []
    if not (settings.owner_url or settings.warehouse_url):
        server.start(settings.home)
        roles.prepare_server(settings.home)
    with notes().status(f"正在恢复 | restoring {found.path.name} …"):
        restore_dump(found, address(settings), identities, settings.spool)
    for change in setup.init(settings):
        notes().print(f"  {change}", markup=False, highlight=False)
    with progress_bar() as bar:
        task = bar.add_task("存档文件 | archived files", total=None)
        n_files, wrong = restore_archive(
            folder, settings, identities, lambda n, n_all: bar.update(task, completed=n, total=n_all)
        )
    notes().print(
        f"[green]已恢复[/green] {escape(found.path.name)};存档文件 {n_files:,} 个 | restored, with {n_files:,} archived files",
        highlight=False,
    )
    notes().print(
        "请接着核对:fugong verify --head 存证首;每人的仓库密码要重新生成:fugong account … | Then verify (fugong verify --head); "
        "people's passwords of the warehouse are to be made anew (fugong account)",
        highlight=False,
    )
    if wrong:
        raise RefusedError(f"副本损坏 | damaged copies: {', '.join(wrong[:5])} ({len(wrong)})")


def key(
    file: Annotated[
        Path, typer.Argument(help="私钥写到哪里,做完拿走另存 | Where the identity goes; take it away from this server")
    ],
) -> None:
    """生成密钥对 | Make a key pair: the identity into FILE, the public key on standard output, for FUGONG_BACKUP_KEY."""
    from fugong.operations.backups.age import new_identity

    typer.echo(new_identity(file))
    notes().print(
        f"私钥在 {escape(str(file))}:请离线保存两份,不要留在本机;丢了它,加密的备份谁也打不开。上面一行是公钥,写入 FUGONG_BACKUP_KEY。 | "
        f"The identity is in {escape(str(file))}: keep two copies offline and none on this server. Without it nobody opens a sealed backup. "
        "The line above is the public key, for FUGONG_BACKUP_KEY.",
        highlight=False,
    )
