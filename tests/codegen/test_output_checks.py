"""The inspection of the generated package finds missing, foreign and unsafe code."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.codegen.checks.output_checks import check_output
from scripts.codegen.package import GenerationError
from scripts.codegen.rendering.generator import generate
from scripts.codegen.views.calls import Views
from scripts.openapi.contract import ROOT, Contract

MODULE = "models/batch_error.py"


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Views:
    """Views of the project's contract, to which the inspection compares the package.

    The inspection accepts the package before the tests change it.
    """
    generated = generate(Contract.load(), tmp_path_factory.mktemp("inspected") / "generated")
    check_output(generated.views, generated.folder)
    return generated.views


def append(text: str) -> Callable[[Path], object]:
    return lambda package: package.joinpath(MODULE).write_text(package.joinpath(MODULE).read_text("utf-8") + text)


def replace(path: str, old: str, new: str) -> Callable[[Path], object]:
    return lambda package: package.joinpath(path).write_text(
        package.joinpath(path).read_text("utf-8").replace(old, new, 1)
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda package: package.joinpath("api/batch/cancel_batch.py").unlink(), "cancelBatch has no module"),
        (replace("api/batch/__init__.py", "def cancel_batch", "def call_off_batch"), "or no method"),
        (
            replace("_runtime/client.py", "# Copied", "# Written"),
            "_runtime/client.py does not start with the line that names its source",
        ),
        (append("def x(:\n"), f"{MODULE} is not Python"),
        (append("print(1)\n"), "a statement that the templates do not print"),
        (append("for x in (): pass\n"), "a statement that the templates do not print"),
        (append("x = open('CANARY')\n"), "a call on import"),
        (append("def x(y=str(1)): pass\n"), "a call on import"),
        (append("class X:\n    y = [bool(0) for _ in ()]\n"), "a call on import"),
        (append("def x() -> None:\n    eval('1')\n"), "the name eval is neither defined nor imported"),
        (
            append("def x() -> object:\n    return ().__class__\n"),
            "the templates do not print the attribute __class__",
        ),
        (append("from .nowhere import x\n"), "the package cannot be imported"),
    ],
)
def test_inspection_refuses(change: Callable[[Path], object], message: str, views: Views, tmp_path: Path) -> None:
    """Missing code, foreign code and a package that cannot be imported are refused by name."""
    folder = tmp_path / "generated"
    shutil.copytree(ROOT / "generated", folder)
    change(folder / "openai_batch_client")

    with pytest.raises(GenerationError, match=message):
        check_output(views, folder)
