"""Prints the import graph of the engine: packages from top to bottom, what each imports, and circles if there are any.

`--modules PACKAGE` prints the modules of one package instead.
"""

from __future__ import annotations

import argparse
import sys
from graphlib import CycleError, TopologicalSorter

import grimp

ROOT = "fugong"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", metavar="PACKAGE", help="the modules of this package, such as figures")
    inside = f"{ROOT}.{package}" if (package := parser.parse_args().modules) else ROOT
    graph = grimp.build_graph(ROOT)
    if inside != ROOT and inside not in graph.modules:
        there = ", ".join(sorted(name.removeprefix(f"{ROOT}.") for name in graph.find_children(ROOT)))
        parser.error(f"no package {package!r}. There is: {there}")
    children = sorted(graph.find_children(inside))
    imports: dict[str, set[str]] = {child: set() for child in children}
    for importer in children:
        for imported in children:
            if importer != imported and graph.find_shortest_chain(importer, imported, as_packages=True) is not None:
                below = {importer, *graph.find_descendants(importer)}
                above = {imported, *graph.find_descendants(imported)}
                if any(graph.direct_import_exists(importer=a, imported=b) for a in below for b in above):
                    imports[importer].add(imported)
    try:
        order = list(TopologicalSorter(imports).static_order())
    except CycleError as error:
        print("Circle: " + " -> ".join(error.args[1]))
        return 1
    level: dict[str, int] = {}
    for name in order:
        level[name] = 1 + max((level[below] for below in imports[name]), default=-1)
    for height in sorted(set(level.values()), reverse=True):
        for name in sorted(one for one, at in level.items() if at == height):
            names = ", ".join(sorted(one.rpartition(".")[2] for one in imports[name])) or "nothing of ours"
            print(f"{height}  {name.rpartition('.')[2]:<18} imports {names}")
    n_modules = 1 + len(graph.find_descendants(inside))
    print(
        f"{len(children)} in {1 + max(level.values())} layers, {sum(map(len, imports.values()))} imports between them, "
        f"no circle; {n_modules} modules."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
