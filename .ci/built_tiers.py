"""Makes the tree of the shipped tier file when the package is built or installed in place."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuiltTiers(BuildHookInterface):
    """Writes ``marginctl/tiers.json``, from which a start reads the shipped tiers quickly."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Write the file; a broken tier file is not built."""
        root = Path(self.root)
        sys.path.insert(0, self.root)
        try:
            from marginctl.load.tier_source import built_tree
        finally:
            sys.path.remove(self.root)
        data = (root / "tiers.yaml").read_bytes()
        text = built_tree(data, "tiers.yaml")
        (root / "marginctl" / "tiers.json").write_text(text, encoding="utf-8")
