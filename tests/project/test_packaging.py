"""The wheel contains only the package, and works with the lowest and the newest versions of its dependencies."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import openai_batch_client
from scripts.openapi.contract import ROOT, Contract
from scripts.openapi.loading import load, parse
from tests.project import published
from tests.support.exchange_files import EXCHANGES, Exchange
from tests.support.sampling import IS_DEEP

PACKAGE = ROOT / "generated" / "openai_batch_client"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CI_JOB = load(ROOT / ".github" / "workflows" / "ci.yml").document["jobs"]["test"]
PYTHONS: list[str] = CI_JOB["strategy"]["matrix"]["python"]
"""The supported versions of Python, from the lowest to the newest."""
VERSION = Contract.load().document["info"]["version"]


def build(folder: Path, output: Path, *targets: str) -> None:
    """Build wheel or sdist like pip, but with the build tools of .venv."""
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(output)]
    subprocess.run([*command, *(f"--target={target}" for target in targets)], check=True, cwd=folder)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The paths of the wheel and the sdist."""
    output = tmp_path_factory.mktemp("dist")
    build(ROOT, output, "wheel", "sdist")
    return next(output.glob("*.whl")), next(output.glob("*.tar.gz"))


def test_files_of_the_wheel(built: tuple[Path, Path]) -> None:
    """The wheel contains the files of the package with py.typed, the license and the metadata only."""
    sources = {path.relative_to(PACKAGE.parent).as_posix(): path for path in PACKAGE.rglob("*") if path.is_file()}
    sources = {name: path for name, path in sources.items() if "__pycache__" not in name}
    with zipfile.ZipFile(built[0]) as wheel:
        info = f"openai_batch_client-{VERSION}.dist-info"
        metadata_files = {f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "licenses/LICENSE")}
        assert sources.keys() | metadata_files == set(wheel.namelist())
        assert {name: path.read_bytes() for name, path in sources.items()} == {
            name: wheel.read(name) for name in sources
        }
        metadata = Parser().parsestr(wheel.read(f"{info}/METADATA").decode())

    assert "openai_batch_client/py.typed" in sources
    assert (VERSION, ">=3.11", "MIT") == tuple(
        metadata[key] for key in ("Version", "Requires-Python", "License-Expression")
    )
    required = [line for line in metadata.get_all("Requires-Dist", []) if "extra" not in line]
    assert sorted(PROJECT["dependencies"]) == required
    assert ["attrs", "httpx", "python-dateutil"] == [line.partition(">=")[0] for line in required]


def test_version_equals_the_contract() -> None:
    """The package has the version of the contract. The changelog begins with this version or with Unreleased."""
    sections = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)

    assert VERSION == openai_batch_client.__version__
    assert sections[0] in ("Unreleased", VERSION)


def test_sdist_rebuilds_the_wheel(built: tuple[Path, Path], tmp_path: Path) -> None:
    """A build from the sdist gives the same wheel, byte for byte."""
    with tarfile.open(built[1]) as sdist:
        sdist.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    build(folder, tmp_path / "again", "wheel")

    assert built[0].read_bytes() == next(tmp_path.joinpath("again").glob("*.whl")).read_bytes()


def test_release_needs_no_secrets() -> None:
    """The release workflow publishes with a short-lived identity token, without secrets or other write permissions.

    A last job installs the published package, runs it and verifies its attestations.
    """
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    workflow = parse(text.encode(), "workflow").document

    assert "secrets." not in text
    assert {} == workflow["permissions"]
    permissions = {name: job["permissions"] for name, job in workflow["jobs"].items()}
    assert {"contents": "read"} == permissions["build"] == permissions["verify"]
    assert {"id-token": "write"} == permissions["publish"]
    assert "pypi" == workflow["jobs"]["publish"]["environment"]
    assert "publish" == workflow["jobs"]["verify"]["needs"]
    scripts = [step.get("run", "") for step in workflow["jobs"]["verify"]["steps"]]
    assert [1, 1] == [sum(text in script for script in scripts) for text in ("tests.project.published", "verify pypi")]


