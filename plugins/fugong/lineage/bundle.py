"""The evidence of one published figure: a zip that anybody can check on another machine, without database or trust in us.

It holds the figure, its lines in the blocks in which they were settled, the Merkle paths from each to a head of the log, the SQL between
them, and `verify.py`. A role that may not read a report gets digests in place of its blocks, and salted hashes in place of its lines.
"""

from __future__ import annotations

import csv
import io
import json
import secrets
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from fugong.core.errors import NotFoundError, RefusedError
from fugong.evidence import log, merkle
from fugong.evidence.digest import canonical, digest, leaf_hash
from fugong.evidence.log import Entry, Head
from fugong.evidence.publication import PUBLICATION, of_ranges, part_leaves
from fugong.evidence.records import RECORDS, read
from fugong.evidence.rows import BLOCK_LINES, names_now, read_blocks, renames
from fugong.evidence.settlement import SETTLEMENT, UPGRADE
from fugong.figures.definition import Definition, find_definition
from fugong.figures.display import plain
from fugong.figures.evaluate import open_evaluator
from fugong.figures.term import FigureSum, MartCells, Term
from fugong.lineage.trace import Line, lines_behind
from fugong.warehouse import roles

CHECKER = Path(__file__).with_name("verify_bundle.py")
README = """\
证据包:{figure}({publication} 号发布)
核对:解压到空目录,运行 python3 verify.py 存证首(回执或简报末行的那一串);只要 Python 3,不要数据库,也不必信任出具的人。
evidence.json 指标、路径、行;blocks/ 行所在的块,与入库时逐字节相同;path/ 由行到指标的 SQL 和定义。

Evidence of {figure} (publication {publication})
To check: unpack into an empty folder and run python3 verify.py HEAD (from a receipt or the last line of a briefing). Plain Python 3 does.
evidence.json has the figure, paths and lines; blocks/ the blocks of lines, byte by byte as settled; path/ the SQL from lines to figure.
"""


@dataclass(frozen=True)
class Bundle:
    """What was written.

    Attributes:
        salts: salt of each hidden line, in the order of `lines`; kept by the house, to open a line later.
    """

    head: Head
    n_parts: int
    n_lines: int
    n_hidden: int
    salts: Sequence[str]


def write(
    connection: psycopg.Connection,
    include: Path,
    figure: str,
    publication_id: int,
    output: Path,
    *,
    role: str = "owner",
    head: Head | None = None,
) -> Bundle:
    """Write the evidence of a figure of a publication.

    Args:
        role: who gets it; rows of reports that the role may not read are hidden.
        head: prove it against this head; None for the newest.

    Raises:
        NotFoundError: there is no such publication, figure or role.
        RefusedError: the head does not contain the publication, or is not one of this log.
    """
    name = roles.full_name(role)
    found = log.head(connection)
    head = head or (found[0] if found else None)
    if head is None:
        raise NotFoundError("日志还没有开始 | the log has not begun")
    trees = _Log(connection, head)
    published = trees.entry([PUBLICATION], str(publication_id))
    if published is None:
        raise NotFoundError(
            f"存证首 {head} 之内没有第 {publication_id} 号发布;见 fugong published | no publication {publication_id} under the head "
            f"{head}: see `fugong published`"
        )
    document = json.loads(published.document)
    record = RECORDS["published_figure"]
    columns = document["columns"].get("published_figure", "").split()
    rows = [row for one in read(connection, record, [publication_id], columns) for row in one.fixed]
    [(as_of, known_at)] = connection.execute(
        "SELECT DISTINCT as_of, known_at FROM audit.published WHERE publication_id = %s", (publication_id,)
    ).fetchall()
    with open_evaluator(connection, include, as_of, known_at) as evaluator:
        definitions = evaluator.moment.definitions
        definition = find_definition(definitions, figure)
        lines = list(lines_behind(evaluator, definition))
        files = _path_files(include, definition, definitions)
    at = next((at for at, row in enumerate(rows) if row[columns.index("figure")] == definition.id), None)
    if at is None:
        raise NotFoundError(
            f"第 {publication_id} 号发布没有留存 {definition.id} | publication {publication_id} kept no figure {definition.id}"
        )
    algorithm = published.algorithm
    leaves = [leaf_hash(algorithm, canonical(row).encode()) for row in rows]
    parts = _parts(connection, trees, document, algorithm, lines)
    visible = {part["table"]: _may_read(connection, name, part["table"]) for part in parts.values()}
    salts: list[str] = []
    blocks: dict[str, bytes] = {}
    told = _lines(connection, lines, parts, visible, salts, blocks)
    evidence = {
        "format": 1,
        "head": str(head),
        "role": role,
        "publication_id": str(publication_id),
        "publication": trees.proof(published),
        "figure_columns": columns,
        "figure": rows[at],
        "figure_path": _steps(merkle.Tree(leaves, [algorithm] * len(leaves)).path(at)),
        "terms": {of: _kind(term, definitions) for of, term in definition.terms.items()},
        "cap": None if definition.cap is None else plain(definition.cap),
        "parts": [{key: value for key, value in part.items() if key != "wanted"} for part in parts.values()],
        "lines": told,
    }
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("evidence.json", json.dumps(evidence, ensure_ascii=False, indent=1))
        archive.writestr("verify.py", CHECKER.read_bytes())
        archive.writestr("README.txt", README.format(figure=definition.id, publication=publication_id))
        for file, content in {**files, **blocks}.items():
            archive.writestr(file, content)
    return Bundle(head, len(parts), len(told), len(salts), salts)


