"""Which tier file is meant: option, environment, the user's config folder, or the shipped one.

The shipped one is YAML like any other. A build puts a tree of it beside the package's modules,
which is read in a tenth of the time; it counts only while it was made of just the bytes that the
YAML has, and a checkout that was never installed does without it.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from marginctl.core.records import Record
from marginctl.core.rules import Venue
from marginctl.load.files import read_bytes
from marginctl.load.problems import InputError
from marginctl.load.tier_file import BuiltTierFile, TierFile
from marginctl.load.yaml_text import read_yaml

ENVIRONMENT_VARIABLE = "MARGINCTL_TIERS"
VENUE_VARIABLE = "MARGINCTL_VENUE"
"""Names the venue where neither a flag nor a file of positions does."""
_PACKAGE = Path(__file__).resolve().parent.parent
BUILT = _PACKAGE / "tiers.json"
"""The tree of the shipped tier file, where the package was built; see `built_tree`."""


class TierSource(Record):
    """A tier file, where it came from (option, env, config, bundled) and its fingerprint."""

    path: str
    origin: str
    sha256: str
    file: TierFile

    def venue(self, name: str | None = None) -> Venue:
        """Return a venue of the file; without a name, its default one.

        Raises:
            InputError: there is no such venue, or something is wrong with the file.
        """
        return self.file.venue(name).venue


def find_tiers(option: str | None, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the path of the tier file that is meant, and its origin.

    Never the file ``tiers.yaml`` of the current folder: what is found by accident is not meant.
    """
    if option:
        return option, "option"
    if environment.get(ENVIRONMENT_VARIABLE):
        return environment[ENVIRONMENT_VARIABLE], "env"
    own = user_file(environment)
    if own is not None:
        # one that may not be looked into is none of the user's
        with suppress(OSError):
            if own.is_file():
                return str(own), "config"
    return str(bundled_path()), "bundled"


def load_tiers(path: str | None = None, origin: str = "option") -> TierSource:
    """Read and parse a tier file; without a path, the one that ships with the package.

    Raises:
        InputError: it cannot be read, or is no tier file.
    """
    if path is None:
        path, origin = str(bundled_path()), "bundled"
    data = read_bytes(path)
    if origin == "bundled":
        built = _built_tiers(data)
        if built is not None:
            return TierSource(
                path, origin, built["sha256"], BuiltTierFile(built["tree"], data, path)
            )
    from hashlib import sha256

    return TierSource(path, origin, sha256(data).hexdigest(), TierFile.parse(data, path))


def _built_tiers(data: bytes) -> Any:
    """Return what was built of just these bytes, None where nothing was."""
    try:
        built = json.loads(BUILT.read_bytes())
        return built if built["yaml"].encode() == data else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def built_tree(data: bytes, file: str) -> str:
    """Return what a build puts beside the modules: the tree of a tier file, and what it is of.

    Raises:
        InputError: something is wrong with the file, and the package is not to be built.
    """
    from hashlib import sha256

    document = read_yaml(data, file)
    problems = TierFile(document).problems()
    if problems:
        raise InputError(problems)
    digest = sha256(data).hexdigest()
    return json.dumps({"yaml": data.decode(), "sha256": digest, "tree": document.root})


def bundled_path() -> Path:
    """Return the shipped table: inside an installed package, else at the checkout's root."""
    installed = _PACKAGE / "tiers.yaml"
    return installed if installed.is_file() else _PACKAGE.parent / "tiers.yaml"


def user_file(environment: Mapping[str, str]) -> Path | None:
    """Return where the user's own tier file is looked for; None without a home."""
    base = environment.get("XDG_CONFIG_HOME")
    home = environment.get("HOME") or environment.get("USERPROFILE")
    if not base and not home:
        return None
    folder = Path(base) if base else Path(home or "") / ".config"
    return folder / "marginctl" / "tiers.yaml"
