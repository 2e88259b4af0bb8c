"""Runs scripts/diff in real git repositories: which documents it compares, and its messages if it finds none."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.openapi.contract import ROOT
from scripts.specdiff import __main__ as command
from tests.support.repositories import GitRepository, clean_environment


def orders(kind: str, more: str = "") -> str:
    """A document whose only response property has a type."""
    return (
        "openapi: 3.1.0\ninfo: {title: Orders, version: 1.0.0}\npaths:\n  /orders:\n    get:\n"
        "      operationId: listOrders\n      responses:\n        '200':\n          description: All orders.\n"
        "          content:\n            application/json:\n"
        f"              schema: {{type: object, required: [id], properties: {{id: {{type: {kind}}}}}}}\n{more}"
    )


BEFORE, AFTER = orders("integer"), orders("string")
FILLER = "".join(f"# a line that two versions share: {number}\n" for number in range(30))


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the variables with which git points to another repository."""
    for name in os.environ.keys() - clean_environment().keys():
        monkeypatch.delenv(name)


@pytest.fixture
def other(tmp_path: Path) -> GitRepository:
    """A repository that is not ours, whose last commit changes a type."""
    repository = GitRepository.create(tmp_path / "other")
    repository.commit({"openapi.yaml": BEFORE}, "first")
    repository.commit({"openapi.yaml": AFTER}, "second")
    return repository


