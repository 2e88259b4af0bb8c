"""Tests the command scripts/diff: its sources, exit codes and error messages."""

import datetime
import io
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts.openapi.contract import OPENAPI_YAML
from scripts.openapi.loading import load
from scripts.specdiff import __main__ as command
from scripts.specdiff import sources
from scripts.specdiff.catalogue import RULES

CONTRACT = OPENAPI_YAML.read_text("utf-8")
MORE = "{name: order, in: query, schema: {type: string}}"
OPTIONS = ("--format", "json", "--no-python")


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The contract after a breaking change: an optional parameter became required."""
    limit = "name: limit\n          in: query\n          required: "
    path = tmp_path / "changed.yaml"
    path.write_text(CONTRACT.replace(f"{limit}false", f"{limit}true"), "utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    """Run a comparison and return its exit code and JSON."""
    code = command.main([*arguments, *OPTIONS])
    return code, json.loads(capsys.readouterr().out)


# The exception can also be raised in a destructor, where Python swallows it. Then it is raised again.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_time_limit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A comparison that takes too long ends with code 2, and the message names its place and the remedy."""
    documents = []
    for version in ("1", "2"):
        paths = {f"/orders{number}": {"get": {"summary": version}} for number in range(2_000)}
        documents.append(tmp_path / f"{version}.yaml")
        documents[-1].write_text(json.dumps({"openapi": "3.1.0", "paths": paths}, indent=1), "utf-8")

    assert 2 == command.main([*map(str, documents), *OPTIONS, "--time-limit", "0.05"])
    message = rf"^scripts/diff: {tmp_path}/[12].yaml:\d+:\d+: .+ takes more than 0.05 seconds; .+ with --time-limit$"
    assert re.search(message, capsys.readouterr().err)
    assert 0 == command.main([*map(str, documents), *OPTIONS, "--time-limit", "0"])