class _Log:
    """The log up to a head."""

    def __init__(self, connection: psycopg.Connection, head: Head) -> None:
        rows = connection.execute(
            "SELECT leaf, algorithm FROM audit.log_entry WHERE entry_number <= %s ORDER BY entry_number", (head.size,)
        ).fetchall()
        self._tree = merkle.Tree([leaf for leaf, _ in rows], [algorithm for _, algorithm in rows])
        if len(rows) != head.size or self._tree.root != head.root:
            raise RefusedError(f"本库的日志不含存证首 {head} | the log of this warehouse does not contain the head {head}")
        self._connection, self._size = connection, head.size

    def entry(self, kinds: Sequence[str], subject: str) -> Entry | None:
        """The entry of a kind about a subject."""
        row = self._connection.execute(
            """
            SELECT entry_number, kind, subject, counts_from, recorded_at, algorithm, document, leaf, head FROM audit.log_entry
            WHERE kind = ANY(%s) AND subject = %s AND entry_number <= %s ORDER BY entry_number LIMIT 1
            """,
            ([*kinds], subject, self._size),
        ).fetchone()
        return None if row is None else Entry(*row)

    def proof(self, entry: Entry) -> dict[str, Any]:
        """An entry, and its path to the head."""
        return {"body": entry.body, "path": _steps(self._tree.path(entry.number - 1))}


