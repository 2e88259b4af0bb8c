"""Runs scripts/diff as the external diff of a real git, and as a hook."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.openapi.contract import ROOT
from scripts.openapi.loading import load
from tests.support.repositories import GitRepository, clean_environment

COMMAND = ROOT / "scripts/diff"
PATHS = "paths:\n  /orders:\n    get:\n      responses:\n        '200':\n          description: All.\n"
START = "openapi: 3.1.0\ninfo: {title: Orders, version: 1.0.0}\n"
LIMIT = "      parameters:\n        - {name: limit, in: query, required: true, schema: {type: integer}}\n"
FILLER = "".join(f"# a line that all versions share: {number}\n" for number in range(20))
HISTORY = {
    "added": {"openapi.yaml": START + PATHS + FILLER},
    "required": {"openapi.yaml": START + PATHS + LIMIT + FILLER},
    "broken": {"openapi.yaml": START + "paths: [\n" + FILLER},
    "mended": {"openapi.yaml": START + PATHS + LIMIT + FILLER},
    "formatted": {"openapi.yaml": START + "# only a comment\n" + PATHS + LIMIT + FILLER},
    "other files": {"notes.txt": "one\n", "settings.yaml": "a: 1\n", "image.bin": "\0\1\2"},
    "changed": {"notes.txt": "two\n", "settings.yaml": "a: 2\n", "image.bin": "\0\1\3"},
}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> GitRepository:
    """A repository with the history of a document, ending with a move and a removal."""
    repository = GitRepository.create(tmp_path_factory.mktemp("history") / "repository")
    for message, files in HISTORY.items():
        repository.commit(files, message)
    (repository.folder / "api").mkdir()
    repository.git("mv", "openapi.yaml", "api/openapi.yaml")
    repository.commit({"api/openapi.yaml": START + PATHS + FILLER}, "moved")
    repository.git("rm", "--quiet", "api/openapi.yaml")
    repository.commit({}, "removed")
    return repository


@pytest.fixture(scope="module")
def log(history: GitRepository) -> dict[str, str]:
    """The output of `git log -p --ext-diff` by commit, with the two lines of the guide."""
    guide = (ROOT / "scripts/specdiff/README.md").read_text("utf-8")
    attributes = next(line for line in guide.splitlines() if line.endswith(" diff=openapi"))
    setting = next(line for line in guide.splitlines() if line.startswith("git config "))
    assert "git config diff.openapi.command /path/to/scripts/diff" == setting
    (history.folder / ".git/info/attributes").write_text(f"{attributes}\n* diff=openapi\n", "utf-8")
    history.git("config", "diff.openapi.command", str(COMMAND))
    said = history.git("log", "-p", "--ext-diff", "-M", "--format=commit %s")
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in said.split("commit ")[1:]}


def test_history(log: dict[str, str]) -> None:
    """Each commit shows what it changes for callers; nothing stops git."""
    assert [*HISTORY, "moved", "removed"] == list(log)[::-1]
    assert "new file\nSafe (1)\n  GET /orders" in log["added"]
    assert "Breaking (1)\n  GET /orders query limit" in log["required"]
    assert "required-parameter-added" in log["required"]
    assert "No changes." in log["formatted"]
    assert "rename from openapi.yaml\nrename to api/openapi.yaml\n" in log["moved"]
    assert "parameter-removed" in log["moved"]
    assert "deleted file\nBreaking (1)\n  GET /orders" in log["removed"]
    for text in log.values():
        assert "Python" not in text
        assert "/tmp" not in text


def test_documents_that_cannot_be_read(log: dict[str, str]) -> None:
    """A version with an error of syntax shows the reason with its place, and the changed lines."""
    for name, sign in (("broken", "+"), ("mended", "-")):
        assert "not compared as an OpenAPI document:" in log[name]
        assert "/openapi.yaml:24:1: not YAML" in log[name]
        assert f"\n{sign}paths: [\n" in log[name]


def test_other_files(log: dict[str, str]) -> None:
    """If the attribute names other files, too, git shows their lines as usual."""
    assert (
        "diff --git a/notes.txt b/notes.txt\n--- a/notes.txt\n+++ b/notes.txt\n@@ -1 +1 @@\n-one\n+two\n"
        in log["changed"]
    )
    assert "-a: 1\n+a: 2\n" in log["changed"]
    assert "Binary files a/image.bin and b/image.bin differ" in log["changed"]
    assert "--- /dev/null\n+++ b/notes.txt\n" in log["other files"]


def test_variable_and_conflict(history: GitRepository, tmp_path: Path) -> None:
    """GIT_EXTERNAL_DIFF works too, in a working tree with a conflict."""
    clone = history.clone(tmp_path / "clone")
    clone.git("reset", "--quiet", "--hard", "HEAD~8")
    clone.git("checkout", "--quiet", "-b", "side")
    clone.commit({"openapi.yaml": START + PATHS + "# side\n"})
    clone.git("checkout", "--quiet", "-")
    clone.commit({"openapi.yaml": START + PATHS + "# main\n"})
    subprocess.run(
        ["git", "merge", "side"], cwd=clone.folder, env=clean_environment(), check=False, capture_output=True
    )

    said = clone.git("diff", "--cached", GIT_EXTERNAL_DIFF=str(COMMAND))
    assert "* Unmerged path openapi.yaml\n" in said


def run(folder: Path, *arguments: str, command: Path | str = COMMAND) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(command), *arguments], cwd=folder, env=clean_environment(), capture_output=True, text=True, check=False
    )


def test_pipes(tmp_path: Path) -> None:
    """Documents can be pipes, such as those of a shell's process substitution."""
    (tmp_path / "old.yaml").write_text(START + PATHS, "utf-8")
    (tmp_path / "new.yaml").write_text(START + PATHS + LIMIT, "utf-8")

    said = run(tmp_path, "-c", f"{COMMAND} <(cat old.yaml) <(cat new.yaml)", command="bash")
    assert 1 == said.returncode, said.stderr
    assert "required-parameter-added" in said.stdout


