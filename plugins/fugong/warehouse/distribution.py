"""Distributes the tables of `report` over the nodes of a Citus cluster: those with `uscc` by it. Everything else stays on the coordinator.

`ref` stays, too: as reference tables its functions could run on a node that does not see the session's settings, where the past reads as the
present. What only an administrator can do is not done here; what is missing of it is told, a sentence each.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from psycopg import sql

from fugong.core.errors import WarehouseError

EXTENSION = "citus"
COLUMN = "uscc"
LOADER = "fugong_loader"
READERS = ("fugong_loader", "fugong_taskforce", "fugong_signer", "fugong_backup")
"""The roles that read or write `report`: nodes are asked in the name of the role that asks the coordinator."""


def distribute(connection: psycopg.Connection) -> list[str]:
    """Distribute every table of `report` with a `uscc` that is not distributed yet; safe to repeat. Loads wait meanwhile.

    Roles that were there before the extension become known to Citus with the first table: it sets them on every node as they are on the
    coordinator, where they may not log in. So `refuse_lacking` afterwards, too.

    Args:
        connection: the owner's. One that commits each statement distributes each table in a transaction of its own.

    Returns:
        One sentence per table that was distributed.

    Raises:
        WarehouseError: something has to be done first. The message has one sentence for each thing.
    """
    refuse_lacking(connection)
    return _distribute(connection)


def refuse_lacking(connection: psycopg.Connection) -> None:
    """Check that an administrator has done what only one can do.

    Raises:
        WarehouseError: something is lacking. The message has one sentence for each thing.
    """
    if lacks := list(_lacks(connection)):
        raise WarehouseError("\n".join(lacks))


def go_on(connection: psycopg.Connection) -> list[str]:
    """Distribute the tables of new reports in a warehouse whose others are; nothing in every other one.

    Returns:
        One sentence per table.

    Raises:
        WarehouseError: see `distribute`.
    """
    return distribute(connection) if is_distributed(connection) else []


def is_distributed(connection: psycopg.Connection) -> bool:
    """Whether any table of `report` is distributed."""
    if not _is_there(connection):
        return False
    [(found,)] = connection.execute(
        """
        SELECT EXISTS (
            SELECT FROM pg_dist_partition
            INNER JOIN pg_class ON pg_class.oid = pg_dist_partition.logicalrelid
            WHERE pg_class.relnamespace = 'report'::regnamespace AND pg_dist_partition.partmethod = 'h'
        )
        """
    ).fetchall()
    return bool(found)


def _is_there(connection: psycopg.Connection) -> bool:
    return connection.execute("SELECT FROM pg_extension WHERE extname = %s", (EXTENSION,)).fetchone() is not None


def _lacks(connection: psycopg.Connection) -> Iterator[str]:
    """What an administrator has to do first, as far as it can be seen."""
    if not _is_there(connection):
        available = connection.execute("SELECT FROM pg_available_extensions WHERE name = %s", (EXTENSION,)).fetchone()
        if available is None:
            yield (
                "这台服务器没有装 Citus,仓库不能分布;一台 PostgreSQL 够用多年。要分布,请管理员在每个节点装 Citus。 | "
                "This server has no Citus, so nothing can be distributed; one PostgreSQL is enough for years. "
                "To distribute, have an administrator install Citus on every node."
            )
        else:
            [(database,)] = connection.execute("SELECT current_database()").fetchall()
            yield (
                f"数据库 {database} 里没有 citus 扩展:请超级用户在每个节点的这个数据库里先执行 CREATE EXTENSION citus,再建 fugong 的角色。 | "
                f"The database {database} lacks the extension citus: have a superuser run CREATE EXTENSION citus in it on every node, "
                "before the roles of fugong are created."
            )
        return
    nodes = connection.execute(
        """
        SELECT format('%s:%s', nodename, nodeport), isactive, shouldhaveshards
        FROM pg_dist_node WHERE noderole = 'primary' ORDER BY groupid
        """
    ).fetchall()
    if not any(holds for _, _, holds in nodes):
        yield (
            "协调节点还不知道任何存放分片的节点:请超级用户执行 SELECT citus_set_coordinator_host(…),再对每个节点执行 SELECT citus_add_node(…)。 | "
            "The coordinator knows no node that holds shards: have a superuser run SELECT citus_set_coordinator_host(…), "
            "then SELECT citus_add_node(…) for every node."
        )
        return
    for node, is_active, _ in nodes:
        if not is_active:
            yield (
                f"节点 {node} 没有激活:请超级用户执行 SELECT citus_activate_node(…)。 | "
                f"The node {node} is not active: have a superuser run SELECT citus_activate_node(…)."
            )
    [(owner,)] = connection.execute("SELECT current_user").fetchall()
    reached = set[str]()
    for node, is_well, answer in _ask(connection, "SELECT 1"):
        if is_well:
            reached.add(node)
        else:
            yield _not_let_in(node, owner, answer)
    roles = ", ".join(f"'{role}'" for role in READERS)
    may_log_in = (
        f"SELECT COALESCE(string_agg(rolname, ' ' ORDER BY rolname), '') FROM pg_roles WHERE rolcanlogin AND rolname IN ({roles})"
    )
    there = {role for (role,) in connection.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", (list(READERS),))}
    for node, is_well, answer in _ask(connection, may_log_in):
        missing = sorted(there - set(answer.split())) if is_well else [answer]
        if node in reached and missing:
            reached.remove(node)  # said once
            shown = ", ".join(missing)
            yield (
                f"节点 {node} 上这些角色不存在或不能登录:{shown}。各节点按提问者的角色登录;请超级用户在该节点执行 "
                f"CREATE ROLE 或 ALTER ROLE … LOGIN。 | "
                f"On the node {node} these roles are missing or cannot log in: {shown}. Nodes are asked in the name of the role that asks: "
                "have a superuser run CREATE ROLE or ALTER ROLE … LOGIN there."
            )
    if LOADER in there and reached:
        with connection.transaction(force_rollback=True):
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(LOADER)))
            answers = list(_ask(connection, "SELECT 1"))
        yield from (_not_let_in(node, LOADER, answer) for node, is_well, answer in answers if node in reached and not is_well)


def _not_let_in(node: str, role: str, answer: str) -> str:
    return (
        f"节点 {node} 不让协调节点以 {role} 登录({answer}):请管理员看 pg_hba.conf、口令文件和角色。 | "
        f"The node {node} does not let the coordinator log in as {role} ({answer}): have an administrator look at pg_hba.conf, the "
        "password file and the role."
    )


def _ask(connection: psycopg.Connection, statement: str) -> list[tuple[str, bool, str]]:
    """What the nodes answer: name, whether it went well, and the answer."""
    return [
        (node, bool(is_well), str(answer).strip())
        for node, is_well, answer in connection.execute(
            "SELECT format('%%s:%%s', nodename, nodeport), success, result FROM run_command_on_workers(%s)", (statement,)
        )
    ]


def _distribute(connection: psycopg.Connection) -> list[str]:
    sentences: list[str] = []
    for table in _undistributed(connection):
        relation = f"report.{table}"
        with connection.transaction():
            connection.execute("SELECT create_distributed_table(%s, %s)", (relation, COLUMN))
            # What the table held lies on the nodes now; the copy that is left here is seen by nobody.
            connection.execute("SELECT truncate_local_data_after_distributing_table(%s)", (relation,))
            # A transaction may not touch a distributed table in the name of two roles: the loader itself drops what is sent twice.
            if _has_loader(connection):
                connection.execute(
                    sql.SQL("GRANT DELETE ON {} TO {}").format(sql.Identifier("report", table), sql.Identifier(LOADER))
                )
        sentences.append(f"distributed {relation} by {COLUMN}")
    return sentences


def _has_loader(connection: psycopg.Connection) -> bool:
    return connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (LOADER,)).fetchone() is not None


def _undistributed(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute(
        """
        SELECT class.relname
        FROM pg_class AS class
        INNER JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attname = %s AND NOT attribute.attisdropped
        WHERE class.relnamespace = 'report'::regnamespace AND class.relkind IN ('r', 'p')
            AND NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = class.oid)
        ORDER BY class.relname
        """,
        (COLUMN,),
    ).fetchall()
    return [name for (name,) in rows]
