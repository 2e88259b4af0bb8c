"""After a killed regeneration, generated/ is completely old or new, or the next run repairs it."""

import errno
import multiprocessing
import random
import re
import shutil
import sys
import threading
import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from scripts.codegen import __main__ as command
from scripts.codegen.output import trees
from scripts.openapi.contract import OPENAPI_YAML
from tests.support.sampling import IS_DEEP

# The weekly run kills fifty times, split over five tests that can run in parallel.
KILLS, TESTS = (10, 5) if IS_DEEP else (6, 1)


# The server imports the generator once, and each run is a fork of the server.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


def run(spec: Path, output: Path) -> BaseProcess:
    """Start a regeneration in its own process."""
    process = PROCESSES.Process(target=regenerate, args=(spec, output))
    process.start()
    return process


def regenerate(spec: Path, output: Path) -> None:
    """Regenerate, and exit with the code of the command."""
    sys.exit(command.main(["--spec", str(spec), "--output", str(output)]))


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two contracts with different output."""
    text = OPENAPI_YAML.read_text("utf-8")
    specs = {}
    for version in ("1.0.0", "2.0.0"):
        specs[version] = tmp_path_factory.mktemp("contracts") / f"openapi-{version}.yaml"
        specs[version].write_text(re.sub("version: [0-9.]+", f"version: {version}", text, count=1), "utf-8")
    return specs


@pytest.fixture(scope="module")
def outputs(versions: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The output for each contract. Tests change only copies."""
    folders = {version: tmp_path_factory.mktemp("outputs") / "generated" for version in versions}
    for version, spec in versions.items():
        assert 0 == command.main(["--spec", str(spec), "--output", str(folders[version])])
    return folders


@pytest.mark.parametrize("seed", range(TESTS))
def test_killed_at_random(seed: int, versions: dict[str, Path], outputs: dict[str, Path], tmp_path: Path) -> None:
    """After each kill, the tree is old or new, or the old tree waits in the staging folder; the next run repairs it."""
    trees_by_version = {version: trees.read_tree(folder) for version, folder in outputs.items()}
    output = tmp_path / "generated"
    run(versions["1.0.0"], output).join()
    started = time.monotonic()
    run(versions["1.0.0"], output).join()
    duration = time.monotonic() - started
    chance = random.Random(seed)
    for number in range(KILLS):
        process = run(versions["2.0.0" if number % 2 else "1.0.0"], output)
        # Most kills come near the end of the run, when the new tree replaces the old tree.
        time.sleep(duration * (chance.uniform(0.0, 1.0) if number % 5 == 0 else chance.uniform(0.75, 1.05)))
        process.kill()
        process.join()
        assert (
            trees.read_tree(output) in trees_by_version.values()
            or trees.staging_folder(output).joinpath("old").exists()
        )

    assert 0 == command.main(["--spec", str(versions["2.0.0"]), "--output", str(output)])
    assert trees_by_version["2.0.0"] == trees.read_tree(output)
    assert not trees.staging_folder(output).exists()


def test_formatter_that_outlives_its_run(
    versions: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A formatter that still writes after its run was killed does not stop the next run."""
    output = tmp_path / "generated"
    rmtree, writes = shutil.rmtree, iter(range(3))

    def fail_while_busy(path: Path, **options: Any) -> None:
        """Fail as rmtree does while a formatter still writes into the folder."""
        if path.exists() and not options and next(writes, None) is not None:
            rmtree(path)
            path.mkdir()
            raise OSError(errno.ENOTEMPTY, "Directory not empty", str(path))
        rmtree(path, **options)

    trees.staging_folder(output).joinpath("new").mkdir(parents=True)
    monkeypatch.setattr(shutil, "rmtree", fail_while_busy)

    assert 0 == command.main(["--spec", str(versions["1.0.0"]), "--output", str(output)])
    assert None is next(writes, None)
    assert [] == [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("moment", ["built", "moved away", "moved in"])
def test_run_that_ends_after_each_step(
    moment: str,
    versions: dict[str, Path],
    outputs: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """If a run ends after any step of the replacement, the next run completes the tree."""
    output, staging = tmp_path / "generated", trees.staging_folder(tmp_path / "generated")
    shutil.copytree(outputs["1.0.0"], output)
    shutil.copytree(outputs["2.0.0"], staging / "new")
    if moment != "built":
        output.rename(staging / "old")
    if moment == "moved in":
        staging.joinpath("new").rename(output)
    capsys.readouterr()

    assert 0 == command.main(["--spec", str(versions["2.0.0"]), "--output", str(output)])
    assert ("was restored" in capsys.readouterr().out) == (moment == "moved away")
    assert '"2.0.0"' in output.joinpath("openai_batch_client", "__init__.py").read_text()
    assert not staging.exists()


def test_two_at_once(versions: dict[str, Path], tmp_path: Path) -> None:
    """Of two concurrent runs, the second waits; the tree is the complete output of one run."""
    output = tmp_path / "generated"
    both = [run(spec, output) for spec in versions.values()]
    for process in both:
        process.join()

    assert [0, 0] == [process.exitcode for process in both]
    assert 0 in [command.main(["--check", "--spec", str(spec), "--output", str(output)]) for spec in versions.values()]


def test_run_waits_for_the_lock(tmp_path: Path) -> None:
    """A run does not begin while another process holds the lock."""
    order: list[str] = []

    def second_run() -> None:
        with trees.lock_parent(tmp_path / "generated", exclusive=True):
            order.append("second")

    with trees.lock_parent(tmp_path / "generated", exclusive=True):
        thread = threading.Thread(target=second_run)
        thread.start()
        thread.join(timeout=0.2)
        order.append("first")
    thread.join()

    assert ["first", "second"] == order


@pytest.mark.parametrize("message", ["ruff is not in PATH", "No space left on device", "Read-only file system"])
def test_disk_errors_leave_the_tree_unchanged(
    message: str,
    versions: dict[str, Path],
    outputs: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without ruff, or on a full or read-only disk, the tree does not change, and one sentence names the reason."""
    output = tmp_path / "generated"
    shutil.copytree(outputs["1.0.0"], output)
    before = trees.read_tree(output)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(0, message, "somewhere")

    # A full disk fails at the first file, a read-only disk at the first folder.
    match message.split():
        case ["ruff", *_]:
            monkeypatch.setenv("PATH", "/nowhere")
        case ["No", *_]:
            monkeypatch.setattr(Path, "write_text", refuse)
        case _:
            monkeypatch.setattr(Path, "mkdir", refuse)

    assert 1 == command.main(["--spec", str(versions["2.0.0"]), "--output", str(output)])

    stderr = capsys.readouterr().err
    assert message in stderr
    assert 1 == len(stderr.splitlines()) or "run scripts/setup" in stderr
    assert before == trees.read_tree(output)
    assert not trees.staging_folder(output).exists()
