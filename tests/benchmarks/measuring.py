"""Processor time of whole processes, measured in turn so that a busy machine slows all alike."""

import os
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter

Command = Sequence[str]


def seconds(command: Command, fine: Sequence[int] = (0,)) -> tuple[float, float]:
    """Run a command and return its processor time, user and system, and its wall time.

    ``fine`` are the exit codes that are as expected.
    """
    # the compiled modules are kept, as for anyone who uses a program twice
    environment = {name: os.environ[name] for name in os.environ if not name.startswith("PYTHON")}
    environment |= {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    nowhere = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    begun = perf_counter()
    child = os.posix_spawnp(command[0], list(command), environment, file_actions=nowhere)
    _, status, used = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) not in fine:
        sys.exit(f"failed: {' '.join(command)}")
    return used.ru_utime + used.ru_stime, perf_counter() - begun


def in_turn(
    commands: Mapping[str, Command], runs: int, fine: Sequence[int] = (0,)
) -> dict[str, list[tuple[float, float]]]:
    """Run every command so often, round and round, after once for nothing."""
    for command in commands.values():
        seconds(command, fine)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            found[name].append(seconds(command, fine))
    return found


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios, turn by turn."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def written(path: Path, text: str) -> str:
    """Write a small program and return its path."""
    path.write_text(text)
    return str(path)