class Compare:
    """Runs the command in a folder."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capsys = monkeypatch, capsys

    def __call__(self, folder: Path, *arguments: str) -> tuple[int, Any, str]:
        """Return the exit code, the findings as (rule, old, new), and standard error."""
        self.monkeypatch.chdir(folder)
        code = command.main([*arguments, "--format", "json"])
        said = self.capsys.readouterr()
        findings = (
            [(one["id"], one["old"], one["new"]) for one in json.loads(said.out)["findings"]] if said.out else None
        )
        return code, findings, said.err


@pytest.fixture
def compare(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Compare:
    return Compare(monkeypatch, capsys)


CHANGED = (1, [("type-changed", ["integer"], ["string"])], "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["HEAD~1"],
        ["HEAD~1", "HEAD"],
        ["HEAD~1:openapi.yaml", "HEAD:openapi.yaml"],
        ["HEAD~1", "openapi.yaml"],
        ["HEAD~1:./openapi.yaml", ":openapi.yaml"],
    ],
    ids=" ".join,
)
def test_other_repository(other: GitRepository, arguments: list[str], compare: Compare) -> None:
    """The repository is that of the working directory, not that of this project."""
    assert CHANGED == compare(other.folder, *arguments)


def test_branch(other: GitRepository, compare: Compare) -> None:
    """Without arguments, the merge base with the main branch is compared with the working tree."""
    other.git("checkout", "--quiet", "-b", "branch", "HEAD~1")
    other.write({"openapi.yaml": AFTER})

    assert CHANGED == compare(other.folder)


@pytest.mark.parametrize("name", ["openapi.yaml", "openapi.yml", "openapi.json"])
@pytest.mark.parametrize("folder", ["", "api"], ids=["top", "folder"])
def test_usual_names(name: str, folder: str, tmp_path: Path, compare: Compare) -> None:
    """The document has one of three names, in the working directory or at the top of the repository."""
    repository = GitRepository.create(tmp_path / "other")
    repository.commit({f"{folder}/{name}".lstrip("/"): BEFORE, "sub/x": ""})
    repository.write({f"{folder}/{name}".lstrip("/"): AFTER})

    assert CHANGED == compare(repository.folder / folder)
    if not folder:
        assert CHANGED == compare(repository.folder / "sub", "HEAD")


def test_path(tmp_path: Path, compare: Compare) -> None:
    """--path names the document, relative to the working directory."""
    repository = GitRepository.create(tmp_path / "other")
    repository.commit({"openapi.yaml": BEFORE, "docs/orders api.yaml": BEFORE})
    repository.write({"docs/orders api.yaml": AFTER})

    assert (0, [], "") == compare(repository.folder)
    assert CHANGED == compare(repository.folder, "--path", "docs/orders api.yaml")
    assert CHANGED == compare(repository.folder / "docs", "--path", "orders api.yaml")
    assert CHANGED == compare(repository.folder / "docs", "HEAD", "--path", "orders api.yaml")
    assert 2 == compare(repository.folder, "--path", "../outside.yaml")[0]


@pytest.mark.parametrize("step", ["committed", "staged", "unstaged"])
@pytest.mark.parametrize("arguments", [[], ["HEAD~1"], ["--path", "api/orders.yaml"]], ids=["", "HEAD~1", "path"])
def test_moved_document(step: str, arguments: list[str], tmp_path: Path, compare: Compare) -> None:
    """A file that was moved is compared with the file that it was."""
    repository = GitRepository.create(tmp_path / "other")
    repository.commit({"other": ""})
    repository.commit({"openapi.yaml": orders("integer", FILLER)})
    repository.git("checkout", "--quiet", "-b", "branch")
    (repository.folder / "api").mkdir()
    (repository.folder / "openapi.yaml").rename(repository.folder / "api/orders.yaml")
    repository.write({"api/orders.yaml": orders("string", FILLER)})
    if step != "unstaged":
        repository.git("add", "--all")
    if step == "committed":
        repository.commit({})
    elif "HEAD~1" in arguments:
        arguments = ["HEAD"]

    assert CHANGED == compare(repository.folder, *arguments)


def test_moved_in_two_steps(tmp_path: Path, compare: Compare) -> None:
    """Two renames, with so many edits between them that only the single commits show them, are followed."""
    texts = ["".join(f"# {word} {number}\n" for number in range(30)) for word in ("one", "two", "three", "four")]
    repository = GitRepository.create(tmp_path / "other")
    repository.commit({"openapi.yaml": orders("integer", texts[0] + texts[1])})
    repository.git("mv", "openapi.yaml", "first.yaml")
    repository.commit({"first.yaml": orders("integer", texts[1] + texts[2])})
    repository.git("mv", "first.yaml", "second.yaml")
    repository.commit({"second.yaml": orders("string", texts[2] + texts[3])})

    assert CHANGED == compare(repository.folder, "HEAD~2", "HEAD", "--path", "second.yaml")
    assert CHANGED == compare(repository.folder, "HEAD~2", "HEAD")
    assert CHANGED == compare(repository.folder, "HEAD~2", "second.yaml")


def test_other_suffix(tmp_path: Path, compare: Compare) -> None:
    """A document that was converted from JSON to YAML is found, although git sees no rename."""
    repository = GitRepository.create(tmp_path / "other")
    repository.commit({"openapi.json": json.dumps({"openapi": "3.1.0", "info": {}, "paths": {}}, indent=1)})
    repository.git("rm", "--quiet", "openapi.json")
    repository.commit({"openapi.yaml": BEFORE})

    code, findings, _ = compare(repository.folder, "HEAD~1")
    assert 0 == code
    assert "operation-added" in {rule for rule, _, _ in findings}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["HEAD~1"], ["'HEAD~1'", "shallow clone", "git fetch --unshallow origin"]),
        (["no-such-branch"], ["'no-such-branch'", "shallow clone", "git fetch --unshallow origin"]),
        (["HEAD~1:openapi.yaml", "openapi.yaml"], ["shallow clone", "git fetch --unshallow origin"]),
        ([], ["shallow clone has only the last commit of the main branch", "git fetch --unshallow origin"]),
    ],
    ids=["HEAD~1", "branch", "file", "none"],
)
def test_shallow_clone(
    other: GitRepository, arguments: list[str], words: list[str], tmp_path: Path, compare: Compare
) -> None:
    """A shallow clone without the base is an error that says how to fetch it, and the fetch helps."""
    clone = other.clone(tmp_path / "clone", "--depth=1")

    code, findings, said = compare(clone.folder, *arguments)
    assert (2, None) == (code, findings)
    for word in words:
        assert word in said
    clone.git("fetch", "--quiet", "--unshallow", "origin", "+refs/heads/*:refs/remotes/origin/*")
    if "no-such-branch" not in arguments:
        assert (0 if arguments == [] else 1) == compare(clone.folder, *arguments)[0]


def test_shallow_clone_of_a_branch(other: GitRepository, tmp_path: Path, compare: Compare) -> None:
    """The shallow clone of a branch, as CI systems make it, has no merge base; the message's command fetches it."""
    other.git("checkout", "--quiet", "-b", "branch", "HEAD~1")
    other.commit({"openapi.yaml": AFTER})
    other.git("checkout", "--quiet", "main")
    clone = other.clone(tmp_path / "clone", "--depth=1", "--branch=branch")

    code, _, said = compare(clone.folder)
    assert 2 == code
    assert "no main branch was found" in said
    command_line = said.partition("`git ")[2].partition("`")[0].replace("'", "")
    clone.git(*command_line.split())
    assert CHANGED == compare(clone.folder)


