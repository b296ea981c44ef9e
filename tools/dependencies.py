"""What Fugong stands on: `dependencies.py audit` asks for known vulnerabilities, `dependencies.py sbom` lists packages and licences.

`make audit` and `make sbom` run it with the two tools of `tools/audit-requirements.lock` in a virtual environment of their own: nobody who only
runs or tests Fugong waits for them. What was found is kept in `docs/`, dated, so that a reader can tell an old answer from none.

Exit codes of `audit`: 0 nothing known · 1 something is vulnerable · 2 the tool failed · 3 its service did not answer, or not about every package.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parents[1]
LOCK = PROJECT / "requirements.lock"
LDAP_LOCK = PROJECT / "requirements-ldap.lock"
"""What is compiled for the production login besides (`make ldap`)."""
SBOM = PROJECT / "docs" / "sbom.cdx.json"
PAGE = PROJECT / "docs" / "dependencies.md"
RESULT = PROJECT / "docs" / "dependencies_audit.json"
LOCK_PROPERTY = "fugong:requirements.lock:sha256"
ANSWER_SECONDS = 600

PERMISSIVE = frozenset(
    "0BSD Apache-2.0 Artistic-1.0-Perl BSD BSD-2-Clause BSD-3-Clause CC0-1.0 CNRI-Python ISC MIT MIT-0 PSF-2.0 Python-2.0 Unlicense Zlib python-ldap".split()
)
WEAK_COPYLEFT = frozenset("LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later MPL-2.0".split())
"""Usable beside Apache-2.0 because the packages are used as they are, unchanged and exchangeable: pip fetches them, we copy nothing of them."""
CLASSIFIERS = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
CONCLUDED = {
    "openlineage-sql": "Apache-2.0",
    "async-timeout": "Apache-2.0",
    "axe-playwright-python": "MIT AND MPL-2.0",
    "protobuf": "BSD-3-Clause",
    "psycopg2-binary": "LGPL-3.0-or-later",
    "pyrage": "MIT",
    "python-ldap": "MIT AND python-ldap",
    "python-stdnum": "LGPL-2.1-or-later",
    "pyyaml-ft": "MIT",
    "text-unidecode": "Artistic-1.0-Perl OR GPL-2.0-or-later",
}
"""Read in the licence files of the packages or of the projects they come from, because their metadata do not say it in a way that a program understands."""
UNREACHABLE = re.compile(
    r"ConnectionError|Connection(?:Refused|Reset)|Max retries exceeded|timed? ?out|Name or service not known|Temporary failure in name resolution"
    r"|getaddrinfo|ServiceError|Could not connect|ProxyError|SSLError|[45]\d\d (?:Client|Server) Error",
    re.IGNORECASE,
)


def canonical(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True)
class Pin:
    """A line of the lock."""

    name: str
    version: str
    marker: str


def pins(lock: Path = LOCK) -> list[Pin]:
    """Every package of the lock; one may be there in several versions, for several versions of Python."""
    found = re.findall(
        r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\\n]*))?", lock.read_text("utf-8"), re.MULTILINE
    )
    return [Pin(canonical(name), version, marker.strip()) for name, version, marker in found]


# The list of what there is


def licence_of(component: Mapping[str, Any]) -> str:
    """The licence as an SPDX expression; "" where neither the package nor we say it."""
    name = canonical(component["name"])
    if name in CONCLUDED:
        return CONCLUDED[name]
    said = [
        one.get("expression") or one["license"].get("id") or one["license"].get("name", "")
        for one in component.get("licenses", ())
    ]
    exact = sorted({one for one in said if not one.startswith("License ::")})
    return " AND ".join(exact or sorted({CLASSIFIERS.get(one, "") for one in said}))


def is_usable(expression: str) -> bool:
    """Whether one of the alternatives of an expression may be used beside Apache-2.0."""
    plain = expression.replace("(", "").replace(")", "")
    return any(
        all(term.strip() in PERMISSIVE | WEAK_COPYLEFT for term in alternative.split(" AND "))
        for alternative in plain.split(" OR ")
    )


def sbom(tools: Path) -> None:
    """Write the software bill of materials: the packages of both locks, as they are installed in .venv."""
    with tempfile.TemporaryDirectory() as work:
        raw = Path(work) / "sbom.json"
        command = [tools / "cyclonedx-py", "environment", "--pyproject", PROJECT / "pyproject.toml", "--mc-type", "application"]
        command += [
            "--output-reproducible",
            "--spec-version",
            "1.6",
            "--output-format",
            "JSON",
            "--output-file",
            raw,
            PROJECT / ".venv/bin/python",
        ]
        subprocess.run(command, check=True)
        document = json.loads(raw.read_text("utf-8"))
    SBOM.write_text(
        json.dumps(completed(document, [*pins(), *pins(LDAP_LOCK)]), ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8"
    )
    write_page()
    print(f"{SBOM.relative_to(PROJECT)}: {len(document['components'])} 个软件包 | packages")


def completed(document: dict[str, Any], locked: Iterable[Pin]) -> dict[str, Any]:
    """The list with one licence expression each, what is needed to run and what only to build and test, and packages of other platforms.

    Raises:
        SystemExit: .venv does not hold what the lock says.
    """
    wanted = {(pin.name, pin.version): pin for pin in locked}
    here = {(canonical(one["name"]), one["version"]): one for one in document["components"]}
    if strange := sorted(f"{name}=={version}" for name, version in set(here) - set(wanted) if name not in {"pip", "setuptools"}):
        sys.exit(
            f".venv 与 requirements.lock 不一致,请先 make setup | .venv is not what the lock says: run make setup ({', '.join(strange)})"
        )
    by_name = {name: one for (name, _), one in here.items()}
    needed = _needed()
    components: list[dict[str, Any]] = []
    for key, pin in sorted(wanted.items()):
        one = here.get(key)
        if one is None and not pin.marker:
            sys.exit(f".venv 缺 {pin.name}=={pin.version},请先 make setup ldap | .venv lacks it: run make setup ldap")
        if one is None:  # of another platform or version of Python
            one = {"name": pin.name, "version": pin.version, "type": "library", "purl": f"pkg:pypi/{pin.name}@{pin.version}"}
            one |= {"bom-ref": f"{pin.name}=={pin.version}", "properties": [{"name": "fugong:marker", "value": pin.marker}]}
            if pin.name in by_name:  # the version that is here says its licence
                one["licenses"] = by_name[pin.name].get("licenses", [])
        expression = licence_of(one)
        how = "concluded" if pin.name in CONCLUDED else "declared"
        one["licenses"] = [{"expression": expression, "acknowledgement": how}] if expression else []
        one["scope"] = "required" if pin.name in needed else "excluded"
        components.append(one)
    document["components"] = components
    kept = {one["bom-ref"] for one in components} | {document["metadata"]["component"]["bom-ref"]}
    document["dependencies"] = [
        one | {"dependsOn": [ref for ref in one.get("dependsOn", ()) if ref in kept]}
        for one in document["dependencies"]
        if one["ref"] in kept
    ]
    document["metadata"]["component"]["version"] = metadata.version("fugong")  # pyproject.toml reads it from the code
    document["metadata"]["properties"] = [
        *document["metadata"].get("properties", ()),
        {"name": LOCK_PROPERTY, "value": hashlib.sha256(LOCK.read_bytes()).hexdigest()},
    ]
    return document


def _needed() -> set[str]:
    """The names of what Fugong needs to run: its dependencies, with the extras that they ask for, and all that these lead to.

    The list's own graph also leads along extras that nobody asked for.
    """
    stated: list[str] = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    waiting = [Requirement(one) for one in (*stated, "python-ldap")]
    found: set[tuple[str, str]] = set()
    while waiting:
        one = waiting.pop()
        name = canonical(one.name)
        for extra in {"", *one.extras}:
            if (name, extra) in found:
                continue
            found.add((name, extra))
            try:
                asked = map(Requirement, metadata.requires(name) or ())
            except metadata.PackageNotFoundError:  # of another platform or version of Python
                continue
            waiting += [each for each in asked if each.marker is None or each.marker.evaluate({"extra": extra})]
    return {name for name, _ in found}


# Known vulnerabilities


def audit(tools: Path) -> int:
    """Ask the service of pip-audit about every package of the lock, and keep what it said; the exit code."""
    now = datetime.now(ZoneInfo("Asia/Shanghai")).isoformat(timespec="seconds")
    kept: dict[str, Any] = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else {"answer": None}
    attempt: dict[str, Any] = {"at": now, "lock_sha256": hashlib.sha256(LOCK.read_bytes()).hexdigest()}
    command = [
        tools / "pip-audit",
        "--requirement",
        LOCK,
        "--requirement",
        LDAP_LOCK,
        "--require-hashes",
        "--disable-pip",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=ANSWER_SECONDS)
        code, attempt = judged(done.stdout, done.stderr, attempt)
    except subprocess.TimeoutExpired:
        code, attempt = 3, attempt | {"outcome": "unreachable", "message": f"no answer within {ANSWER_SECONDS} s"}
    kept["attempt"] = attempt
    if "n_packages" in attempt:
        kept["answer"] = attempt
    RESULT.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", "utf-8")
    write_page()
    print(said(code, attempt), file=sys.stderr if code else sys.stdout)
    return code


def judged(out: str, err: str, attempt: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """What a run of pip-audit means. Its own exit code is 1 for a vulnerable package and for a network that is down alike."""
    try:
        dependencies = json.loads(out)["dependencies"]
    except (ValueError, KeyError):
        last = (err.strip().splitlines() or ["it said nothing"])[-1][:300]
        if UNREACHABLE.search(err):
            return 3, attempt | {"outcome": "unreachable", "message": last}
        return 2, attempt | {"outcome": "failed", "message": last}
    skipped = sorted(f"{one['name']}: {one['skip_reason']}" for one in dependencies if "skip_reason" in one)
    found = [
        {
            "package": one["name"],
            "version": one["version"],
            "id": each["id"],
            "fixed_in": each["fix_versions"],
            "aliases": each.get("aliases", []),
        }
        for one in dependencies
        for each in one.get("vulns", ())
    ]
    n_audited = len(dependencies) - len(skipped)
    if not n_audited:
        # Seen 2026-11-29: behind a proxy that answers 404 to everything, pip-audit skips every package and ends with 0.
        return 3, attempt | {
            "outcome": "unreachable",
            "message": f"the service knows none of {len(skipped)} packages. {skipped[0] if skipped else ''}",
        }
    outcome = "vulnerable" if found else "incomplete" if skipped else "clean"
    return {"vulnerable": 1, "incomplete": 3, "clean": 0}[outcome], attempt | {
        "outcome": outcome,
        "n_packages": n_audited,
        "skipped": skipped,
        "vulnerabilities": found,
    }


def said(code: int, attempt: Mapping[str, Any]) -> str:
    """The result in a sentence."""
    match code:
        case 0:
            return f"{attempt['n_packages']} 个软件包,没有已知漏洞 | packages, no known vulnerability"
        case 1:
            listed = "\n".join(
                f"  {one['package']} {one['version']}: {one['id']} → {', '.join(one['fixed_in'])}"
                for one in attempt["vulnerabilities"]
            )
            return f"!!! 有已知漏洞,请升级 | KNOWN VULNERABILITIES, upgrade:\n{listed}"
        case 3 if attempt["outcome"] == "incomplete":
            return (
                f"!!! 没有查全:{len(attempt['skipped'])} 个软件包没有答案 | NOT AUDITED IN FULL: {len(attempt['skipped'])} packages have no answer, "
                f"{attempt['n_packages']} have no known vulnerability.\n    {attempt['skipped'][0]}"
            )
        case 3:
            return (
                f"!!! 没有查成:漏洞库没有回答,这不等于没有漏洞 | NOT AUDITED: the service did not answer, which does not mean that nothing is wrong.\n"
                f"    {attempt['message']}\n    {PAGE.relative_to(PROJECT)}"
            )
        case _:
            return f"!!! 没有查成:工具出错 | NOT AUDITED: the tool failed.\n    {attempt['message']}"


# The page


def write_page() -> None:
    """Write the page of both from what is kept."""
    components = json.loads(SBOM.read_text("utf-8"))["components"] if SBOM.exists() else []
    result = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else {"attempt": None, "answer": None}
    PAGE.write_text("\n".join([*_head(), *_audited(result), *_licences(components)]) + "\n", "utf-8")


def _head() -> list[str]:
    return [
        "# What Fugong stands on | 所用的软件",
        "",
        "Written by `make audit` and `make sbom`; not by hand. | 由 `make audit` 和 `make sbom` 写成，不手改。",
        "",
        "The locks are `requirements.lock` and `requirements-ldap.lock`; the software bill of materials is [`sbom.cdx.json`](sbom.cdx.json) (CycloneDX 1.6). `make audit` ends with 0 when nothing is known,",
        "1 when a package is vulnerable, 2 when the tool failed, 3 when its service did not answer.",
        "",
    ]


def _audited(result: Mapping[str, Any]) -> list[str]:
    attempt, answer = result["attempt"], result["answer"]
    lines = ["## Known vulnerabilities | 已知漏洞", ""]
    if attempt is None:
        return [*lines, "**Never audited. | 从未查过。**", ""]
    if attempt["outcome"] in {"unreachable", "failed"}:
        what = "its service did not answer" if attempt["outcome"] == "unreachable" else "the tool failed"
        lines += [
            f"**Not audited at {attempt['at']}: {what}. | 没有查成。** It said: `{attempt['message'].replace('`', chr(39))}`",
            "",
        ]
    if answer is None:
        return [
            *lines,
            "There is no earlier answer. Run `make audit` where the service can be reached, before anything is put into use. | 此前也没有查成过：投入使用前，请在能连上漏洞库的地方运行 `make audit`。",
            "",
        ]
    of = "the lock of today" if answer["lock_sha256"] == hashlib.sha256(LOCK.read_bytes()).hexdigest() else "**an older lock**"
    lines += [
        f"Last answer: {answer['at']}, {answer['n_packages']} packages of {of}, {len(answer['vulnerabilities'])} known vulnerabilities.",
        "",
    ]
    if answer["vulnerabilities"]:
        lines += ["| package | version | vulnerability | mended in |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {one['package']} | {one['version']} | {one['id']} | {', '.join(one['fixed_in'])} |"
            for one in answer["vulnerabilities"]
        ]
        lines.append("")
    lines += [f"- not audited: {one}" for one in answer["skipped"]]
    return lines


def _licences(components: list[dict[str, Any]]) -> list[str]:
    expressions = {one["bom-ref"]: one["licenses"][0]["expression"] if one["licenses"] else "?" for one in components}
    n_needed = sum(one["scope"] == "required" for one in components)
    lines = [
        "## Licences | 许可证",
        "",
        f"{len(components)} packages: {n_needed} to run Fugong, {len(components) - n_needed} to build and test it. All may be used beside Apache-2.0. Packages under the LGPL and",
        "the MPL are fetched and used as they are; nothing of them is copied or changed.",
        "",
        "| licence | packages |",
        "| --- | ---: |",
        *(f"| {name} | {n} |" for name, n in sorted(Counter(expressions.values()).items(), key=lambda one: (-one[1], one[0]))),
        "",
        "| package | version | licence | for |",
        "| --- | --- | --- | --- |",
    ]
    for one in components:
        lines.append(
            f"| {one['name']} | {one['version']} | {expressions[one['bom-ref']]} | {'run' if one['scope'] == 'required' else 'build, test'} |"
        )
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description="Known vulnerabilities, packages and licences of what Fugong stands on.")
    parser.add_argument("what", choices=("audit", "sbom"))
    parser.add_argument(
        "--tools", type=Path, default=PROJECT / ".venv-audit" / "bin", help="folder of pip-audit and cyclonedx-py"
    )
    asked = parser.parse_args()
    if asked.what == "audit":
        return audit(asked.tools)
    sbom(asked.tools)
    return 0


if __name__ == "__main__":
    sys.exit(main())
