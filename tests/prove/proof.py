"""What a proof is, and how its cases are run: resumable, and forgotten once the code has changed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fugong.core.settings import PROJECT

JOURNALS = PROJECT / "var" / "proofs"
TREES = ("plugins", "include", "expectations", "dags", "tests", "tools", "requirements-production.lock")
Try = Callable[[int], dict[str, Any]]
"""Tries one case. Gives what is worth counting; raises AssertionError, with a sentence, where the case refutes the claim."""


@dataclass(frozen=True)
class Proof:
    """A claim, and how to try it.

    Attributes:
        name: on the command line.
        claim: what holds in every case, in English.
        claim_zh: the same in Chinese.
        n_cases: tried without `--cases`.
        open: given the seed, makes what all cases share (a server, a reader) and gives the function that tries one.
        summary: what was counted over all cases, for the table in the documents.
        table, page: what was counted in more detail, in a language, and the page that holds it.
    """

    name: str
    claim: str
    claim_zh: str
    n_cases: int
    open: Callable[[int], AbstractContextManager[Try]]
    summary: Callable[[Sequence[dict[str, Any]]], str]
    table: Callable[[Sequence[dict[str, Any]], str], str] | None = None
    page: str = ""


@dataclass(frozen=True)
class Tried:
    """One case: what was counted, or the sentence that refutes the claim."""

    case: int
    seconds: float
    found: dict[str, Any]
    refuted: str | None = None


def code_digest() -> str:
    """A digest of every file that a proof may depend on: after a change, cases tried before prove nothing."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *TREES],
        cwd=PROJECT,
        check=True,
        capture_output=True,
    ).stdout.split(b"\0")
    digest = hashlib.sha256()
    for name in sorted(filter(None, names)):
        file = PROJECT / name.decode()
        if file.is_file():
            digest.update(name + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Journal:
    """The cases tried so far, a line each."""

    file: Path

    @classmethod
    def of(cls, proof: Proof, seed: int) -> Journal:
        """The journal of a proof, by seed and code."""
        return cls(JOURNALS / f"{proof.name}-{seed}-{code_digest()}.jsonl")

    def read(self) -> list[Tried]:
        """What was tried. A line that was cut off as the run was killed does not count."""
        if not self.file.exists():
            return []
        lines = self.file.read_text(encoding="utf-8").splitlines(keepends=True)
        return [Tried(**json.loads(line)) for line in lines if line.endswith("}\n")]

    def add(self, tried: Tried) -> None:
        """Keep one case."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        is_cut = self.file.exists() and self.file.stat().st_size and not self.file.read_bytes().endswith(b"\n")
        with self.file.open("a", encoding="utf-8") as file:
            file.write(("\n" if is_cut else "") + json.dumps(asdict(tried), ensure_ascii=False) + "\n")


def run(proof: Proof, *, seed: int, n_cases: int, tell: Callable[[int, Tried], None]) -> list[Tried]:
    """Try the cases 1 to `n_cases` that were not tried yet.

    Args:
        tell: called after each case with the number tried so far.

    Returns:
        all of them, in order.
    """
    journal = Journal.of(proof, seed)
    done = {tried.case: tried for tried in journal.read()}
    missing = [case for case in range(1, n_cases + 1) if case not in done]
    if missing:
        with proof.open(seed) as try_case:
            for case in missing:
                done[case] = _tried(try_case, case)
                journal.add(done[case])
                tell(sum(number <= n_cases for number in done), done[case])
    return [done[case] for case in range(1, n_cases + 1)]


def _tried(try_case: Try, case: int) -> Tried:
    begun = time.monotonic()
    try:
        found, refuted = try_case(case), None
    except AssertionError as error:
        found, refuted = {}, str(error)[:2000] or "an assertion without a sentence"
    return Tried(case, round(time.monotonic() - begun, 2), found, refuted)