def test_shallow_clone_without_remote(other: GitRepository, tmp_path: Path, compare: Compare) -> None:
    """Without a remote there is nothing to fetch from."""
    clone = other.clone(tmp_path / "clone", "--depth=1")
    clone.git("remote", "remove", "origin")

    code, _, said = compare(clone.folder, "HEAD~1")
    assert 2 == code
    assert "has no remote, so clone it again without --depth" in said


def test_shallow_clone_with_the_base(other: GitRepository, tmp_path: Path, compare: Compare) -> None:
    """A shallow clone that has the base is compared."""
    clone = other.clone(tmp_path / "clone", "--depth=2")

    assert CHANGED == compare(clone.folder, "HEAD~1")


def test_no_main_branch(tmp_path: Path, compare: Compare) -> None:
    """Without a main branch, the message asks for the other side."""
    repository = GitRepository.create(tmp_path / "other")
    repository.git("checkout", "--quiet", "-b", "trunk")
    repository.commit({"openapi.yaml": BEFORE})

    code, _, said = compare(repository.folder)
    assert 2 == code
    assert "no main branch was found" in said
    assert "name the revision or the file" in said


def test_main_branch_of_another_remote(other: GitRepository, tmp_path: Path, compare: Compare) -> None:
    """The remote need not be named origin, and its HEAD names the main branch."""
    other.git("branch", "--move", "main", "trunk")
    clone = other.clone(tmp_path / "clone", "--origin=upstream", "--branch=trunk")
    clone.git("checkout", "--quiet", "-b", "work")
    clone.commit({"openapi.yaml": BEFORE})

    assert 1 == compare(clone.folder)[0]


def test_no_repository(tmp_path: Path, compare: Compare) -> None:
    """Outside of a repository, two files can be compared, and everything else is an error."""
    (tmp_path / "a.yaml").write_text(BEFORE, "utf-8")
    (tmp_path / "b.yaml").write_text(AFTER, "utf-8")

    for arguments in ([], ["HEAD~1"], ["a.yaml"], ["HEAD:a.yaml", "a.yaml"]):
        code, _, said = compare(tmp_path, *arguments)
        assert 2 == code
        assert "no git repository; name two files" in said
    assert CHANGED == compare(tmp_path, "a.yaml", "b.yaml")


def test_bare_repository(other: GitRepository, tmp_path: Path, compare: Compare) -> None:
    """In a bare repository, two revisions can be compared."""
    other.clone(tmp_path / "bare", "--bare")

    assert CHANGED == compare(tmp_path / "bare", "HEAD~1", "HEAD")
    assert CHANGED == compare(tmp_path / "bare", "HEAD~1", "HEAD", "--path", "openapi.yaml")
    code, _, said = compare(tmp_path / "bare", "HEAD~1")
    assert 2 == code
    assert "no working tree; name two revisions" in said