def test_pathological_pattern(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pattern whose search in an example takes hours does not prevent the comparison of the Python packages."""
    path = tmp_path / "openapi.yaml"
    document = load(OPENAPI_YAML).document
    parameter = document["paths"]["/batches"]["get"]["parameters"][0]
    parameter["schema"]["pattern"], parameter["example"] = "^(a+)+$", "a" * 60 + "b"
    path.write_text(json.dumps(document, indent=1), "utf-8")

    assert 1 == command.main([str(OPENAPI_YAML), str(path), "--time-limit", "60"])
    assert "Python is not compared" not in capsys.readouterr().out


@pytest.mark.parametrize(("limit", "code"), [("breaking", 1), ("risky", 1), ("python", 1), ("never", 0)])
def test_exit_code(changed: Path, limit: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A breaking change fails the comparison at each limit except `never`."""
    ended, said = run(capsys, str(OPENAPI_YAML), str(changed), "--fail-on", limit)

    assert code == ended
    assert 1 == said["summary"]["breaking"]


def test_risky_change_fails_only_if_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A new status in a response is risky, so it fails only with --fail-on risky."""
    path = tmp_path / "risky.yaml"
    path.write_text(
        CONTRACT.replace("cancelling, cancelled]", "cancelling, cancelled, paused]")
        .replace("        cancelled: []\n", "        cancelled: []\n        paused: []\n")
        .replace("finalizing: [completed,", "finalizing: [paused, completed,"),
        "utf-8",
    )

    assert 0 == run(capsys, str(OPENAPI_YAML), str(path))[0]
    assert 1 == run(capsys, str(OPENAPI_YAML), str(path), "--fail-on", "risky")[0]


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (("operationId: cancelBatch", "operationId: stopBatch"), 1),
        (("Stop a batch", "End a batch"), 0),
        (("        - name: limit", f"        - {MORE}\n        - name: limit"), 0),
    ],
    ids=["renamed", "words", "more"],
)
def test_breaking_python_change_fails_only_if_asked(
    edit: tuple[str, str], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A new operationId is safe on the wire and breaks users of the package, compared or estimated."""
    path = tmp_path / "changed.yaml"
    path.write_text(CONTRACT.replace(*edit), "utf-8")
    sides = str(OPENAPI_YAML), str(path)

    assert code == command.main([*sides, "--fail-on", "python", "--format", "json"])
    assert (code == 1) == ('"impact": "breaking"' in capsys.readouterr().out)
    assert code == run(capsys, *sides, "--fail-on", "python")[0]
    assert 0 == run(capsys, *sides, "--fail-on", "risky")[0]


def test_accepted_estimate_does_not_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Acceptance of a finding covers its estimated impact, but not the changes of compared packages."""
    path, accept = tmp_path / "changed.yaml", tmp_path / "accepted.yaml"
    path.write_text(CONTRACT.replace("operationId: cancelBatch", "operationId: stopBatch"), "utf-8")
    arguments = [str(OPENAPI_YAML), str(path), "--fail-on", "python"]
    (finding,) = run(capsys, *arguments)[1]["findings"]
    accept.write_text(f"{finding['fingerprint']}: Agreed with everybody.\n", "utf-8")

    assert 0 == run(capsys, *arguments, "--accept", str(accept))[0]
    assert 1 == command.main([*arguments, "--accept", str(accept)])


def test_json_has_the_promised_shape(changed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON has the documented keys, and the lines of the change."""
    _, said = run(capsys, str(OPENAPI_YAML), str(changed))
    (finding,) = [one for one in said["findings"] if one["verdict"] == "breaking"]

    assert {"old", "new", "summary", "version", "python", "findings"} <= said.keys()
    assert {"breaking", "unknown", "risky", "safe", "documentation"} == said["summary"].keys()
    assert {"value", "sentence"} == finding["witness"].keys()
    assert {"affected", "instead"} == said["rules"][finding["id"]].keys()
    assert {"old", "new", "suggested", "sufficient"} == said["version"].keys()
    assert "parameter-became-required" == finding["id"]
    assert ["listBatches"] == finding["operations"]
    assert "request" == finding["direction"]
    assert "- name: limit" == CONTRACT.splitlines()[finding["old_line"] - 1].strip()
    assert "- name: limit" == changed.read_text("utf-8").splitlines()[finding["new_line"] - 1].strip()


def test_accepted_findings_do_not_fail(changed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Accepted findings do not fail the comparison, and unknown fingerprints are listed."""
    _, said = run(capsys, str(OPENAPI_YAML), str(changed))
    (breaking,) = [one["fingerprint"] for one in said["findings"] if one["verdict"] == "breaking"]
    accept = tmp_path / "accepted.yaml"
    accept.write_text(f"{breaking}: Agreed with everybody.\n0123456789ab: It is not there.\n", "utf-8")

    code, said = run(capsys, str(OPENAPI_YAML), str(changed), "--accept", str(accept))

    assert 0 == code
    assert ["0123456789ab"] == said["unused"]
    assert {"Agreed with everybody."} == {one["accepted"] for one in said["findings"] if one["verdict"] == "breaking"}


@pytest.mark.parametrize(
    ("today", "code", "accepted"),
    [("2027-01-31", 0, "Agreed. (the API team, until 2027-01-31)"), ("2027-02-01", 1, None)],
)
def test_acceptance_ends(
    today: str,
    code: int,
    accepted: str | None,
    changed: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After the date of its acceptance, a finding counts again, and the report says so."""

    class Day(datetime.date):
        @classmethod
        def today(cls) -> "Day":
            return cls.fromisoformat(today)

    monkeypatch.setattr("scripts.specdiff.accepted.datetime.date", Day)
    _, said = run(capsys, str(OPENAPI_YAML), str(changed))
    (breaking,) = [one["fingerprint"] for one in said["findings"] if one["verdict"] == "breaking"]
    accept = tmp_path / "accepted.yaml"
    accept.write_text(f"{breaking}: {{reason: Agreed., owner: the API team, until: 2027-01-31}}\n", "utf-8")

    found, said = run(capsys, str(OPENAPI_YAML), str(changed), "--accept", str(accept))

    assert (code, [] if accepted else [breaking]) == (found, said["expired"])
    assert {accepted} == {one["accepted"] for one in said["findings"] if one["verdict"] == "breaking"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n", "accepted.yaml:1:1: expected lines"),
        ("aaaabbbbcccc:\n", "accepted.yaml:1:1: add the reason why aaaabbbbcccc is accepted"),
        ("a: [\n", "not YAML"),
        ("short: It is.\n", "accepted.yaml:1:1: 'short' is not a fingerprint, which has 12 digits from 0 to f"),
        ("aaaabbbbcccc: {owner: me}\n", "accepted.yaml:1:1: add the reason why aaaabbbbcccc is accepted"),
        ("aaaabbbbcccc: {reason: ' '}\n", "accepted.yaml:1:1: add the reason why aaaabbbbcccc is accepted"),
        ("aaaabbbbcccc:\n  reason: a\n  until: 31.1.2027\n", "accepted.yaml:3:3: `until` is not a date"),
        ("aaaabbbbcccc:\n  reason: a\n  until: 2027-02-30\n", "accepted.yaml:3:3: `until` is not a date"),
        ("aaaabbbbcccc:\n  reason: a\n  owner: [a]\n", "accepted.yaml:3:3: `owner` is not a name"),
        ("aaaabbbbcccc:\n  reason: a\n  til: 2027-01-31\n", "accepted.yaml:3:3: unknown key 'til'"),
    ],
    ids=["list", "reason", "yaml", "fingerprint", "absent", "empty", "date", "day", "owner", "key"],
)
def test_accepting_needs_reasons(
    text: str, words: str, changed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file without reasons is refused with a message that names its place, and exit code 2."""
    path = tmp_path / "accepted.yaml"
    path.write_text(text, "utf-8")

    assert 2 == command.main([str(OPENAPI_YAML), str(changed), "--accept", str(path)])
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"swagger": "2.0"}', ":1:1: this is Swagger 2.0; convert"),
        ("openapi: 2.9.9\n", "not an OpenAPI document of version 3.0, 3.1 or 3.2: `openapi` is '2.9.9'"),
        ("- 1\n", "its key `openapi` is missing"),
        ("openapi: 3.1.0\npaths: [1]\n", ":2:1: `paths` must be an object"),
        ("a: [\n", ":2:1: not YAML"),
        ("a: 1\na: 2\n", ":2:1: the key 'a' is a duplicate"),
        ("", "the file is empty"),
    ],
    ids=["swagger", "version", "list", "paths", "yaml", "twice", "empty"],
)
def test_unsupported_documents(content: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Other documents than OpenAPI 3.0, 3.1 and 3.2 are refused with file and line, and exit code 2."""
    path = tmp_path / "other.yaml"
    path.write_text(content, "utf-8")

    assert 2 == command.main([str(OPENAPI_YAML), str(path), *OPTIONS])
    said = capsys.readouterr()
    assert words in said.err
    assert f"scripts/diff: {path}:" in said.err
    assert "" == said.out


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("no-such-thing", "'no-such-thing' is neither a file nor a git revision"),
        ("HEAD:no/such/file", "the revision HEAD has no file no/such/file"),
        ("--output=x", ""),
        (":x", "the index has no file x"),
    ],
)
def test_missing_sides(said: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A side that is neither a file nor a revision is refused with a message and exit code 2."""
    try:
        code = command.main([said, str(OPENAPI_YAML), *OPTIONS])
    except SystemExit as ended:
        code = int(ended.code or 0)

    assert 2 == code
    assert words in capsys.readouterr().err


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with the contract on main, and a branch in which a summary differs."""
    root = tmp_path / "repository"
    root.mkdir()
    monkeypatch.chdir(root)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    git("init", "--quiet", "--initial-branch=main")
    root.joinpath("openapi.yaml").write_text(CONTRACT, "utf-8")
    git("add", ".")
    git("commit", "--quiet", "--message=first")
    git("checkout", "--quiet", "-b", "branch")
    root.joinpath("openapi.yaml").write_text(CONTRACT.replace("Stop a batch", "End a batch"), "utf-8")
    git("commit", "--quiet", "--all", "--message=second")
    return root


def git(*arguments: str) -> None:
    """Run git with an identity."""
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


def test_without_sides(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By default, the contract at the merge base is compared with that of the working tree."""
    repository.joinpath("openapi.yaml").write_text(CONTRACT.replace("Stop a batch", "Halt a batch"), "utf-8")

    _, said = run(capsys)

    assert "openapi.yaml" == said["new"]
    assert [{"summary": "Halt a batch that is still being processed."}] == [one["new"] for one in said["findings"]]


@pytest.mark.parametrize("sides", [("main", "branch"), ("HEAD~1", "HEAD"), ("main:openapi.yaml", "openapi.yaml")])
def test_revisions(repository: Path, sides: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """A side can be a revision, a file at a revision, or a file."""
    assert repository.exists()

    _, said = run(capsys, *sides)

    assert ["operation-text-changed"] == [one["id"] for one in said["findings"]]


def test_standard_input(changed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A side can be read from standard input, also as JSON."""
    document = sources.read(str(OPENAPI_YAML)).data
    stream = io.TextIOWrapper(io.BytesIO(json.dumps(document).encode()))
    monkeypatch.setattr("sys.stdin", stream)

    _, said = run(capsys, "-", str(changed))

    assert "standard input" == said["old"]
    assert 1 == said["summary"]["breaking"]


def test_no_merge_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a main branch both sides must be named, and the version check passes with a note."""
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet", "--initial-branch=trunk")

    assert 2 == command.main([*OPTIONS])
    assert "name the revision or the file" in capsys.readouterr().err
    assert 0 == command.main(["--check-version", *OPTIONS])
    assert "the version is not checked: there is no merge base" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("1.4.2", "its info.version is still '1.4.2'; the changes require 2.0.0 or a higher version"),
        ("1.5.0", "its info.version is '1.5.0' after '1.4.2'; the changes require 2.0.0 or a higher version"),
        ("2.0.0", ""),
    ],
)
def test_version_is_checked(
    version: str, words: str, changed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The version check refuses an insufficient version and names a sufficient one."""
    old, raised = tmp_path / "old.yaml", tmp_path / "raised.yaml"
    for path, text, written in ((old, CONTRACT, "1.4.2"), (raised, changed.read_text("utf-8"), version)):
        path.write_text(re.sub("version: [0-9.]+\n", f"version: {written}\n", text, count=1), "utf-8")

    assert bool(words) == command.main(["--check-version", str(old), str(raised), *OPTIONS])
    said = capsys.readouterr().err
    assert words in said
    assert bool(words) == bool(said)


@pytest.mark.parametrize(
    ("before", "edit", "suggested"),
    [
        ("1.4.2", ("", ""), "1.4.2"),
        ("1.4.2", ("Stop a batch", "End a batch"), "1.4.3"),
        ("1.4.2", ("        - name: limit", f"        - {MORE}\n        - name: limit"), "1.5.0"),
        ("1.4.2", ("operationId: cancelBatch", "operationId: stopBatch"), "2.0.0"),
        ("0.4.2", ("Stop a batch", "End a batch"), "0.4.3"),
        ("0.4.2", ("operationId: cancelBatch", "operationId: stopBatch"), "0.5.0"),
        ("1.4", ("Stop a batch", "End a batch"), "1.4.1"),
        ("latest", ("Stop a batch", "End a batch"), None),
    ],
)  # fmt: skip
def test_version_suggested(
    before: str, edit: tuple[str, str], suggested: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The suggested version is the lowest sufficient one; before 1.0.0 a breaking change needs a minor step."""
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(re.sub("version: [0-9.]+\n", f"version: {before}\n", CONTRACT, count=1), "utf-8")
    new.write_text(old.read_text("utf-8").replace(*edit), "utf-8")

    _, said = run(capsys, str(old), str(new))

    assert suggested == said["version"]["suggested"]


def test_scope(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --scope old, additions are only counted, and the common operations are compared."""
    document = json.loads(json.dumps(sources.read(str(OPENAPI_YAML)).data))
    document["paths"]["/files"] = {"get": {"responses": {"200": {"description": "All files."}}}}
    document["webhooks"] = {"batch.completed": {"post": {"responses": {"200": {"description": "Thanks."}}}}}
    document["paths"]["/batches"]["get"]["summary"] = "Another one."
    path = tmp_path / "whole.json"
    path.write_text(json.dumps(document), "utf-8")

    _, said = run(capsys, str(OPENAPI_YAML), str(path), "--scope", "old")
    _, whole = run(capsys, str(OPENAPI_YAML), str(path))

    assert 2 == said["beyond"]
    assert ["operation-text-changed"] == [one["id"] for one in said["findings"]]
    assert ["operation-added", "webhook-added", "operation-text-changed"] == [one["id"] for one in whole["findings"]]


def test_rules_are_listed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """Every rule has a line and a page; for an unknown rule, similar names are suggested."""
    assert 0 == command.main(["--rules"])
    assert list(RULES) == [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    for name, rule in RULES.items():
        assert 0 == command.main(["--explain", name])
        assert capsys.readouterr().out.startswith(f"{name}\n\n{rule.summary}\n")
    assert 2 == command.main(["--explain", "enum-value-aded"])
    assert "did you mean enum-value-added" in capsys.readouterr().err
