"""Brings the tables of `intake`, `audit` and `ref` to the newest revision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy.schema import CreateSchema

from fugong.core.errors import WarehouseOlder
from fugong.warehouse import revision, schema_log, views
from fugong.warehouse.engine import driver
from fugong.warehouse.schema_log import Change
from fugong.warehouse.shape import differences, read_shape

SCHEMAS = ("intake", "report", "ref", "asof", "fact", "mart", "open", "audit", "access", "sent")
MIGRATED_SCHEMAS = ("intake", "audit", "ref")
MAX_DIFFERENCES = 5


def migrate(connection: sa.Connection) -> list[str]:
    """Run the revisions that the warehouse lacks, in the transaction of this connection. Drops all views if there are any to run.

    A warehouse that was made before there were revisions is compared with the first and stamped.

    Returns:
        One sentence per revision.

    Raises:
        WarehouseNewer: a newer program upgraded the warehouse.
        WarehouseOlder: it was made before there were revisions, and its tables are not those of the first.
    """
    for schema in SCHEMAS:
        connection.execute(CreateSchema(schema, if_not_exists=True))
    found = _find(connection)
    if found:
        revision.refuse_newer(found)
    known = revision.revisions()
    pending = known[known.index(found) + 1 :] if found else known
    if not pending:
        return []
    views.drop_views(connection)
    config = _config(connection)
    sentences: list[str] = []
    if found == "":
        _refuse_other_tables(connection)
        command.stamp(config, revision.BASELINE)
        found, pending = revision.BASELINE, pending[1:]
        sentences.append(f"the tables are those of revision {revision.BASELINE}")
    command.upgrade(config, "head")
    for before, after in zip((found, *pending), pending, strict=False):
        schema_log.record(
            connection, f"{revision.VERSION_SCHEMA}.{revision.VERSION_TABLE}", Change.MIGRATED, before=before, after=after
        )
        sentences.append(f"migrated to revision {after}: {_title(config, after)}")
    return sentences


def _find(connection: sa.Connection) -> str | None:
    """The revision of the tables, "" for tables without one, None for no tables."""
    inspector = sa.inspect(connection)
    if inspector.has_table(revision.VERSION_TABLE, revision.VERSION_SCHEMA):
        version = sa.table(revision.VERSION_TABLE, sa.column("version_num", sa.Text()), schema=revision.VERSION_SCHEMA)
        return revision.the_only(connection.execute(sa.select(version.c.version_num)).scalars().all())
    return "" if inspector.has_table("submission", "intake") else None


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(revision.VERSIONS.parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _title(config: Config, name: str) -> str:
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(config).get_revision(name)
    return script.doc.rstrip(".")


def _shape(connection: sa.Connection) -> dict[str, str]:
    shape = read_shape(connection, (*MIGRATED_SCHEMAS, "mart"))
    return {name: what for name, what in shape.items() if not name.startswith("mart.") or name.startswith("mart.check_row")}


def _refuse_other_tables(connection: sa.Connection) -> None:
    """Compare the tables with those of the first revision, created beside them for the purpose and rolled back.

    Raises:
        WarehouseOlder: they differ.
    """
    found = _shape(connection)
    raw = driver(connection)
    with connection.begin_nested() as savepoint:
        for schema in MIGRATED_SCHEMAS:
            name = sql.Identifier(schema)
            raw.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(name, sql.Identifier(f"{schema}_found")))
            raw.execute(sql.SQL("CREATE SCHEMA {}").format(name))
        raw.execute("ALTER TABLE IF EXISTS mart.check_row SET SCHEMA intake_found")  # analysts' views may read it
        raw.execute((revision.VERSIONS / "0001_baseline.sql").read_bytes())
        wanted = _shape(connection)
        savepoint.rollback()
    if told := differences(found, wanted):
        more = f" … (and {len(told) - MAX_DIFFERENCES} more)" if len(told) > MAX_DIFFERENCES else ""
        raise WarehouseOlder(
            f"仓库的表与第一版({revision.BASELINE})不同,不能升级:{';'.join(told[:MAX_DIFFERENCES])}{more}。"
            f"请先用上一版程序运行 fugong init。 | "
            f"The tables differ from the first revision ({revision.BASELINE}) and cannot be upgraded: "
            f"{'; '.join(told[:MAX_DIFFERENCES])}{more}. Run `fugong init` of the release before this one first."
        )
