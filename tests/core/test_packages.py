"""Rules of the house that import-linter does not know: short modules, docstrings that explain packages, private names stay private."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from fugong.core.settings import PROJECT

ENGINE = PROJECT / "plugins" / "fugong"
MODULES = sorted(ENGINE.rglob("*.py"))
PACKAGES = sorted(path.parent for path in ENGINE.glob("*/__init__.py"))
MAX_LINES = 450


def test_the_packages_are_those_of_the_architecture() -> None:
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert len(PACKAGES) > 15
    assert [package.name for package in PACKAGES if f"`{package.name}`" not in page] == []


def test_no_module_is_longer_than_anybody_reads() -> None:
    assert len(MODULES) > 150
    long = {
        module.relative_to(ENGINE).as_posix(): n_lines
        for module in MODULES
        if (n_lines := len(module.read_text(encoding="utf-8").splitlines())) > MAX_LINES and not _is_a_table(module)
    }
    assert long == {}


def _is_a_table(module: Path) -> bool:
    """Whether a module holds data only: assignments and imports."""
    body = ast.parse(module.read_text(encoding="utf-8")).body
    return all(isinstance(node, ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign | ast.Expr) for node in body)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_package_explains_itself_and_holds_no_code(package: Path) -> None:
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    (only,) = tree.body
    assert isinstance(only, ast.Expr)
    page = ast.get_docstring(tree) or ""
    assert all(word in page for word in ("In:", "Out:", "Read:"))
    modules = [path for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    assert len(modules) > 3, "fewer than three modules: it joins its neighbour"


def test_no_private_name_is_imported_from_another_module() -> None:
    found: list[str] = []
    n_imports = 0
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fugong"):
                n_imports += 1
                found += [
                    f"{module.relative_to(ENGINE)}: {name.name}"
                    for name in node.names
                    if name.name.startswith("_") and name.name != "__version__"
                ]
    assert n_imports > 500
    assert found == []
