"""证据包核对 | Checks the evidence beside it with plain Python: no database, no package, no trust in whoever made it.

python3 verify.py [N:HEX]     存证首:您的回执或简报末行 | the head on your receipt, or in the last line of a briefing
"""

# pyright: basic
import csv
import hashlib
import io
import json
import sys
from decimal import Decimal
from pathlib import Path

HERE, FAULTS, UNCHECKED = Path(__file__).parent, [], []


def leaf(algorithm, content):
    return hashlib.new(algorithm, b"\x00" + content).digest()


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def walk(node, steps):
    for is_left, other, algorithm in steps:
        pair = bytes.fromhex(other) + node if is_left else node + bytes.fromhex(other)
        node = hashlib.new(algorithm, b"\x01" + pair).digest()
    return node.hex()


def check(is_so, fault):
    FAULTS.extend([] if is_so else [fault])


def entry(proof, head):
    body = json.loads(proof["body"])
    at = walk(leaf(body["algorithm"], proof["body"].encode()), proof["path"])
    check(at == head, f"日志第 {body['number']} 条不在存证首之内 | entry {body['number']} of the log is not under the head")
    return body["algorithm"], json.loads(body["document"])


def check_part(part, head, algorithm_of_parts, parts_root):
    number, root, rows = part["part"], part["root"], {}
    at = walk(leaf(algorithm_of_parts, canonical([number, root])), part["path"])
    check(at == parts_root, f"部分 {number} 不在发布所据之列 | the publication does not rest on part {number}")
    algorithm, document = entry(part["entry"], head)
    settled = document.get("rows", {}).get(str(number), {}).get("root")
    check(settled == root, f"部分 {number} 入库时不是这个根 | part {number} was settled with another root")
    for block in part["blocks"]:
        content = (HERE / block["file"]).read_bytes() if block["file"] else None
        digest = bytes.fromhex(block["digest"]) if content is None else leaf(algorithm, content)
        check(walk(digest, block["path"]) == root, f"块 {block['name']} 不是入库时的 | block {block['name']} was changed")
        for cells in csv.reader(io.StringIO((content or b"").decode(), newline="")):
            rows[int(cells[0]), cells[1], int(cells[2])] = cells
    return rows


def check_sum(of, lines, wanted, kind, cap):
    n_computed, n_parameters = 0, sum("salted_hash" not in one and one["part"] is None for one in lines)
    if n_hidden := sum("salted_hash" in one for one in lines):
        UNCHECKED.append(f"{of}:{n_hidden} 行不便出示,合计没有核对 | {n_hidden} lines of {of} are hidden: its sum is not checked")
    for one in (one for one in lines if "salted_hash" not in one and one["part"] is not None):
        cells = ROWS.get((one["part"], one["sheet"], one["row_number"]))
        named = f"{one['file_name']} {one['sheet']} {one['row_number']}"
        check(cells is not None, f"块里没有这一行:{named} | this line is in no block: {named}")
        n_computed += kind == "sum" and one["value"].lstrip("-") not in {"1", *(cell.lstrip("-") for cell in cells or ())}
    if n_computed or n_parameters:
        UNCHECKED.append(f"{of}:{n_computed} 行的数是由行算出的(见 path/),{n_parameters} 个参数来自参考数据"
                         f" | {of}: {n_computed} values are computed from their lines (see path/), {n_parameters} are parameters")  # fmt: skip
    if kind == "sum" and not n_hidden:
        total = sum((Decimal(one["value"]) for one in lines), Decimal(0))
        total = min(total, Decimal(cap or "Infinity")) if of == "value" else total
        is_equal = wanted is not None and total == Decimal(wanted)
        check(is_equal, f"{of}:行合计 {total},发布的是 {wanted} | the lines of {of} add up to {total}, not to {wanted}")
    elif kind != "sum":
        UNCHECKED.append(f"{of}:不是行的合计({kind}) | {of} is not a sum of lines ({kind})")


EVIDENCE = json.loads((HERE / "evidence.json").read_text(encoding="utf-8"))
HEAD = EVIDENCE["head"].partition(":")[2]
check(sys.argv[1:] in ([], [EVIDENCE["head"]]), "不是您手里的存证首 | this is not the head that you hold")
if not sys.argv[1:]:
    UNCHECKED.append(f"请与您手里的存证首比对 | compare with a head that you hold: {EVIDENCE['head']}")
ALGORITHM, PUBLISHED = entry(EVIDENCE["publication"], HEAD)
FIGURE = dict(zip(EVIDENCE["figure_columns"], EVIDENCE["figure"], strict=True))
FIGURES_ROOT = PUBLISHED["made"]["published_figure"][EVIDENCE["publication_id"]].partition(":")[2]
IS_SAME = walk(leaf(ALGORITHM, canonical(EVIDENCE["figure"])), EVIDENCE["figure_path"]) == FIGURES_ROOT
check(IS_SAME, "指标不是发布时的 | the figure is not as it was published")
ROWS = {at: row for one in EVIDENCE["parts"] for at, row in check_part(one, HEAD, ALGORITHM, PUBLISHED["parts_root"]).items()}
for OF, KIND in EVIDENCE["terms"].items():
    check_sum(OF, [one for one in EVIDENCE["lines"] if one["of"] == OF], FIGURE[OF], KIND, EVIDENCE["cap"])
if None not in (FIGURE["numerator"], FIGURE["denominator"], FIGURE["value"]):
    RATIO = min(Decimal(FIGURE["numerator"]) / Decimal(FIGURE["denominator"]), Decimal(EVIDENCE["cap"] or "Infinity"))
    check(RATIO == Decimal(FIGURE["value"]), "值不是分子除以分母 | the value is not the numerator by the denominator")
print(f"{FIGURE['figure']} = {FIGURE['display']} ({FIGURE['as_of']}), 行 | lines: {len(EVIDENCE['lines'])}")
print("\n".join([*(f"✗ {one}" for one in FAULTS), *(f"※ {one}" for one in UNCHECKED)]))
sys.exit(print("有不符 | it does not agree") or 1 if FAULTS else print("所核各项全部相符 | all that was checked agrees"))
