"""Commands of accounts: add, list, change, disable, enable, password, unlock, logins, looks, uploads, airflow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import psycopg
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from fugong.access import manage
from fugong.access.account import Account, Role, accounts, airflow_role, find_account
from fugong.access.authentication import Event, events, record
from fugong.access.looks import looks as list_looks
from fugong.access.uploads import uploads as list_uploads
from fugong.cli.common import AsJson, Lang, Language, department_names, opened_warehouse, print_json, say
from fugong.core.settings import Settings
from fugong.core.time import SHANGHAI

Name = Annotated[str, typer.Argument(metavar="ACCOUNT", help="账号,如 zhang.san | The account, such as zhang.san")]
Roles = Annotated[
    list[Role] | None,
    typer.Option("--role", help=f"角色,可多个:{' '.join(Role)} | Role, may be repeated"),
]


def register(app: typer.Typer) -> None:
    """Add the group `account`."""
    group = typer.Typer(no_args_is_help=True)
    group.command("add", help="新增账号 | Add a person's account")(add)
    group.command("list", help="全部账号 | All accounts")(list_)
    group.command("change", help="改姓名、职务、角色 | Change name, post or roles")(change)
    group.command("disable", help="停用:不能再登录、签发 | Disable: it can log in and sign no more")(disable)
    group.command("enable", help="恢复 | Enable it again")(enable)
    group.command("password", help="换新口令,打印连接地址(只此一次)| New password; prints the address, once")(password)
    group.command(
        "page-password",
        help="网页的初始口令(只此一次),本人登录后自己改 | First password of the pages, once; the person changes it",
    )(page_password)
    group.command("unlock", help="解除锁定(口令多次不对)| Unlock after wrong passwords")(unlock)
    group.command("logins", help="登录记录:谁、何时、从哪里、结果 | Who logged in, failed or was refused")(logins)
    group.command("looks", help="谁在网页上看过企业明细 | Who looked at single firms on the pages")(looks)
    group.command("uploads", help="谁在网页上报送、改行、答复过哪些文件 | Who sent, mended or answered files on the pages")(
        uploads
    )
    group.command("airflow", help="Airflow 的用户与角色 | Users of Airflow and their roles: name:role,…")(airflow)
    app.add_typer(group, name="account")


def add(
    account: Name,
    name: Annotated[str, typer.Option("--name", help="姓名 | Name")],
    post: Annotated[str, typer.Option("--post", help="职务,印在文件上 | Post, as documents print it")],
    role: Roles = None,
    department: Annotated[
        str | None, typer.Option("--department", "-d", help="部门代码(部门账号)| Department, for its account")
    ] = None,
    lang: Language = Lang.ZH,
) -> None:
    """Add an account. Its password is made by `fugong account password`."""
    roles = frozenset(role or ([Role.DEPARTMENT] if department else [Role.VIEWER]))
    with _as_owner() as connection:
        made = manage.add_account(connection, Account(account, name.strip(), post.strip(), department, roles, is_active=True))
    _tell(made, lang)


def list_(lang: Language = Lang.ZH, as_json: AsJson = False) -> None:
    """List all accounts."""
    with opened_warehouse() as (_, connection):
        found = accounts(connection)
    if as_json:
        print_json([one.to_json() for one in found])
        return
    heads = (
        ("账号", "account"),
        ("姓名", "name"),
        ("职务", "post"),
        ("部门", "department"),
        ("角色", "roles"),
        ("状态", "state"),
    )
    table = Table(*(Column(say(lang, *head), overflow="fold") for head in heads))
    for one in found:
        state = say(lang, "有效", "active") if one.is_active else say(lang, "已停用", "disabled")
        table.add_row(one.account, one.name, one.post, one.department or "", " ".join(sorted(one.roles)), state)
    Console().print(table)


def change(
    account: Name,
    name: Annotated[str | None, typer.Option("--name", help="姓名 | Name")] = None,
    post: Annotated[str | None, typer.Option("--post", help="职务 | Post")] = None,
    role: Roles = None,
    department: Annotated[str | None, typer.Option("--department", "-d", help="部门代码 | Department")] = None,
    lang: Language = Lang.ZH,
) -> None:
    """Change what is given; roles replace those before."""
    with _as_owner() as connection:
        _tell(manage.change_account(connection, account, name=name, post=post, roles=role or None, department=department), lang)


def disable(account: Name, lang: Language = Lang.ZH) -> None:
    """Disable an account; what it did stays."""
    with _as_owner() as connection:
        _tell(manage.change_account(connection, account, is_active=False), lang)


def enable(account: Name, lang: Language = Lang.ZH) -> None:
    """Enable an account again; it needs a new password."""
    with _as_owner() as connection:
        _tell(manage.change_account(connection, account, is_active=True), lang)


def password(account: Name) -> None:
    """Make a new password and print the address to log in with. Nothing keeps it."""
    with _as_owner() as connection:
        typer.echo(manage.set_password(connection, account))


def page_password(account: Name) -> None:
    """Make a first password for the pages and print it. The person has to choose another one."""
    from fugong.access.passwords import give_initial  # late: argon2 is needed by this command alone

    with _as_owner() as connection:
        typer.echo(give_initial(connection, account))


def unlock(account: Name) -> None:
    """Let an account log in again at once."""
    with _as_owner() as connection:
        find_account(connection, account)
        record(connection, Event.UNLOCKED, account)


def logins(
    account: Annotated[str | None, typer.Argument(metavar="[ACCOUNT]", help="账号;不写为全部 | The account; all without")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="最多几条 | At most so many")] = 50,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """Show the newest logins, the newest first."""
    with opened_warehouse() as (_, connection):
        found = events(connection, account, limit)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    heads = (("时间", "at"), ("事件", "event"), ("账号", "account"), ("来源", "from"))
    table = Table(*(Column(say(lang, *head), overflow="fold") for head in heads))
    for one in found:
        at = f"{one.recorded_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
        table.add_row(at, say(lang, *EVENTS[one.event]), one.account, one.address or "")
    Console().print(table)


EVENTS = {
    Event.LOGIN: ("登录", "logged in"),
    Event.FAILED: ("账号或口令不对", "wrong account or password"),
    Event.LOCKED: ("锁定中,拒绝", "refused while locked"),
    Event.REFUSED: ("无账号、停用或无角色", "no account, disabled, or no role"),
    Event.UNAVAILABLE: ("目录服务没有应答", "the directory did not answer"),
    Event.LOGOUT: ("退出", "logged out"),
    Event.UNLOCKED: ("解锁", "unlocked"),
}


def looks(
    account: Annotated[str | None, typer.Argument(metavar="[ACCOUNT]", help="只看这个账号 | Of this account only")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="最多几条 | How many at most")] = 50,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """List the newest looks at single firms."""
    with opened_warehouse() as (_, connection):
        found = list_looks(connection, account, limit)
    if as_json:
        print_json([one.to_json() for one in found])
        return
    heads = (("时间", "at"), ("账号", "account"), ("页面", "page"), ("来源地址", "from"))
    table = Table(*(Column(say(lang, *head), overflow="fold") for head in heads))
    for one in found:
        moment = f"{one.recorded_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
        table.add_row(moment, escape(one.account), escape(one.page), one.address or "")
    Console().print(table)


def uploads(
    account: Annotated[str | None, typer.Argument(metavar="[ACCOUNT]", help="只看这个账号 | Of this account only")] = None,
    department: Annotated[str | None, typer.Option("--department", "-d", help="只看这个部门 | Of this department only")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="最多几条 | How many at most")] = 50,
    lang: Language = Lang.ZH,
    as_json: AsJson = False,
) -> None:
    """List the newest files that people sent, mended or answered on the pages."""
    with opened_warehouse() as (_, connection):
        found = list_uploads(connection, account, department, limit)
        names = department_names(connection, lang)
    if as_json:
        print_json([one.to_json() for one in found])
        return
    heads = (
        ("时间", "at"),
        ("账号", "account"),
        ("部门", "department"),
        ("做了什么", "what"),
        ("文件", "file"),
        ("报送", "submission"),
    )
    table = Table(*(Column(say(lang, *head), overflow="fold") for head in heads), padding=0)
    for one in found:
        what = one.what.names.text_in(lang) + ("" if one.about is None else say(lang, f"(第 {one.about} 号)", f" ({one.about})"))
        table.add_row(
            f"{one.recorded_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
            escape(one.account),
            names.get(one.department_code, one.department_code),
            what,
            escape(one.file_name),
            "" if one.submission_id is None else str(one.submission_id),
        )
    Console().print(table)


def airflow() -> None:
    """Print who may do what in Airflow, as its simple auth manager reads it."""
    with opened_warehouse() as (_, connection):
        found = [(one.account, airflow_role(one)) for one in accounts(connection)]
    typer.echo(",".join(f"{name}:{role}" for name, role in found if role))


@contextmanager
def _as_owner() -> Iterator[psycopg.Connection]:
    from fugong.warehouse.connection import connect

    with connect(Settings.load()) as connection:
        yield connection


def _tell(account: Account, lang: Lang) -> None:
    state = say(lang, "有效", "active") if account.is_active else say(lang, "已停用", "disabled")
    Console().print(
        f"{account.account}  {account.printed}  {' '.join(sorted(account.roles))}  {state}", highlight=False, markup=False
    )
