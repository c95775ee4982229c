"""Print the oldest version of every dependency that pyproject.toml allows, for pip to install."""

import re
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
for dependency in project["dependencies"]:
    name, oldest = re.match(r"([\w-]+)>=([\d.]+)", dependency).groups()
    print(f"{name}=={oldest}")
