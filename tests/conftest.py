"""What holds for every test: a binary float among decimals is an error, and the day is fixed."""

import os
from collections.abc import Iterator
from decimal import FloatOperation, getcontext

import pytest
from hypothesis import settings

from tests.support import DAY

os.environ["SOURCE_DATE_EPOCH"] = DAY  # for the processes that tests start

settings.register_profile("marginctl", deadline=None)
settings.register_profile("brief", deadline=None, max_examples=20)  # --hypothesis-profile=brief
settings.load_profile("marginctl")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what the commands print into the golden cases, for review with git diff",
    )


@pytest.fixture(scope="session", autouse=True)
def float_trap() -> Iterator[None]:
    context = getcontext()
    before = context.traps[FloatOperation]
    context.traps[FloatOperation] = True
    yield
    context.traps[FloatOperation] = before
