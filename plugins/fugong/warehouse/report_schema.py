"""Brings the tables of `report` to what the contracts say, without losing a value. Every change is a row of `audit.schema_change`.

Added: new columns. Widened: numeric with more digits, integer → bigint, anything → text. Renamed: `formerly`. Kept: columns that are
retired, or that the contract no longer names (a program or contract of before runs on a newer warehouse). Refused: everything else.
An index follows a contract that says of its table that it is large, or no longer says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.engine.interfaces import ReflectedColumn, ReflectedIndex

from fugong.contracts.contract import Contracts, Table
from fugong.core.errors import WarehouseError
from fugong.warehouse import schema_log, views
from fugong.warehouse.report_table import BRIN, BTREE, method_of, not_null, report_table, widens
from fugong.warehouse.schema_log import Change
from fugong.warehouse.shape import type_name

SUMMARISE = {
    BRIN: "SET (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 10000)",
    BTREE: "RESET (autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold)",
}


def update_report_tables(connection: sa.Connection, contracts: Contracts) -> list[str]:
    """Create the tables of `report`, or bring them to the contracts.

    Drops all views if a column is renamed or widened: views hold names and types. `init` creates them again.

    Returns:
        One sentence per change.

    Raises:
        WarehouseError: a change would lose values, or rows that are there do not allow it.
    """
    inspector = sa.inspect(connection)
    columns = inspector.get_multi_columns("report")
    comments = inspector.get_multi_table_comment("report")
    indexes = inspector.get_multi_indexes("report")
    states, renames = schema_log.states(connection), schema_log.renames(connection)
    sentences: list[str] = []
    for contract in contracts:
        for table in contract.tables:
            update = _Update(connection, table, contract.version, states, renames)
            at = ("report", table.name)
            if at in columns:
                update.alter(columns[at], comments[at]["text"], {str(index["name"]): _method(index) for index in indexes[at]})
            else:
                update.create()
            sentences += update.sentences
    return sentences + _note_kept_tables(connection, contracts, [table for _, table in columns if table], states)


def _method(index: ReflectedIndex) -> str:
    return str(index.get("dialect_options", {}).get("postgresql_using") or BTREE)


def _note_kept_tables(
    connection: sa.Connection, contracts: Contracts, found: Sequence[str], states: Mapping[tuple[str, str | None], Change]
) -> list[str]:
    """Say once that a table is no longer in a contract (it was renamed, or the contract is gone), or is again."""
    sentences: list[str] = []
    for table in sorted(found):
        relation = f"report.{table}"
        is_kept = states.get((relation, None)) is Change.KEPT
        if table not in contracts.tables and not is_kept:
            schema_log.record(connection, relation, Change.KEPT)
            sentences.append(f"{relation} is in no contract: its rows stay, new ones do not come")
        elif table in contracts.tables and is_kept:
            schema_log.record(connection, relation, Change.RESUMED)
            sentences.append(f"{relation} is in use again")
    return sentences


class _Update:
    """The changes to one table."""

    def __init__(
        self,
        connection: sa.Connection,
        table: Table,
        version: str,
        states: Mapping[tuple[str, str | None], Change],
        renames: Mapping[tuple[str, str], str],
    ) -> None:
        self.connection = connection
        self.table = table
        self.relation = f"report.{table.name}"
        self.shape = report_table(table)
        self.version = version
        self.states = states
        self.renames = renames
        self.sentences: list[str] = []
        self.operations = Operations(MigrationContext.configure(connection))

    def create(self) -> None:
        """Create the table with its comments and indexes."""
        self.shape.create(self.connection)
        for index in self.shape.indexes:
            self._summarise_soon(method_of(index), None)
        self._record(Change.CREATED, f"created {self.relation}")

    def alter(self, found: Sequence[ReflectedColumn], comment: str | None, indexes: Mapping[str, str]) -> None:
        """Bring the columns, comments and indexes of the table to the contract.

        Args:
            indexes: name of each index that is there → its access method.
        """
        there = {column["name"]: column for column in found}
        self._rename(there)
        self._retype(there)
        self._add(there)
        self._loosen(there)
        self._note_kept(there)
        if comment != self.shape.comment:
            self.operations.create_table_comment(self.table.name, self.shape.comment, schema="report")
        for column in self.shape.columns:
            if column.name not in there or there[column.name].get("comment") != column.comment:
                self.operations.alter_column(self.table.name, column.name, comment=column.comment, schema="report")
        for index in self.shape.indexes:
            method = indexes.get(str(index.name))
            if method is not None and method != method_of(index):
                index.drop(self.connection)
                self.sentences.append(f"{self.relation}: index {index.name} is {method_of(index)} now, it was {method}")
            if method != method_of(index):
                index.create(self.connection)
                self._summarise_soon(method_of(index), method)

    def _summarise_soon(self, method: str, before: str | None) -> None:
        """Have autovacuum come within a minute of each large part: until then every look for another part reads all of its pages."""
        if BRIN not in (method, before):
            return
        table = sa.text(f"ALTER TABLE {self.connection.dialect.identifier_preparer.format_table(self.shape)} {SUMMARISE[method]}")
        self.connection.execute(table)

    def _rename(self, there: dict[str, ReflectedColumn]) -> None:
        """Rename columns as `formerly` says; or back, where an earlier contract names the column as it was.

        Raises:
            WarehouseError: `formerly` names a column that cannot be renamed.
        """
        former = {column.name: column.formerly for column in self.table.all_columns if column.formerly}
        for name in self.shape.columns.keys():  # noqa: SIM118
            before = former.get(name)
            if name in there:
                self._refuse_second(name, before, there)
                continue
            if before not in there:
                before = self._name_now(name, there)
            if before is None or before in self.shape.columns:
                self._refuse_unfound(name, former.get(name), there)
                continue
            views.drop_views(self.connection)  # facts read the table; `init` creates them again
            self.operations.alter_column(self.table.name, before, new_column_name=name, schema="report")
            there[name] = there.pop(before)
            self._record(Change.RENAMED, f"renamed {self.relation}.{before} to {name}", column=name, before=before, after=name)

    def _name_now(self, name: str, there: Mapping[str, ReflectedColumn]) -> str | None:
        """The column that once had this name and was renamed, perhaps more than once."""
        seen = {name}
        now = self.renames.get((self.relation, name))
        while now is not None and now not in there and now not in seen:
            seen.add(now)
            now = self.renames.get((self.relation, now))
        return now if now in there else None

    def _refuse_second(self, name: str, before: str | None, there: Mapping[str, ReflectedColumn]) -> None:
        if before in there:
            raise WarehouseError(
                f"{self.relation}.{name}: 仓库里已有这一列,旧列 {before} 不能再改成这个名。请从契约中删去 formerly(旧列的值保留)。 | "
                f"{self.relation}.{name}: the table has this column and {before}, too, so {before} cannot be renamed to it. "
                f"Take `formerly` out of the contract; {before} keeps its values."
            )

    def _refuse_unfound(self, name: str, before: str | None, there: Mapping[str, ReflectedColumn]) -> None:
        """Refuse a former name that is not there, if another column may be the one that is meant."""
        unnamed = [other for other in there if other not in self.shape.columns and (self.relation, other) not in self.states]
        if before is not None and unnamed:
            raise WarehouseError(
                f"{self.relation}.{name}: 没有可改名的旧列 {before}。契约未提到的列有:{', '.join(unnamed)}。请改正或删去 formerly。 | "
                f"{self.relation}.{name}: there is no column {before} to rename. Columns that the contract does not name: "
                f"{', '.join(unnamed)}. Correct `formerly`, or take it out."
            )

    def _retype(self, there: Mapping[str, ReflectedColumn]) -> None:
        """Widen columns. A column of the warehouse that is wider than the contract says stays as wide.

        Raises:
            WarehouseError: values would be lost.
        """
        changed = [
            (column.name, there[column.name]["type"], column.type)
            for column in self.shape.columns
            if column.name in there and type_name(there[column.name]["type"]) != type_name(column.type)
        ]
        refused = [
            f"{name} ({type_name(found)} → {type_name(wanted)})"
            for name, found, wanted in changed
            if not widens(found, wanted) and (isinstance(found, sa.Text) or not widens(wanted, found))
        ]
        if refused:
            raise WarehouseError(
                f"{self.relation}: 契约改变了列的类型,会丢失已有的值:{', '.join(refused)}。请另起列名。 | "
                f"{self.relation}: the contract retyped {', '.join(refused)}, which would lose values. "
                "Loaded rows are kept for ever: give the changed column a new name."
            )
        for name, found, wanted in changed:
            if widens(found, wanted):
                views.drop_views(self.connection)
                self.operations.alter_column(self.table.name, name, type_=wanted, schema="report")
                before, after = type_name(found), type_name(wanted)
                self._record(
                    Change.WIDENED,
                    f"widened {self.relation}.{name} from {before} to {after}",
                    column=name,
                    before=before,
                    after=after,
                )

    def _add(self, there: Mapping[str, ReflectedColumn]) -> None:
        """Add the columns that the table lacks.

        Raises:
            WarehouseError: rows are there that would lack a mandatory column.
        """
        by_name = {column.name: column for column in self.table.all_columns}
        missing = [column for column in self.shape.columns if column.name not in there]
        if not missing:
            return
        is_empty = not self.connection.execute(sa.select(sa.exists().select_from(self.shape))).scalar_one()
        for wanted in missing:
            column = by_name[wanted.name]
            may_be_empty = not column.required or column.required_from is not None
            is_unknown_code = column.format == "uscc" and column.key_position is None and may_be_empty
            if column.key_position is not None and not is_empty:
                raise WarehouseError(
                    f"{self.relation}.{wanted.name}: 已有的行没有这个主键列。主键不能增加列,请另立一张表。 | "
                    f"{self.relation}.{wanted.name}: loaded rows lack this column of the key. A key cannot get a new column: "
                    "describe a new table."
                )
            if not wanted.nullable and not is_empty and not is_unknown_code:
                raise WarehouseError(
                    f"{self.relation}.{wanted.name}: 已有的行没有这个必填列。请在契约中写明从哪天起必填(requiredFrom)。 | "
                    f"{self.relation}.{wanted.name}: loaded rows lack this required column. Say in the contract from which day it is "
                    "required: `requiredFrom: YYYY-MM-DD`."
                )
            # Rows that are there get '', as rows that are loaded without a code do.
            default = None if wanted.nullable or is_empty else ""
            added = sa.Column(wanted.name, wanted.type, nullable=wanted.nullable, server_default=default)
            self.operations.add_column(self.table.name, added, schema="report")
            if default is not None:
                self.operations.alter_column(self.table.name, wanted.name, server_default=None, schema="report")
            self._record(Change.ADDED, f"added {self.relation}.{wanted.name}", column=wanted.name, after=type_name(wanted.type))

    def _loosen(self, there: Mapping[str, ReflectedColumn]) -> None:
        """Let columns be empty that the contract no longer demands."""
        may_be_empty = {column.name for column in self.table.all_columns if not not_null(column)}
        for name, column in there.items():
            if not column["nullable"] and (name in may_be_empty or name not in self.shape.columns):
                self.operations.alter_column(self.table.name, name, nullable=True, schema="report")
                self._record(Change.LOOSENED, f"{self.relation}.{name} may be empty", column=name)

    def _note_kept(self, there: Mapping[str, ReflectedColumn]) -> None:
        """Say once that a column was retired, is no longer in the contract, or is in use again."""
        by_name = {column.name: column for column in self.table.all_columns}
        for name in there:
            state = self.states.get((self.relation, name))
            if name not in self.shape.columns:
                if state is not Change.KEPT:
                    self._record(
                        Change.KEPT,
                        f"{self.relation}.{name} is not in the contract: its values stay, new rows leave it empty",
                        column=name,
                    )
            elif name in by_name and by_name[name].retired:
                if state is not Change.RETIRED:
                    self._record(Change.RETIRED, f"retired {self.relation}.{name}: its values stay", column=name)
            elif state in (Change.KEPT, Change.RETIRED):
                self._record(Change.RESUMED, f"{self.relation}.{name} is in use again", column=name)

    def _record(
        self, change: Change, sentence: str, *, column: str | None = None, before: str | None = None, after: str | None = None
    ) -> None:
        schema_log.record(
            self.connection,
            self.relation,
            change,
            column=column,
            before=before,
            after=after,
            contract_version=self.version,
        )
        self.sentences.append(sentence)
