"""How errors end a command: one sentence on standard error, and one exit code for each kind, whatever the command.

0  what was asked for is done (`ingest` also when files were rejected)
1  what was asked for does not exist or is refused; `check` would return something; `maintenance` found something bad
2  usage, or our configuration is wrong
3  the database is away
4  run `fugong init`
"""

from __future__ import annotations

from functools import cache
from typing import Any

import typer
from rich.markup import escape
from typer.core import TyperGroup

from fugong.cli.console import Console
from fugong.core import deprecation
from fugong.core.errors import (
    ConfigurationError,
    EmbeddedServerError,
    NotFoundError,
    RefusedError,
    WarehouseError,
    WarehouseVersionError,
)

REFUSED = 1
CONFIGURATION = 2
DATABASE_AWAY = 3
RUN_INIT = 4


@cache
def _other_shape() -> tuple[type[Exception], ...]:
    """What a statement meets in a warehouse of another version."""
    from psycopg import errors

    return (errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedFunction, errors.InvalidSchemaName)


def of_users() -> tuple[type[Exception], ...]:
    """Errors that a user can cause. Every other one is a fault of the program, and its frames are shown."""
    import psycopg  # only once an error is there: the help needs no driver

    return (
        NotFoundError,
        RefusedError,
        ConfigurationError,
        WarehouseError,
        EmbeddedServerError,
        *_other_shape(),
        psycopg.errors.InsufficientPrivilege,
        psycopg.OperationalError,
        OSError,
    )


def exit_code(error: Exception) -> int:
    """The exit code of a command that ends with this error."""
    import psycopg

    match error:
        case WarehouseVersionError():
            return RUN_INIT
        case psycopg.Error() if isinstance(error, _other_shape()):
            return RUN_INIT
        case psycopg.OperationalError() | EmbeddedServerError():
            return DATABASE_AWAY
        case ConfigurationError() | WarehouseError():
            return CONFIGURATION
        case _:
            return REFUSED


def sentence(error: Exception) -> str:
    """What the user reads."""
    import psycopg

    match error:
        case psycopg.Error() if isinstance(error, _other_shape()):
            return (
                "仓库与程序的版本不同,请先运行 fugong init。 | The warehouse has another version than the program: "
                f"run `fugong init` first. ({error.diag.message_primary})"
            )
        case psycopg.errors.InsufficientPrivilege():
            return f"这个角色没有权限 | This role may not do that: {error.diag.message_primary}"
        case psycopg.OperationalError():
            return f"连不上仓库 | The warehouse cannot be reached: {error}".strip()
        case FileNotFoundError() if error.filename is not None:
            return f"没有这个文件或目录 | There is no such file or folder: {error.filename}"
        case PermissionError() if error.filename is not None:
            return f"没有权限读写 | No permission to read or write: {error.filename}"
        case OSError() if error.filename is not None:
            return f"{error.filename}: {error.strerror}"
        case _:
            return str(error)


class Commands(TyperGroup):
    """A group of commands whose errors end in one sentence and an exit code, not in a stack of frames. Old names still work, and say so."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words that were typed; old names stand for new ones."""
        words, used = deprecation.renamed(args)
        for one in (*used, *deprecation.variables_used()):
            typer.echo(f"※ {one}", err=True)
        return super().parse_args(ctx, words)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was typed.

        Raises:
            typer.Exit: with the exit code of an error that a user can cause.
        """
        try:
            return super().invoke(ctx)
        except of_users() as error:
            Console(stderr=True, soft_wrap=True).print(f"[red]✗[/red] {escape(sentence(error))}", highlight=False)
            raise typer.Exit(exit_code(error)) from error
