"""References to other files: which files scripts/diff reads, on the disk and at a revision, and which it does not."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.openapi import loading
from scripts.specdiff import sources
from scripts.specdiff.catalogue import RULES
from scripts.specdiff.engine.document import DocumentError
from scripts.specdiff.engine.effects import Verdict
from scripts.specdiff.findings import compare
from scripts.specdiff.sources import Sources
from tests.support.repositories import GitRepository

CASES: dict[str, Any] = loading.load(Path(__file__).with_name("other_files.yaml")).document


def document(case: dict[str, Any]) -> str:
    if "document" in case:
        return json.dumps(case["document"])
    content = {"application/json": {"schema": case["schema"]}}
    response = {"description": "All.", "content": content}
    components = {"components": {"schemas": case["components"]}} if "components" in case else {}
    paths = {"/pets": {"get": {"operationId": "listPets", "responses": {"200": response}}}}
    return json.dumps({"openapi": "3.1.0", "info": {"title": "Pets", "version": "1.0.0"}, "paths": paths, **components})


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, GitRepository]:
    """A repository for each case, with two commits. Beside it is a file that no reference may reach."""
    made = {}
    for number, (name, case) in enumerate(CASES.items()):
        folder = tmp_path_factory.mktemp(f"case{number}")
        (folder / "secret.yaml").write_text("type: integer\n", "utf-8")
        repository = GitRepository.create(folder / "repository")
        (repository.folder / "link.yaml").symlink_to("../secret.yaml")
        (repository.folder / "inner.yaml").symlink_to("pet.yaml")
        (repository.folder / "folder").symlink_to("..")
        files = {"openapi.yaml": document(case), **case.get("files", {})}
        repository.commit(files)
        for edited, (old, new) in case.get("edits", {}).items():
            assert 1 == files[edited].count(old)
            files[edited] = files[edited].replace(old, new)
        repository.commit(files)
        made[name] = repository
    return made


@pytest.mark.parametrize("name", CASES)
def test_other_files(name: str, versions: dict[str, GitRepository], monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of each side are read from that side: the old ones from the revision, the new ones from the disk."""
    case, repository = CASES[name], versions[name]
    monkeypatch.chdir(repository.folder)
    old, new = Sources().sides("HEAD~1", None)
    findings = [one for one in compare(old, new, RULES.values()).findings if one.verdict is not Verdict.DOCUMENTATION]

    if "finds" in case:
        assert case["finds"] == [[one.id, one.new_file, one.new_line] for one in findings]
        assert {} == {**old.unread, **new.unread}
    for side in (old, new):
        assert case.get("unread", {}).keys() == side.unread.keys()
        for reference, reason in case.get("unread", {}).items():
            assert (reason or "") in side.unread[reference]


def test_files_without_git(tmp_path: Path) -> None:
    """Without git, the files in the folder of the document are read, and no others."""
    (tmp_path / "pet.yaml").write_text("type: integer\n", "utf-8")
    folder = tmp_path / "api"
    folder.mkdir()
    (folder / "pet.yaml").write_text("type: integer\n", "utf-8")
    for reference, unread in (("pet.yaml", set()), ("../pet.yaml", {"../pet.yaml"})):
        (folder / "openapi.yaml").write_text(document({"schema": {"$ref": reference}}), "utf-8")
        assert unread == sources.read(str(folder / "openapi.yaml")).unread.keys()


def test_files_of_a_pipe(tmp_path: Path) -> None:
    """A document from a pipe has no folder, so no file is read."""
    (tmp_path / "pet.yaml").write_text("type: integer\n", "utf-8")
    found = Sources()._document(loading.parse(document({"schema": {"$ref": "pet.yaml"}}).encode(), "pipe"))

    assert {"pet.yaml": "the document comes from a pipe, which has no folder"} == found.unread


def test_size_limit(tmp_path: Path) -> None:
    """The limit applies to all files together."""
    (tmp_path / "pet.yaml").write_text(f"type: integer\ndescription: {'x' * 3_000}\n", "utf-8")
    (tmp_path / "openapi.yaml").write_text(document({"schema": {"$ref": "pet.yaml"}}), "utf-8")
    path = str(tmp_path / "openapi.yaml")

    old, _ = Sources(max_bytes=2_000).sides(path, path)
    assert "larger than" in old.unread["pet.yaml"]
    for limit in (10_000, 0):
        assert {} == Sources(max_bytes=limit).sides(path, path)[0].unread
    with pytest.raises(DocumentError, match=r"openapi.yaml:1:1: the file is larger than 0.0001 MB"):
        Sources(max_bytes=100).sides(path, path)


@pytest.mark.parametrize(
    ("written", "version"), [("3.0", "3.0.0"), ("3.1", "3.1.0"), ("3.2", "3.2.0"), ("3.10", "3.1.0")]
)
def test_version_as_a_number(written: str, version: str, tmp_path: Path) -> None:
    """A version without quotes is a number for YAML. It is read with a warning."""
    path, said = tmp_path / "openapi.yaml", list[str]()
    path.write_text(f"info: {{}}\nopenapi: {written}\npaths: {{}}\n", "utf-8")

    old, _ = Sources(warn=said.append).sides(str(path), str(path))
    assert version == old.data["openapi"]
    assert [f"{path}:2:1: warning: `openapi` is the number {float(written)}; write '{version}'"] * 2 == said


@pytest.mark.parametrize("version", ["4.0.0", "3.3.0", "30", "3", "'3.11'"])
def test_other_versions(version: str, tmp_path: Path) -> None:
    """Other versions are refused."""
    path = tmp_path / "openapi.yaml"
    path.write_text(f"openapi: {version}\npaths: {{}}\n", "utf-8")

    with pytest.raises(DocumentError, match=r"not an OpenAPI document of version 3.0, 3.1 or 3.2"):
        sources.read(str(path))
