"""`python -m tests.prove [NAMES]`: runs proofs, tells how far they are, and writes the table of docs/proofs.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from fugong.core.settings import PROJECT
from tests.prove import (
    alterations,
    backlogs,
    big_file,
    broken_files,
    bundle,
    city,
    clerk,
    credit_codes,
    disclosure,
    disclosure_sample,
    doubts,
    first_pass,
    first_pass_sample,
    histories,
    hostile_inbox,
    localisation,
    mending,
    messages,
    pages,
    pages_wide,
    rebuild,
    short_lines,
    silent_districts,
    workers,
)
from tests.prove.proof import Proof, Tried, run

PROOFS: tuple[Proof, ...] = (
    histories.PROOF,
    clerk.CORRECT,
    clerk.TRAPS,
    short_lines.CUT,
    short_lines.LOST,
    silent_districts.PROOF,
    disclosure.PROOF,
    disclosure_sample.PROOF,
    rebuild.PROOF,
    credit_codes.PROOF,
    first_pass.PROOF,
    first_pass_sample.PROOF,
    localisation.PROOF,
    mending.PROOF,
    doubts.PROOF,
    hostile_inbox.PROOF,
    messages.PROOF,
    alterations.PROOF,
    backlogs.PROOF,
    broken_files.PROOF,
    pages.PROOF,
    pages_wide.PROOF,
    big_file.PROOF,
    workers.PROOF,
    bundle.PROOF,
    city.PROOF,
)
PAGES = {"en": PROJECT / "docs" / "proofs.md", "zh": PROJECT / "docs" / "zh" / "proofs.md"}
BEGIN, END = "<!-- proofs: written by make prove -->", "<!-- end of proofs -->"


def main() -> int:
    """Run; 1 if a case refutes its claim."""
    names = [proof.name for proof in PROOFS]
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description="Try many cases of what must always hold.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which proofs (all without): {', '.join(names)}")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same cases (1 without)")
    parser.add_argument("--cases", type=int, help="so many cases of each proof instead of its own number")
    parser.add_argument("--list", action="store_true", help="only list the proofs")
    parser.add_argument("--write", action="store_true", help="write the results into docs/proofs.md and docs/zh/proofs.md")
    given = parser.parse_args()
    if unknown := set(given.names) - set(names):
        parser.error(f"no proof is called {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    chosen = [proof for proof in PROOFS if not given.names or proof.name in given.names]
    if given.list:
        print("\n".join(f"{proof.name:<18} {proof.n_cases:>5} cases  {proof.claim}" for proof in chosen))
        return 0
    is_refuted = False
    for proof in chosen:
        n_cases = given.cases or proof.n_cases
        print(f"{proof.name}: {proof.claim} ({n_cases} cases, seed {given.seed})", flush=True)

        def tell(n: int, tried: Tried, n_cases: int = n_cases) -> None:
            if tried.refuted:
                print(f"\n  case {tried.case} refutes it: {tried.refuted}", flush=True)
            print(f"\r  {n} of {n_cases} tried; the last took {tried.seconds:.1f} s ", end="", flush=True)

        results = run(proof, seed=given.seed, n_cases=n_cases, tell=tell)
        refuted = [tried for tried in results if tried.refuted]
        is_refuted |= bool(refuted)
        print(f"\r  {len(results)} tried, {len(refuted)} refute it{' ' * 30}\n  {summary_of(proof, results)}", flush=True)
        if given.write:
            write_row(proof, given.seed, results)
    return 1 if is_refuted else 0


def summary_of(proof: Proof, results: Sequence[Tried]) -> str:
    """What was counted over the cases that hold."""
    return proof.summary([tried.found for tried in results if not tried.refuted])


def write_row(proof: Proof, seed: int, results: Sequence[Tried]) -> None:
    """Write the proof's row into both pages; rows of other proofs stay."""
    n_refuted = sum(tried.refuted is not None for tried in results)
    for lang, page in PAGES.items():
        claim = proof.claim if lang == "en" else proof.claim_zh
        cells = (
            f"`{proof.name}`", claim, f"{len(results):,}", str(n_refuted), summary_of(proof, results),
            f"{sum(tried.seconds for tried in results):,.0f} s", str(seed), datetime.now(UTC).date().isoformat(),
        )  # fmt: skip
        row = f"| {' | '.join(cells)} |"
        before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        table, _, after = rest.partition(END)
        lines = table.strip().splitlines()
        head, rows = lines[:2], {line.split("`")[1]: line for line in lines[2:]}
        rows[proof.name] = row
        kept = [rows[one.name] for one in PROOFS if one.name in rows]
        page.write_text("\n".join([before + BEGIN, "", *head, *kept, "", END]) + after, encoding="utf-8")
        if proof.table is not None:
            page = page.parent / proof.page
            begin = f"<!-- {proof.name}: written by make prove -->"
            before, found, rest = page.read_text(encoding="utf-8").partition(begin)
            if not found:
                raise AssertionError(f"{page} has no line {begin}")
            text = proof.table([tried.found for tried in results if not tried.refuted], lang)
            page.write_text(f"{before}{begin}\n\n{text}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
