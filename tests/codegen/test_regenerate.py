"""scripts/regenerate writes generated/, and `--check` reports each difference and its cause."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import openapi_python_client
import pytest
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import ParseError

from scripts.codegen import __main__ as command
from scripts.codegen import rehearsal
from scripts.codegen.output import generation_lock, trees
from scripts.codegen.package import COPIED, PACKAGE
from scripts.codegen.rendering import generator
from scripts.codegen.rendering.filters import docstring
from scripts.codegen.rendering.generator import RUNTIME, TEMPLATES
from scripts.openapi.contract import OPENAPI_YAML, ROOT, Contract
from scripts.openapi.loading import load
from tests.support.built import use_tree

GENERATOR = version("openapi-python-client")
GENERATED = ROOT / "generated"
ORIGINALS = Path(openapi_python_client.__file__).with_name("templates")
OVERRIDES = sorted(path for path in TEMPLATES.iterdir() if not path.name.startswith("_"))


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a freshly generated tree."""
    output = tmp_path_factory.mktemp("regenerated") / "generated"
    assert command.main(["--output", str(output)]) == 0
    return output


@pytest.fixture
def built(regenerated: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The freshly generated tree, which each run copies."""
    use_tree(regenerated, monkeypatch)
    return regenerated


def test_generated_is_fresh(regenerated: Path) -> None:
    """The checked-in tree equals a freshly generated tree, byte for byte."""
    assert [] == trees.compare(GENERATED, regenerated).lines()


def test_two_runs_are_identical(regenerated: Path, tmp_path: Path) -> None:
    """The output does not depend on the hash seed, the folder or the time."""
    output = tmp_path / "elsewhere"
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [sys.executable, "-m", "scripts.codegen", "--output", str(output)], check=True, env=environment, cwd=tmp_path
    )

    assert [] == trees.compare(regenerated, output).lines()


def test_check_names_every_difference(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--check fails for added, changed and removed files and changed modes, names them, and writes nothing."""
    edited = tmp_path / "generated"
    shutil.copytree(built, edited)
    package = edited / PACKAGE
    package.joinpath("models", "batch.py").write_text("x = 1\n")
    package.joinpath("extra.py").touch()
    package.joinpath("api", "batch", "cancel_batch.py").unlink()
    package.joinpath("errors.py").chmod(0o755)
    package.joinpath("__pycache__").mkdir()
    before = trees.read_tree(edited)

    assert command.main(["--check", "--output", str(edited)]) == 1

    stderr = capsys.readouterr().err
    assert "added: openai_batch_client/api/batch/cancel_batch.py" in stderr
    assert "changed: openai_batch_client/models/batch.py" in stderr
    assert "changed: openai_batch_client/errors.py" in stderr
    assert "removed: openai_batch_client/extra.py" in stderr
    edited_by_hand = ["api/batch/cancel_batch.py", "errors.py", "models/batch.py"]
    assert f"edited by hand: {', '.join(f'{PACKAGE}/{name}' for name in edited_by_hand)}\n" in stderr
    assert f"because scripts/regenerate did not write {PACKAGE}/extra.py; move them, or run scripts" in stderr
    assert stderr.splitlines()[-1].startswith("scripts/regenerate: run scripts/regenerate")
    assert before == trees.read_tree(edited)
    assert [edited] == list(tmp_path.iterdir())


FOREIGN = [
    *(f"{PACKAGE}/__pycache__/{name}" for name in ("evil.py", "evil.pyc", "evil/__init__.py", "evil.so")),
    *(f"{PACKAGE}/{name}" for name in (".mypy_cache/3.11/evil.py", "evil.pyc", ".hidden/evil.py")),
    *(".ruff_cache/evil.pyi", "docs/.evil", ".evil"),
]


def test_foreign_files(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--check names each file that scripts/regenerate did not write, also in hidden folders and caches.

    A run keeps the files and names them. With --force, a run removes them.
    """
    edited = tmp_path / "generated"
    shutil.copytree(built, edited)
    paths = [edited / name for name in FOREIGN]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    inodes = [path.stat().st_ino for path in paths]

    assert 1 == command.main(["--check", "--output", str(edited)])
    named = capsys.readouterr().err
    assert 0 == command.main(["--output", str(edited)])
    kept = capsys.readouterr().out
    for name in FOREIGN:
        assert f"  removed: {name}\n" in named
        assert f"  kept: {name}\n" in kept
    assert inodes == [path.stat().st_ino for path in paths]
    assert 0 == command.main(["--force", "--output", str(edited)])
    assert [] == [path for path in paths if path.exists()]


def test_named_pipe_is_a_foreign_file(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--check names a named pipe, and does not wait for its content."""
    edited = tmp_path / "generated"
    shutil.copytree(built, edited)
    os.mkfifo(edited / "pipe")

    assert 1 == command.main(["--check", "--output", str(edited)])
    assert "  removed: pipe\n" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--check"]], ids=["write", "check"])
@pytest.mark.parametrize(
    ("name", "points_to"),
    [
        (f"{PACKAGE}/evil", "folder"),
        (f"{PACKAGE}/evil.py", "file"),
        (f"{PACKAGE}/errors.py", "file"),
        (f"{PACKAGE}/__pycache__", "folder"),
        (f"{PACKAGE}/__pycache__/evil.cpython-311.pyc", "file"),
        (f"{PACKAGE}/.hidden/evil", "folder"),
        ("docs/Batch.md", "file"),
        ("docs", "folder"),
        ("docs/dangling", "nowhere"),
        ("", "folder"),
        ("../.generated.regenerate", "folder"),
        ("../.generated.regenerate", "nowhere"),
        ("../.old.generated.regenerate", "folder"),
        ("../.generated.regenerate/new", "folder"),
    ],
)
def test_symbolic_link_is_refused(
    name: str,
    points_to: str,
    arguments: list[str],
    regenerated: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A symbolic link in the output is named and refused, and nothing is written through it."""
    outside, output = tmp_path / "outside", tmp_path / "project" / "generated"
    shutil.copytree(regenerated, outside / "folder")
    outside.joinpath("file").write_text("kept", "utf-8")
    shutil.copytree(regenerated, output)
    link = Path(os.path.normpath(output / name))
    if link.is_dir():
        shutil.rmtree(link)
    link.unlink(missing_ok=True)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside / points_to)
    before = trees.read_tree(tmp_path)

    assert 1 == command.main([*arguments, "--output", str(output)])
    assert f"\n{link} is a symbolic link to {outside / points_to}; remove it" in capsys.readouterr().err
    assert before == trees.read_tree(tmp_path)


def test_api_changes_are_listed(regenerated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A regeneration lists in one line the public names that it added, removed or changed."""
    output = tmp_path / "generated"
    shutil.copytree(regenerated, output)
    spec = tmp_path / "openapi.yaml"
    text = (
        OPENAPI_YAML.read_text("utf-8")
        .replace("x-pagination:", "x-former-pagination:")
        .replace("\n        line:", "\n        row:")
    )
    spec.write_text(text.replace("x-create-once:", "x-former-create-once:"), "utf-8")

    assert 0 == command.main(["--spec", str(spec), "--output", str(output)])

    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith("Public names: added: BatchError.row; removed: AsyncBatchAPI.")
    assert "BatchAPI.create_batch" in line.partition("changed: ")[2]
    assert 0 == command.main(["--spec", str(spec), "--output", str(output)])
    assert "Public names" not in capsys.readouterr().out


def edited_lock(folder: Path, **changed: str) -> None:
    """Change entries of a lock, as if other sources or tools had made the tree."""
    path = folder / generation_lock.NAME
    text = json.loads(path.read_text("utf-8"))
    for name, value in changed.items():
        part = text["tools"] if name in text["tools"] else text["sources"]
        part[name] = value
    path.write_text(json.dumps(text))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"contract": "0"}, "the contract was edited, but generated/ was not regenerated"),
        ({"config": "0"}, "generator-config.yaml was edited"),
        ({"templates": "0"}, "a template was edited"),
        ({"runtime": "0"}, "the runtime was edited"),
        ({"codegen": "0"}, "scripts/codegen was edited"),
        ({"openapi": "0"}, "scripts/openapi was edited"),
        (
            {"ruff": "0.1.0"},
            f"the package was generated with ruff 0.1.0, but pyproject.toml pins {version('ruff')}",
        ),
        ({"openapi-python-client": "0.28.0"}, "the package was generated with openapi-python-client 0.28.0"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_check_names_the_cause(
    changed: dict[str, str], message: str, built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--check names the cause of a difference: an edited source, or a tool of another version."""
    edited = tmp_path / "generated"
    shutil.copytree(built, edited)
    edited_lock(edited, **changed)

    assert 1 == command.main(["--check", "--output", str(edited)])
    assert f"because {message}" in capsys.readouterr().err


def test_both_causes_are_named(regenerated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If the contract and a generated file were edited, --check names both and the file."""
    output, spec = tmp_path / "generated", tmp_path / "openapi.yaml"
    shutil.copytree(regenerated, output)
    output.joinpath("docs", "Batch.md").write_text("x", "utf-8")
    spec.write_text(OPENAPI_YAML.read_text("utf-8").replace("\n        line:", "\n        row:"), "utf-8")

    assert 1 == command.main(["--check", "--spec", str(spec), "--output", str(output)])
    stderr = capsys.readouterr().err
    assert "because the contract was edited, but generated/ was not regenerated\n" in stderr
    assert "because generated files were edited by hand: docs/Batch.md\n" in stderr


def test_other_tools_are_refused(
    regenerated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With another version of the generator or of ruff, nothing is written; the message names the remedy."""
    output = tmp_path / "generated"
    shutil.copytree(regenerated, output)
    monkeypatch.setattr(generation_lock, "installed_version", lambda name: "0.0.1" if name == "ruff" else GENERATOR)
    pinned = generation_lock.pinned_versions()["ruff"]
    message = (
        f"ruff 0.0.1 is installed, but pyproject.toml pins {pinned}; run scripts/setup pip install ruff=={pinned}\n"
    )

    for arguments in ([], ["--check"]):
        assert 1 == command.main([*arguments, "--output", str(output)])
        assert message in capsys.readouterr().err
    assert [] == trees.compare(regenerated, output).lines()


def test_template_with_syntax_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A template that is not valid is named with its line, and nothing is written."""
    templates = tmp_path / "templates"
    shutil.copytree(TEMPLATES, templates)
    model = templates / "model.py.jinja"
    model.write_text(f"{model.read_text('utf-8')}\n{{% if %}}\n", "utf-8")
    line = len(model.read_text("utf-8").splitlines())
    monkeypatch.setattr(generator, "TEMPLATES", templates)

    assert 1 == command.main(["--output", str(tmp_path / "generated")])
    assert f"\n{model}:{line}: the template is not valid: Expected an expression" in capsys.readouterr().err
    assert [templates] == list(tmp_path.iterdir())


def test_generator_error_has_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error of the generator that no rule foresees is printed with its place, and without the generator's words."""
    error = ParseError(header="WARNING parsing GET /0 within batch.", detail="Unable to parse")
    parsed = GeneratorData.from_dict
    with_error = lambda *arguments, **options: evolve_errors(parsed(*arguments, **options), error)  # noqa: E731
    monkeypatch.setattr(GeneratorData, "from_dict", with_error)
    place = ":".join(map(str, load(OPENAPI_YAML).place("/paths/~1batches/post")))

    assert 1 == command.main(["--output", str(tmp_path / "generated")])
    (message,) = capsys.readouterr().err.splitlines()[1:]
    assert message.startswith(f"{OPENAPI_YAML}:{place}: not-supported: this part of the contract cannot be generated")
    assert "Unable" not in message


def evolve_errors(data: Any, error: ParseError) -> Any:
    """Data of the generator with an error."""
    data.errors.append(error)
    return data


def test_staged_files_are_checked(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--check fails if a staged file differs from the file on the disk, and for no other staged file."""
    output = tmp_path / "generated"
    shutil.copytree(built, output)
    edited, kept = output / "docs" / "Batch.md", (built / "docs" / "Batch.md").read_text("utf-8")

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x", *arguments], cwd=tmp_path, check=True)

    git("init", "--quiet")
    git("add", ".")
    assert 0 == command.main(["--check", "--output", str(output)])
    git("commit", "--quiet", "--message=x")
    edited.write_text("x", "utf-8")
    git("add", ".")
    edited.write_text(kept, "utf-8")

    assert 1 == command.main(["--check", "--output", str(output)])
    assert "  staged: docs/Batch.md\n  because staged files differ" in capsys.readouterr().err
    git("add", ".")
    assert 0 == command.main(["--check", "--output", str(output)])


def test_report_is_short(regenerated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A regeneration reports in a few lines what it read and wrote, for any number of files."""
    output = tmp_path / "generated"
    files = len(trees.read_tree(regenerated))

    assert 0 == command.main(["--output", str(output)])

    first, *named, rest, callers = capsys.readouterr().out.splitlines()
    operations = len(Contract.load().operations)
    assert first.startswith(f"openapi.yaml {Contract.load().document['info']['version']}: {operations} operations, ")
    assert first.endswith(f" models; {files} files changed.")
    assert all(line.startswith("  added: ") for line in named)
    assert f"  and {files - len(named)} more" == rest
    assert callers.startswith("Public names: added: ")


def test_every_file_names_the_command(regenerated: Path) -> None:
    """The first line of each generated file names the program that wrote it."""
    files = [path for path in regenerated.rglob("*") if path.is_file()]

    assert [] == [
        path
        for path in files
        if "by scripts/regenerate" not in path.read_text("utf-8")[:200]
        and "scripts/regenerate; do not edit" not in path.read_text("utf-8")[:200]
    ]


def test_missing_lock(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A tree without its lock differs, and the message says that the cause is unknown."""
    edited = tmp_path / "generated"
    shutil.copytree(built, edited)
    edited.joinpath(generation_lock.NAME).unlink()

    assert 1 == command.main(["--check", "--output", str(edited)])
    assert "generation.lock is missing or damaged" in capsys.readouterr().err


def test_check_passes(regenerated: Path) -> None:
    """--check passes if nothing differs; it ignores bytecode and the caches of tools."""
    caches = [
        "__pycache__/errors.cpython-311.pyc",
        "__pycache__/errors.cpython-311.opt-1.pyc.9",
        ".mypy_cache/a.json",
    ]
    for path in (regenerated / PACKAGE / name for name in caches):
        path.parent.mkdir(exist_ok=True)
        path.touch()

    assert command.main(["--check", "--output", str(regenerated)]) == 0


CREATE = "      operationId: createBatch\n"
NOTES = """      parameters:
        - {name: metadata, in: query, description: More notes., schema: {type: string}}
"""


@pytest.mark.parametrize(
    ("contract", "message"),
    [
        ("openapi: 3.1.0\ninfo: [", ":3:1: not YAML"),
        ("openapi: 3.1.0\nopenapi: 3.1.0\n", ":2:1: the key 'openapi' is a duplicate"),
        ("openapi: 3.1.0\ninfo: {title: x, version: 1.0.0}\n", "paths"),
        (OPENAPI_YAML.read_text("utf-8").replace('schemas/BatchStatus"', 'schemas/Nothing"'), "cannot be resolved"),
        (
            OPENAPI_YAML.read_text("utf-8").replace(CREATE, CREATE + NOTES),
            "the query parameter metadata and the property metadata have the same name in Python",
        ),
    ],
    ids=["not-yaml", "key-twice", "no-paths", "dangling-reference", "argument-twice"],
)
def test_bad_contract_changes_nothing(
    contract: str, message: str, regenerated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A contract that cannot be generated gets one message and exit code 1; the tree does not change."""
    spec, output = tmp_path / "openapi.yaml", tmp_path / "generated"
    spec.write_text(contract, "utf-8")
    shutil.copytree(regenerated, output)

    assert command.main(["--spec", str(spec), "--output", str(output)]) == 1

    stderr = capsys.readouterr().err
    assert str(spec) in stderr
    assert message in stderr
    assert [] == trees.compare(regenerated, output).lines()
    assert {spec, output} == set(tmp_path.iterdir())


@pytest.mark.parametrize("path", OVERRIDES, ids=lambda path: path.name)
def test_override_matches_the_installed_original(path: Path) -> None:
    """Each template override names the version and the hash of its original; a mismatch needs a review."""
    header = re.match(
        r"\{#\nReplaces (\S+) of openapi-python-client (\S+) \(sha256 (\w{12})\)\.", path.read_text("utf-8")
    )
    digest = hashlib.sha256(ORIGINALS.joinpath(path.name).read_bytes()).hexdigest()

    assert header is not None
    assert (path.name, version("openapi-python-client"), digest[:12]) == header.groups()
    for word in ("Why:", "Differs:", "Drop when:"):
        assert word in path.read_text("utf-8").partition("#}")[0]


def test_runtime_is_verbatim() -> None:
    """The runtime is copied unchanged below a header line, and does not name operations of the contract."""
    copies = {path.name: path.read_text("utf-8") for path in (GENERATED / PACKAGE / "_runtime").glob("*.py")}
    sources = {path.name: path.read_text("utf-8") for path in RUNTIME.glob("*.py")}
    assert {name: f"# {COPIED}\n{text}" for name, text in sources.items()} == copies
    text = "\n".join(path.read_text("utf-8") for path in RUNTIME.glob("*.py"))
    names = {name for operation in Contract.load().operations for name in (operation.id, operation.name)}
    assert [] == [name for name in names if name in text]
    assert not re.search(r"^\s*(from|import) \S*(models|api)\b", text, re.MULTILINE)


def test_version_comes_from_the_contract() -> None:
    """The package version is the contract's info.version."""
    import openai_batch_client

    assert Contract.load().document["info"]["version"] == openai_batch_client.__version__


@pytest.mark.parametrize(
    "text",
    [
        'say "hi"',
        'ends with "',
        '"""',
        'x """ + evil() + """',
        "back\\slash \\",
        "a\nb\n\n\nc",
        "{{ 7 * 7 }} {% x %} {# y #}",
        "é\u202e",
    ],
)
def test_docstring_escapes_any_text(text: str) -> None:
    """Any text of a contract stays inside its docstring."""
    namespace: dict[str, str] = {}
    source = f"def f():\n    {docstring(text).replace(chr(10), chr(10) + '    ')}\n"
    exec(compile(source, "docstring", "exec"), namespace)

    written = namespace["f"].__doc__

    assert written is not None
    assert re.sub(r"\s+", "", text) == re.sub(r"\s+", "", written)


def test_rehearsal_of_the_same_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rehearsal with the installed version finds no difference, and a header with another hash is named."""
    packages = Path(openapi_python_client.__file__).parents[1]
    templates = tmp_path / "scripts" / "templates"
    shutil.copytree(TEMPLATES, templates)
    model = templates / "model.py.jinja"
    model.write_text(re.sub(r"sha256 \w{12}", "sha256 000000000000", model.read_text("utf-8"), count=1), "utf-8")

    assert [] == rehearsal.missing_names(packages)
    assert [] == rehearsal.changed_templates(ORIGINALS, TEMPLATES)
    (changed,) = rehearsal.changed_templates(ORIGINALS, templates)
    assert changed.startswith("model.py.jinja: 000000000000 -> ")
    monkeypatch.setattr(
        rehearsal, "imported_names", lambda: [("openapi_python_client.gone", "ClassName"), ("json", "gone")]
    )
    assert [
        "openapi_python_client.gone.ClassName, which is in openapi_python_client.strings",
        "json.gone",
    ] == rehearsal.missing_names(packages)


def test_rehearsal_takes_versions_only(capsys: pytest.CaptureFixture[str]) -> None:
    """A rehearsal installs a version of the generator from the package index, and nothing else."""
    assert 1 == command.main(["--rehearse", "git+https://example.com/x"])
    assert "is not a version; write a version such as 0.29.0" in capsys.readouterr().err
