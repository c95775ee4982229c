"""The manual's PySpark recipe, run as it stands where PySpark and a Java are installed."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

LINES = 500


@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs a Java")
def test_the_recipe_runs(tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="PySpark is installed where the recipe is to be run")
    text = (ROOT / "marginctl" / "docs" / "streams.md").read_text(encoding="utf-8")
    (recipe,) = re.findall(
        r"^```python\n(import os\n\nfrom pyspark.*?)^```$", text, re.MULTILINE | re.DOTALL
    )
    with (tmp_path / "positions.ndjson").open("w") as file:
        for number in range(LINES):
            # at 2,200 a long of 10x from 2,500 is past its liquidation
            mark = 2200 if number % 10 == 0 else 2400
            entry = {"asset": "ETH", "size": 1, "entry_price": 2500, "leverage": 10}
            file.write(json.dumps({**entry, "mark_price": mark}) + "\n")
        file.write("{broken\n")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-c", recipe],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "SPARK_LOCAL_IP": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert done.stdout.split() == [str(LINES // 10)]
    reports = [
        json.loads(line)
        for part in sorted((tmp_path / "reports").glob("part-*"))
        for line in part.read_text().splitlines()
    ]
    assert len(reports) == LINES + 1
    assert sum("error" in report for report in reports) == 1
