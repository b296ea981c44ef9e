"""`python -m tests.fuzz [SECONDS]`: try files as long as wanted; the first that breaks what must hold is shown and kept."""

from __future__ import annotations

import argparse

from tests.fuzz.fuzzing import Fuzz


def main() -> None:
    """Run, and say what became of the files."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("seconds", nargs="?", type=float, default=60.0)
    with Fuzz.open() as fuzz:
        n = fuzz.run(parser.parse_args().seconds)
        print(f"{n} files, none of which broke anything:")
        for outcome, times in fuzz.outcomes.most_common():
            print(f"{times:>7} {outcome}")


if __name__ == "__main__":
    main()
