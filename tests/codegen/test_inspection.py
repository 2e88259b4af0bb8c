"""The look at what was generated finds what should not be there, whoever put it there."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.codegen.inspection import inspect
from scripts.codegen.package import GenerationError
from scripts.codegen.rendering.generator import generate
from scripts.codegen.views import Views
from scripts.openapi.contract import ROOT, Contract

MODULE = "models/batch_error.py"


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Views:
    """What our contract should become."""
    return generate(Contract.load(), tmp_path_factory.mktemp("inspected") / "generated").views


def appended(text: str) -> Callable[[Path], object]:
    return lambda package: package.joinpath(MODULE).write_text(package.joinpath(MODULE).read_text("utf-8") + text)


def replaced(path: str, old: str, new: str) -> Callable[[Path], object]:
    return lambda package: package.joinpath(path).write_text(
        package.joinpath(path).read_text("utf-8").replace(old, new, 1)
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda package: package.joinpath("api/batch/cancel_batch.py").unlink(), "cancelBatch has no module"),
        (replaced("api/batch/__init__.py", "def cancel_batch", "def call_off_batch"), "or no method"),
        (
            replaced("_runtime/client.py", "# Copied", "# Written"),
            "_runtime/client.py does not say where it comes from",
        ),
        (appended("def x(:\n"), f"{MODULE} is not Python"),
        (appended("print(1)\n"), "a statement that the templates do not print"),
        (appended("for x in (): pass\n"), "a statement that the templates do not print"),
        (appended("x = open('CANARY')\n"), "a call on import"),
        (appended("def x(y=str(1)): pass\n"), "a call on import"),
        (appended("class X:\n    y = [bool(0) for _ in ()]\n"), "a call on import"),
        (appended("def x() -> None:\n    eval('1')\n"), "the name eval comes from nowhere"),
        (appended("def x() -> object:\n    return ().__class__\n"), "the attribute __class__ is none of ours"),
        (appended("from .nowhere import x\n"), "the package cannot be imported"),
    ],
)
def test_fault_is_found(change: Callable[[Path], object], words: str, views: Views, tmp_path: Path) -> None:
    """What is missing, is no code of ours or cannot be imported is named."""
    folder = tmp_path / "generated"
    shutil.copytree(ROOT / "generated", folder)
    inspect(views, folder)
    change(folder / "openai_batch_client")

    with pytest.raises(GenerationError, match=words):
        inspect(views, folder)
