"""Writes the commit into a wheel of Fugong: where it is installed there is no Git to ask."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CommitHook(BuildHookInterface[Any]):
    """Puts `fugong/commit.txt` with the commit in the place of the placeholder. An archive that knows its commit keeps it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Hand the file to the builder; an editable installation reads its checkout."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "plugins"))
        from fugong.core.build import ask_git

        file = root / "plugins" / "fugong" / "commit.txt"
        if file.read_text("utf-8").startswith("$"):
            self.written = tempfile.TemporaryDirectory()
            file = Path(self.written.name) / "commit.txt"
            file.write_text(f"{ask_git(root)}\n", "utf-8")
        build_data["force_include"][str(file)] = "fugong/commit.txt"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Leave nothing behind."""
        if version != "editable" and hasattr(self, "written"):
            self.written.cleanup()