def test_linked_worktree(other: GitRepository, tmp_path: Path, compare: Compare) -> None:
    """A linked worktree has a file `.git`, and its own HEAD."""
    other.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"), "HEAD~1")

    assert (0, [], "") == compare(tmp_path / "tree", "HEAD")
    assert CHANGED == compare(tmp_path / "tree", "HEAD", "main")


def test_submodule(other: GitRepository, tmp_path: Path, compare: Compare) -> None:
    """In a submodule, the repository is the submodule; from outside, its documents are no files of a revision."""
    outer = GitRepository.create(tmp_path / "outer")
    outer.git("submodule", "add", "--quiet", f"file://{other.folder}", "inner")
    outer.commit({})

    assert CHANGED == compare(outer.folder / "inner", "HEAD~1")
    code, _, said = compare(outer.folder, "HEAD", "--path", "inner/openapi.yaml")
    assert 2 == code
    assert "inner is a submodule; run scripts/diff in that folder" in said


def test_document_of_one_side(tmp_path: Path, compare: Compare) -> None:
    """/dev/null is a document that does not exist; one file alone is not compared with itself."""
    repository = GitRepository.create(tmp_path / "other")
    repository.commit({"openapi.yaml": BEFORE})

    code, findings, _ = compare(repository.folder, "/dev/null", "openapi.yaml")
    assert (0, ["operation-added"]) == (code, [rule for rule, _, _ in findings])
    code, findings, _ = compare(repository.folder, "openapi.yaml", "/dev/null")
    assert (1, "operation-removed") == (code, findings[0][0])
    assert 2 == compare(repository.folder, "/dev/null", "/dev/null")[0]
    code, _, said = compare(repository.folder, "openapi.yaml")
    assert 2 == code
    assert "would be compared with itself" in said


def test_new_document(tmp_path: Path, compare: Compare) -> None:
    """A document that the revision does not have is an error that names a way out."""
    repository = GitRepository.create(tmp_path / "other")
    repository.commit({"other": ""})
    repository.commit({"openapi.yaml": BEFORE})

    code, _, said = compare(repository.folder, "HEAD~1")
    assert 2 == code
    assert "the revision HEAD~1 has no openapi.yaml" in said
    assert "use /dev/null" in said


def test_symbolic_link_out_of_the_repository(other: GitRepository, tmp_path: Path, compare: Compare) -> None:
    """A document that is a link to a file outside of the repository is not read unless it is named."""
    (tmp_path / "secret.yaml").write_text(AFTER, "utf-8")
    (other.folder / "openapi.yaml").unlink()
    (other.folder / "openapi.yaml").symlink_to("../secret.yaml")
    other.commit({})

    code, _, said = compare(other.folder, "HEAD~1")
    assert 2 == code
    assert "leads out of the repository" in said
    code, _, said = compare(other.folder, "HEAD~1", "HEAD")
    assert 2 == code
    assert "outside of the repository" in said


HEAVY = ("openai_batch_client", "openapi_python_client", "griffe", "httpx", "scripts.codegen", "scripts.runtime")


def test_imports(other: GitRepository) -> None:
    """The comparison of two documents imports neither the generator nor the package, and says no word about Python."""
    program = (
        "import sys; from scripts.specdiff.__main__ import main; "
        "kinds = ('text', 'markdown', 'html', 'json', 'github', 'changelog'); "
        "[main(['HEAD~1', 'HEAD', '--format', kind]) for kind in kinds]; print(*sys.modules, file=sys.stderr)"
    )
    said = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=other.folder,
        env={**clean_environment(), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert set() == set(HEAVY) & set(said.stderr.split())
    # Styles and scripts of the page are no words for readers.
    texts = re.sub(r"(?s)<style>.*?</style>|<script>.*?</script>|data-python=", "", said.stdout)
    assert [] == re.findall(r"(?i)[^\n]*(?:python|x-retry)[^\n]*", texts)
