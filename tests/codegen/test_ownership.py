"""scripts/regenerate replaces only what it wrote, and leaves all other files as they are."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.codegen import __main__ as command
from scripts.codegen.output import generation_lock, trees
from scripts.codegen.package import PACKAGE
from scripts.openapi.contract import OPENAPI_YAML, ROOT
from tests.support.built import use_tree

GENERATED = ROOT / "generated"
LOCK = GENERATED / generation_lock.NAME


def regular_file(target: Path) -> None:
    target.write_text("mine", "utf-8")


def named_pipe(target: Path) -> None:
    os.mkfifo(target)


def own_files(target: Path) -> None:
    target.joinpath("src").mkdir(parents=True)
    target.joinpath("src", "main.py").write_text("mine", "utf-8")


def hidden_file(target: Path) -> None:
    target.mkdir()
    target.joinpath(".git").touch()


def empty_folder_inside(target: Path) -> None:
    target.joinpath("inside").mkdir(parents=True)


def other_lock(target: Path) -> None:
    target.mkdir()
    target.joinpath("generation.lock").write_text(json.dumps({"output": {}, "tools": {}, "sources": {}}), "utf-8")


def lock_is_a_folder(target: Path) -> None:
    target.joinpath("generation.lock").mkdir(parents=True)


def contract_inside(target: Path) -> None:
    """A folder that a run wrote, and that also holds the contract."""
    shutil.copytree(GENERATED, target)
    shutil.copy(OPENAPI_YAML, target / "openapi.yaml")


FOREIGN = (
    *(regular_file, named_pipe, own_files, hidden_file, empty_folder_inside, other_lock),
    *(lock_is_a_folder, contract_inside),
)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each run copy the checked-in tree."""
    use_tree(GENERATED, monkeypatch)


@pytest.mark.parametrize("force", [[], ["--force"]], ids=["", "force"])
@pytest.mark.parametrize("fill", FOREIGN, ids=lambda fill: fill.__name__)
def test_foreign_folder_is_refused(
    fill: Callable[[Path], None], force: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A target that scripts/regenerate did not write is refused with the way out, and does not change."""
    target = tmp_path / "target"
    fill(target)
    spec = target / "openapi.yaml" if target.joinpath("openapi.yaml").exists() else OPENAPI_YAML
    before = trees.read_tree(tmp_path), sorted(tmp_path.rglob("*"))

    assert 1 == command.main([*force, "--spec", str(spec), "--output", str(target)])
    assert "--output" in capsys.readouterr().err
    assert before == (trees.read_tree(tmp_path), sorted(tmp_path.rglob("*")))


@pytest.mark.parametrize("target", [".", "..", "/", str(ROOT), str(ROOT.parent), str(ROOT / "scripts" / "runtime")])
def test_folder_in_use_is_refused(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The repository, a folder above it, and its sources are refused, however they are written."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(command, "_regenerate", None)  # A run that is not refused ends in a TypeError.

    for option in ("--force", "--check"):
        assert 1 == command.main([option, "--output", target])


@pytest.mark.usefixtures("built")
def test_empty_folder_is_filled(tmp_path: Path) -> None:
    """An empty folder is a valid target. A run keeps the files that somebody adds later, with their content."""
    target, notes = tmp_path / "target", tmp_path / "target" / "notes" / "mine.txt"
    target.mkdir()
    assert 0 == command.main(["--output", str(target)])
    notes.parent.mkdir()
    notes.write_text("mine", "utf-8")
    notes.chmod(0o700)
    target.joinpath("docs", "Batch.md").write_text("edited", "utf-8")

    assert 0 == command.main(["--output", str(target)])
    assert ("mine", 0o700) == (notes.read_text("utf-8"), notes.stat().st_mode & 0o777)
    assert GENERATED.joinpath("docs", "Batch.md").read_bytes() == target.joinpath("docs", "Batch.md").read_bytes()
    assert ["notes/mine.txt"] == trees.compare(GENERATED, target).lines()[0].split(": ")[1:]


@pytest.mark.usefixtures("built")
def test_merged_lock(tmp_path: Path) -> None:
    """After a merge with a conflict in generation.lock, a run replaces the files of both versions and no others."""
    target = tmp_path / "target"
    shutil.copytree(GENERATED, target)
    ours = LOCK.read_text("utf-8")
    theirs = ours.replace('"docs/Batch.md"', '"docs/Former.md"')
    lock = target / generation_lock.NAME
    lock.write_text(f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> main\n", "utf-8")
    target.joinpath("docs", "Former.md").touch()
    target.joinpath("docs", "mine.md").touch()

    assert 0 == command.main(["--output", str(target)])
    assert ["docs/mine.md"] == [line.split(": ")[1] for line in trees.compare(GENERATED, target).lines()]


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("name", [f"{PACKAGE}/models/batch.py", "docs", f"{PACKAGE}/api/batch/extra/x.py"])
def test_file_in_the_way_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that the run did not write is kept, even if a generated file needs its place."""
    target = tmp_path / "target"
    target.mkdir()
    lock = {"written by": "scripts/regenerate; do not edit", "tools": {}, "sources": {}, "output": {}}
    target.joinpath(generation_lock.NAME).write_text(json.dumps(lock), "utf-8")
    target.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
    target.joinpath(name).write_text("mine", "utf-8")
    is_refused = "extra" not in name

    assert is_refused == command.main(["--output", str(target)])
    assert is_refused == ("is in the way of a generated file" in capsys.readouterr().err)
    assert "mine" == target.joinpath(name).read_text("utf-8")
    assert [target] == list(tmp_path.iterdir())


def test_staging_folder_with_other_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that only has the name of the staging folder is kept."""
    mine = tmp_path / ".target.regenerate" / "mine.txt"
    mine.parent.mkdir()
    mine.touch()

    assert 1 == command.main(["--output", str(tmp_path / "target")])
    assert "did not write; move it" in capsys.readouterr().err
    assert mine.exists()
