"""mypy accepts the witness of each breaking change with the old package, and refuses it with the new package."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scripts.codegen.rendering.generator import generate
from scripts.openapi.contract import OPENAPI_YAML, ROOT, Contract
from scripts.openapi.loading import load
from scripts.specdiff import sources
from scripts.specdiff.engine.effects import Impact
from scripts.specdiff.python import assignable
from scripts.specdiff.python.api import changes
from tests.support import mypy_cache
from tests.support.sampling import IS_DEEP

CASES: dict[str, Any] = load(Path(__file__).with_name("python_api.yaml")).document
BREAKING = [name for name, case in CASES.items() if any(found[0] == "breaking" for found in case["finds"])]
# Each case generates a package and checks it with mypy. The usual run checks three cases at once, the weekly run all.
SAMPLE = [[name] for name in BREAKING] if IS_DEEP else [["a required field that may be null", "another path parameter"]]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache of mypy, with the standard library and the dependencies."""
    return mypy_cache.copied(tmp_path_factory.mktemp("mypy"))


def refused(package: Path, programs: Mapping[str, str], folder: Path, cache: Path) -> set[str]:
    """The names of the programs that mypy does not accept with the package in a folder."""
    folder.mkdir()
    for name, program in programs.items():
        (folder / name).write_text(program, "utf-8")
    options = ["--strict", "--no-error-summary", f"--cache-dir={cache}", "--config-file="]
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *programs],
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode in (0, 1), checked.stdout + checked.stderr
    assert {line.partition(":")[0] for line in checked.stdout.splitlines()} <= programs.keys(), checked.stdout
    return {line.partition(":")[0] for line in checked.stdout.splitlines() if ": error:" in line}


@pytest.mark.parametrize("names", SAMPLE, ids=" and ".join)
def test_witnesses(names: list[str], tmp_path: Path, cache: Path) -> None:
    """Every breaking change has a witness, and mypy confirms it."""
    path = tmp_path / "openapi.yaml"
    text = OPENAPI_YAML.read_text("utf-8")
    for old, new in (edit for name in names for edit in CASES[name]["edits"]):
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    found, _ = changes(sources.read(str(OPENAPI_YAML)), sources.read(str(path)))
    breaking = [one for one in found if one.impact is Impact.BREAKING]
    programs = {f"program{number}.py": one.witness or "" for number, one in enumerate(breaking)}
    assert len(breaking) >= len(names)
    assert "" not in programs.values()
    generate(Contract(load(path).document, OPENAPI_YAML), tmp_path / "package", post_hooks=[])

    assert set() == refused(ROOT / "generated", programs, tmp_path / "old", cache)
    assert programs.keys() == refused(tmp_path / "package", programs, tmp_path / "new", cache)


ASSIGNABLE = [
    ("int", "float"),
    ("bool", "int"),
    ("bool", "float"),
    ("int", "int | None"),
    ("Literal['a']", "str"),
    ("Literal['a']", "Literal['a', 'b']"),
    ("Literal['a', 'b']", "Literal['b'] | Literal['a']"),
    ("Literal[1]", "float"),
    ("Optional[int]", "float | None"),
    ("Union[int, str]", "str | int"),
    ("list[int]", "Sequence[float]"),
    ("dict[str, int]", "Mapping[str, object]"),
    ("str", "Sequence[str]"),
    ("datetime", "date"),
    ("list[Any]", "list[int]"),
    ("Callable[[float], int]", "Callable[[int], float]"),
    ("Callable[..., int]", "Callable[[str], object]"),
    ("int", "object"),
]
NOT_ASSIGNABLE = [
    ("float", "int"),
    ("int | None", "int"),
    ("str", "Literal['a']"),
    ("Literal['a', 'b']", "Literal['a']"),
    ("Literal['1']", "Literal[1]"),
    ("Literal[True]", "str"),
    ("list[int]", "list[float]"),
    ("dict[str, int]", "dict[str, float]"),
    ("Sequence[int]", "list[int]"),
    ("Mapping[str, int]", "Mapping[str, str]"),
    ("date", "datetime"),
    ("bytes", "str"),
    ("Callable[[int], int]", "Callable[[float], int]"),
    ("Callable[[int], float]", "Callable[[int], int]"),
]


def test_assignable_annotations(tmp_path: Path, cache: Path) -> None:
    """The comparison of annotations agrees with mypy."""
    pairs = [*ASSIGNABLE, *NOT_ASSIGNABLE]
    imports = (
        "from collections.abc import Callable, Mapping, Sequence\nfrom datetime import date, datetime\n"
        "from typing import Any, Literal, Optional, Union\n\n"
    )
    programs = {
        f"program{number}.py": f"{imports}def program(value: {old}) -> {new}:\n    return value\n"
        for number, (old, new) in enumerate(pairs)
    }
    expected = [assignable.is_assignable(assignable.parse(old), assignable.parse(new)) for old, new in pairs]

    assert [True] * len(ASSIGNABLE) + [False] * len(NOT_ASSIGNABLE) == expected
    failing = {f"program{number}.py" for number, accepted in enumerate(expected) if not accepted}
    assert failing == refused(ROOT / "generated", programs, tmp_path / "programs", cache)