def test_package_of_the_same_name(tmp_path: Path) -> None:
    """A package `scripts`, and modules with the names of libraries, in the working directory replace nothing."""
    for name in ("scripts/__init__.py", "yaml.py", "attrs.py", "json.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("raise SystemExit(99)\n", "utf-8")
    (tmp_path / "old.yaml").write_text(START + PATHS, "utf-8")
    (tmp_path / "linked").symlink_to(COMMAND)

    for command in (COMMAND, tmp_path / "linked"):
        assert 0 == run(tmp_path, "old.yaml", "old.yaml", command=command).returncode


(HOOK,) = load(ROOT / ".pre-commit-hooks.yaml").document


@pytest.fixture
def hooked(tmp_path: Path) -> GitRepository:
    """A repository with two documents on main, and a branch."""
    repository = GitRepository.create(tmp_path / "repository")
    repository.commit(
        {"openapi.yaml": START + PATHS, "api/openapi.json": json.dumps({"openapi": "3.1.0", "paths": {}})}
    )
    repository.git("checkout", "--quiet", "-b", "branch")
    return repository


def hook(repository: GitRepository, *names: str) -> subprocess.CompletedProcess[str]:
    """Run the entry of the hook like pre-commit, which gives it the changed files."""
    return run(repository.folder, *HOOK["entry"].split()[1:], *names, command=ROOT / HOOK["entry"].split()[0])


def test_hook(hooked: GitRepository) -> None:
    """The hook fails on a breaking change of one document, and says which; it is silent about documents without one."""
    assert "script" == HOOK["language"]
    hooked.write({"openapi.yaml": START + PATHS + LIMIT, "new/openapi.yaml": START + PATHS})

    said = hook(hooked, "api/openapi.json", "openapi.yaml", "new/openapi.yaml")
    assert 1 == said.returncode
    assert said.stdout.startswith("openapi.yaml\nBreaking (1)\n")
    hooked.write({"openapi.yaml": "# a comment\n" + START + PATHS})
    assert (0, "", "") == (lambda done: (done.returncode, done.stdout, done.stderr))(
        hook(hooked, "api/openapi.json", "openapi.yaml", "new/openapi.yaml")
    )


def test_hook_in_a_new_repository(tmp_path: Path) -> None:
    """The first commit has nothing to compare with; a document with an error of syntax fails."""
    repository = GitRepository.create(tmp_path / "repository")
    repository.write({"openapi.yaml": START + PATHS})
    assert 0 == hook(repository, "openapi.yaml").returncode
    repository.commit({})
    repository.write({"openapi.yaml": START + "paths: [\n"})
    said = hook(repository, "openapi.yaml")
    assert 2 == said.returncode
    assert "openapi.yaml:4:1: not YAML" in said.stderr


@pytest.mark.skipif(shutil.which("pre-commit") is None, reason="pre-commit is not installed")
def test_pre_commit(hooked: GitRepository) -> None:
    """pre-commit itself runs the hook for changed documents."""
    hooked.write({"openapi.yaml": START + PATHS + LIMIT})
    hooked.git("add", "--all")
    said = subprocess.run(
        ["pre-commit", "try-repo", str(ROOT), HOOK["id"]],
        cwd=hooked.folder,
        env={**clean_environment(), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 1 == said.returncode
    assert "required-parameter-added" in said.stdout
