"""`python -m tests.fuzz [SECONDS]`: tries files of every kind. The first that breaks what must hold is made smaller, shown and kept.

Half of the time goes to files that nobody sends on purpose (`mutations`), half to those of a clerk who fills in reports rightly or steps into one
trap (`clerk`). `--correct N` and `--traps N` try so many files of a clerk and nothing else; `--survey` goes on after a fault and lists all.
"""

from __future__ import annotations

import argparse
import random

from fugong.reading.reader import Reader
from tests.fuzz.clerk.judging import Judge
from tests.fuzz.clerk.traps import TRAPS
from tests.fuzz.clerk.trying import Trial, writer
from tests.fuzz.fuzzing import Fuzz


def main() -> None:
    """Run, and say what became of the files."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Try files of every kind.")
    parser.add_argument("seconds", nargs="?", type=float, default=60.0)
    parser.add_argument("--correct", type=int, metavar="N", help="N correct files of a clerk: how many went back")
    parser.add_argument("--traps", type=int, metavar="N", help="N files of a clerk with one trap each")
    parser.add_argument("--trap", default="", choices=["", *TRAPS], metavar="NAME", help="this trap only")
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().randrange(10**6), help="files of a clerk are the same for one seed"
    )
    parser.add_argument(
        "--survey", action="store_true", help="collect faults of a clerk's files instead of stopping at the first"
    )
    given = parser.parse_args()
    print(f"seed {given.seed}")
    if given.correct is None and given.traps is None:
        with Fuzz.open() as fuzz:
            n = fuzz.run(given.seconds / 2)
            print(f"{n} files that nobody sends on purpose, none of which broke anything:")
            for outcome, times in fuzz.outcomes.most_common():
                print(f"{times:>7} {outcome}")
    with Reader() as reader:
        trial = Trial(Judge(reader))
        run = trial.survey if given.survey else trial.run
        kinds = [(given.correct, writer(trial.judge, None)), (given.traps, writer(trial.judge, given.trap))]
        for wanted, write in kinds:
            if wanted is not None:
                run(write, given.seed, n=wanted)
            elif given.correct is None and given.traps is None:
                run(write, given.seed, seconds=given.seconds / 4)
    print(f"{trial.n_tried} different files of a clerk, {trial.tried['']} of them correct:")
    for outcome, times in trial.outcomes.most_common():
        print(f"{times:>7} {outcome}")
    for name, times in sorted(trial.tried.items()):
        if name:
            print(f"{times:>7} {name}")
    if trial.faults:
        print(trial.described())
    elif given.survey:
        print("no fault")


if __name__ == "__main__":
    main()