def test_program_of_the_readme_needs_the_package(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the installed package, the check of a published package fails."""
    venv.create(tmp_path, symlinks=True, with_pip=False)

    assert 1 == published.main([str(tmp_path / "bin" / "python")])
    assert "No module named 'openai_batch_client'" in capsys.readouterr().out
    assert 2 == published.main([])


def test_development_packages_are_locked() -> None:
    """scripts/requirements.txt has a version and hashes of each package, as pyproject.toml requires."""
    text = (ROOT / "scripts" / "requirements.txt").read_text("utf-8")
    entries = re.findall(r"^(\S+)==(\S+)[^\\\n]*((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", text, re.MULTILINE)
    versions = {canonicalize_name(name): version for name, version, _ in entries}
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    requirements = [Requirement(text) for text in (*PROJECT["dependencies"], *groups["dev"], *groups["generate"])]

    assert len(entries) == len(re.findall(r"^[^\s#]", text, re.MULTILINE))
    assert "://" not in text
    assert [] == [
        str(requirement)
        for requirement in requirements
        if not requirement.specifier.contains(versions[canonicalize_name(requirement.name)])
    ]


def test_dependabot_updates_all_pins() -> None:
    """Dependabot updates the pinned Python packages in both folders, and the actions."""
    updates = load(ROOT / ".github" / "dependabot.yml").document["updates"]

    assert {"pip", "github-actions"} == {update["package-ecosystem"] for update in updates}
    assert ["/", "/scripts"] == updates[0]["directories"]


def lowest(requirement: str) -> str:
    """Pin a requirement to its lowest allowed version."""
    name, bound = requirement.split(">=")
    return f"{name}=={bound}"


def python(minor: int) -> str | None:
    """The path of Python 3.`minor` on this machine, or None."""
    # Launchers of pyenv in PATH may not work. The other folders are those of pyenv, uv and the runners of GitHub.
    kept = [
        *Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"),
        *Path.home().glob(f".local/share/uv/python/cpython-3.{minor}.*/bin/python3"),
        *Path("/opt/hostedtoolcache/Python").glob(f"3.{minor}.*/x64/bin/python"),
    ]
    for path in (shutil.which(f"python3.{minor}"), *sorted(kept)):
        if path and subprocess.run([path, "-c", "import venv"], check=False, capture_output=True).returncode == 0:
            return str(path)
    return None


def newer_pythons() -> dict[int, str]:
    """The paths of the Pythons on this machine that are newer than this one, by minor version."""
    found = {minor: python(minor) for minor in map(minor_of, PYTHONS) if minor > sys.version_info.minor}
    return {minor: path for minor, path in found.items() if path}


def minor_of(version: str) -> int:
    return int(version.partition(".")[2])


def test_ci_runs_all_supported_pythons() -> None:
    """The jobs of CI run .ci/run with each Python from the lowest that the package allows."""
    lowest_minor = minor_of(PROJECT["requires-python"].removeprefix(">="))

    assert [f"3.{lowest_minor + number}" for number in range(len(PYTHONS))] == PYTHONS
    assert "3.14" in PYTHONS
    setup, run = CI_JOB["steps"][1:]
    assert "${{ matrix.python }}" == setup["with"]["python-version"]
    assert "bash .ci/run" == run["run"]


def test_newer_python_is_at_hand() -> None:
    """The newest versions are installed in a newer Python. The summary of the tests says so if there is none."""
    if not newer_pythons():
        own = f"3.{sys.version_info.minor}"
        pytest.skip(f"no Python from {own} (excluded) to {PYTHONS[-1]} is at hand: the wheel was tried with {own} only")


@pytest.mark.parametrize("version", PYTHONS[1:] if IS_DEEP else PYTHONS[-1:])
def test_types(version: str, tmp_path: Path) -> None:
    """Package and program have no type errors in the newest Python, and weekly in all. scripts/check tries the lowest.

    mypy reads the package, too. basedpyright sees it as an installed package. Both are options of the type checkers.
    """
    program = shutil.copy(ROOT / "tests" / "typing" / "public_api.py", tmp_path)
    options = ["--strict", "--python-version", version, "--cache-dir", str(tmp_path / "cache"), "--config-file="]
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["basedpyright"]
    settings |= {"include": ["public_api.py"], "pythonVersion": version, "venvPath": str(ROOT)}
    tmp_path.joinpath("pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    for command in (["mypy", *options, str(program), str(PACKAGE)], ["basedpyright", "--level", "error"]):
        checked = subprocess.run(
            [Path(sys.executable).with_name(command[0]), *command[1:]],
            env={**os.environ, "MYPYPATH": str(PACKAGE.parent)},
            cwd=tmp_path,
            check=False,
            capture_output=True,
            text=True,
        )
        assert 0 == checked.returncode, checked.stdout + checked.stderr


@pytest.mark.parametrize("versions", ["lowest", "newest", *(PYTHONS if IS_DEEP else ())])
def test_wheel_works_when_installed(versions: str, built: tuple[Path, Path], tmp_path: Path) -> None:
    """The installed wheel plays every exchange, with the lowest or the newest versions of its dependencies.

    The newest versions are installed in the newest Python at hand and with the extra `speed`; weekly in all at hand.
    """
    program = sys.executable
    if versions == "newest":
        program = [program, *newer_pythons().values()][-1]
    elif versions != "lowest":
        found = python(minor_of(versions))
        if found is None:
            pytest.skip(f"Python {versions} is not at hand")
        program = found
    subprocess.run([program, "-m", "venv", "--without-pip", tmp_path], check=True)
    environment = tmp_path / "bin" / "python"
    requirements = (
        [str(built[0]), *map(lowest, PROJECT["dependencies"])] if versions == "lowest" else [f"{built[0]}[speed]"]
    )
    pip = [sys.executable, "-m", "pip", "--python", str(environment), "install", "--quiet", "--retries", "1"]
    installed = subprocess.run([*pip, *requirements], check=False, capture_output=True, text=True)
    if installed.returncode and "CI" not in os.environ and not _index_is_reachable():
        pytest.skip("no package index is reachable, so the wheel cannot be installed")
    assert 0 == installed.returncode, installed.stderr
    played = subprocess.run(
        [
            environment,
            "-I",
            "-W",
            "error::DeprecationWarning:openai_batch_client",
            Path(__file__).with_name("installed.py"),
        ],
        input=json.dumps([_as_json(path) for path in EXCHANGES]),
        check=False,
        capture_output=True,
        text=True,
    )

    assert f"{len(EXCHANGES)} {VERSION}\n" == played.stdout, played.stderr


def _as_json(path: Path) -> dict[str, object]:
    """An exchange as JSON values, because the environment of installed.py has no YAML parser."""
    exchange = Exchange.load(path)
    answer = exchange.answer()
    response = {"status": answer.status_code, "headers": dict(answer.headers), "text": answer.text}
    call = {"operation": exchange.operation, "call": exchange.call, "request": exchange.request}
    return {**call, "response": response, "result": exchange.result, "raises": exchange.raises}


def _index_is_reachable() -> bool:
    command = [sys.executable, "-m", "pip", "--retries", "0", "index", "versions", "attrs"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
