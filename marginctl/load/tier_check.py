"""Checking one tier file, be it readable or not."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from marginctl.checks.catalogue import RULES
from marginctl.checks.findings import Finding, in_order
from marginctl.checks.rule import Rule
from marginctl.load.files import read_bytes
from marginctl.load.problems import InputError
from marginctl.load.tier_file import TierFile
from marginctl.load.yaml_text import read_yaml


class FileCheck(NamedTuple):
    """Where a file breaks rules, its lines if it does, and how many assets it has."""

    findings: list[Finding]
    lines: list[str]
    assets: int


def check_file(
    path: str, file: str, rules: Collection[Rule], today: date, max_age: int | None
) -> FileCheck:
    """Check a file by rules; that it cannot be read is a finding too.

    ``file`` is what findings call it, ``today`` the day in UTC.
    """
    data, assets = b"", 0
    try:
        data = read_bytes(path, empty=True)
        tiers = TierFile(read_yaml(data, file))
        findings, assets = tiers.findings(rules, today, max_age), tiers.asset_count
    except InputError as error:
        findings = in_order(_unreadable(file, error))
    return FileCheck(findings, _lines(data) if findings else [], assets)


def _lines(data: bytes) -> list[str]:
    wide = data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    return re.split(r"\r\n|\r|\n", data.decode("utf-16" if wide else "utf-8-sig", "replace"))


def _unreadable(file: str, error: InputError) -> list[Finding]:
    rule = RULES["unreadable"]
    return [
        Finding(
            file,
            problem.place.line,
            problem.place.column,
            rule.severity,
            problem.code or rule.id,
            problem.message,
            problem.hint,
            problem.place.path,
        )
        for problem in error.problems
    ]