def _parts(
    connection: psycopg.Connection, trees: _Log, document: Mapping[str, Any], algorithm: str, lines: Sequence[Line]
) -> dict[int, dict[str, Any]]:
    """The parts behind the lines, each with its paths; `wanted`: the blocks in which its lines stand."""
    wanted: dict[int, set[tuple[str, int]]] = defaultdict(set)
    for line in lines:
        if line.part_id is not None and line.row_number is not None:
            wanted[line.part_id].add((line.sheet, line.row_number // BLOCK_LINES))
    all_parts = of_ranges(document["parts"])
    roots = dict(
        connection.execute("SELECT part_id, root FROM audit.sealed_part WHERE part_id = ANY(%s)", (all_parts,)).fetchall()
    )
    order = {part_id: at for at, part_id in enumerate(sorted(roots))}
    leaves = part_leaves(roots, algorithm)
    tree = merkle.Tree(leaves, [algorithm] * len(leaves))
    out: dict[int, dict[str, Any]] = {}
    for part_id, places in sorted(wanted.items()):
        [(submission_id, table)] = connection.execute(
            "SELECT submission_id, table_name FROM intake.part WHERE part_id = %s", (part_id,)
        ).fetchall()
        entry = trees.entry([SETTLEMENT, UPGRADE], str(submission_id))
        if part_id not in order or entry is None:
            raise RefusedError(
                f"部分 {part_id} 不在发布所据之列:发布以后又装入了当时的历史 | the publication does not rest on part {part_id}: history "
                "of its time was loaded since"
            )
        rows = json.loads(entry.document)["rows"][str(part_id)]
        out[part_id] = {
            "part": part_id,
            "table": table,
            "columns": rows["columns"].split(),
            "root": rows["root"],
            "path": _steps(tree.path(order[part_id])),
            "entry": trees.proof(entry),
            "blocks": [],
            "wanted": places,
            "settled": entry,
        }
    return out


def _lines(
    connection: psycopg.Connection,
    lines: Sequence[Line],
    parts: Mapping[int, dict[str, Any]],
    visible: Mapping[str, bool],
    salts: list[str],
    blocks: dict[str, bytes],
) -> list[dict[str, Any]]:
    """The lines as they are told, and the blocks of each part beside their paths.

    Args:
        salts, blocks: are filled.
    """
    changes = renames(connection)
    cells: dict[tuple[int, str, int], list[str]] = {}
    for part_id, part in parts.items():
        entry: Entry = part.pop("settled")
        kept = connection.execute(
            "SELECT sheets, blocks, digests FROM audit.sealed_part WHERE part_id = %s", (part_id,)
        ).fetchall()
        places = [(sheet, number) for sheet, number in zip(*kept[0][:2], strict=True)]
        tree = merkle.Tree(kept[0][2], [entry.algorithm] * len(places))
        now = names_now(part["columns"], changes.get(part["table"], ()), entry.recorded_at)
        for block in read_blocks(connection, part["table"], part["columns"], [part_id], now, only=sorted(part["wanted"])):
            at = places.index((block.sheet, block.number))
            name, is_visible = f"blocks/{part_id}-{at}.csv", visible[part["table"]]
            part["blocks"].append(
                {
                    "name": f"{part_id}-{at}",
                    "file": name if is_visible else None,
                    "digest": bytes(kept[0][2][at]).hex(),
                    "path": _steps(tree.path(at)),
                }
            )
            if is_visible:
                blocks[name] = block.text.encode()
            for row in csv.reader(io.StringIO(block.text, newline="")):
                cells[part_id, row[1], int(row[2])] = row
    out: list[dict[str, Any]] = []
    for line in lines:
        if line.part_id is not None and not visible[parts[line.part_id]["table"]]:
            salt = secrets.token_bytes(32)
            row = cells.get((line.part_id, line.sheet, line.row_number or 0), [])
            told = canonical([*row, str(line.value)]).encode()
            out.append({"of": line.part, "salted_hash": digest("sha256", salt + told).hex()})
            salts.append(salt.hex())
            continue
        value = line.value if isinstance(line.value, str) else f"{line.value:f}"
        out.append(
            {
                "of": line.part,
                "part": line.part_id,
                "file_name": line.file_name,
                "sheet": line.sheet,
                "row_number": line.row_number,
                "value": value,
            }
        )
    return out


def _may_read(connection: psycopg.Connection, role: str, table: str) -> bool:
    """Whether a role may read the rows of a report; roles that only ask do so through its view in `asof`."""
    if role == "fugong_owner":
        return True
    [(is_allowed,)] = connection.execute(
        "SELECT has_table_privilege(%s, to_regclass(%s), 'SELECT')", (role, f"asof.{table}")
    ).fetchall()
    return bool(is_allowed)


def _kind(term: Term, definitions: Mapping[str, Definition]) -> str:
    """How lines make a term: `sum`, or something that lines do not add up to."""
    match term:
        case MartCells():
            return term.aggregate
        case FigureSum():
            kinds = {_kind(definitions[name].terms[term.part], definitions) for _, name in term.signed}
            return next((kind for kind in sorted(kinds) if kind != "sum"), "sum")
        case _:
            return "parameter"


def _path_files(include: Path, definition: Definition, definitions: Mapping[str, Definition]) -> dict[str, bytes]:
    """The definition of a figure and the SQL of its marts, for people to read."""
    out: dict[str, bytes] = {}

    def add(one: Definition) -> None:
        files = [include / "briefing" / "figures" / Path(one.source.document.file).name]
        files += [include / "sql" / "marts" / f"{term.mart}.sql" for term in one.terms.values() if isinstance(term, MartCells)]
        out.update({f"path/{file.name}": file.read_bytes() for file in files})
        for term in one.terms.values():
            if isinstance(term, FigureSum):
                for _, name in term.signed:
                    add(definitions[name])

    add(definition)
    return out


def _steps(steps: Sequence[merkle.Step]) -> list[list[Any]]:
    return [[step.is_left, step.other.hex(), step.algorithm] for step in steps]
