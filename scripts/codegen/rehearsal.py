"""Shows what another version of openapi-python-client would change, before anything is upgraded."""

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement

from scripts.openapi.contract import ROOT

from .output.generation_lock import NAME as LOCK
from .output.trees import compare
from .package import GenerationError

GENERATOR = "openapi-python-client"
MODULE = GENERATOR.replace("-", "_")
CODEGEN, TEMPLATES = ROOT / "scripts" / "codegen", ROOT / "scripts" / "templates"
_HEADER = re.compile(r"\{#\nReplaces (\S+) of openapi-python-client (\S+) \(sha256 (\w{12})\)\.")
# Prints those of the given names that the installed generator does not have.
_FIND_MISSING = """
import importlib, json, sys
for module, name in json.load(sys.stdin):
    try:
        if not hasattr(importlib.import_module(module), name):
            print(f"{module}.{name}")
    except ImportError:
        print(f"{module}.{name}")
"""
_GENERATE = """
import sys
from pathlib import Path
from scripts.codegen.__main__ import build
build(Path(sys.argv[1]), Path(sys.argv[2]), 120)
"""


def imported_names() -> list[tuple[str, str]]:
    """Module and name of each import from the generator below scripts/codegen, sorted."""
    found = set()
    for path in CODEGEN.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == MODULE:
                found |= {(node.module, alias.name) for alias in node.names}
    return sorted(found)


def rehearse(version: str, spec: Path, generated: Path) -> Iterator[str]:
    """Install a version of the generator in a temporary folder, and yield the lines of a report.

    Raises:
        GenerationError: The version cannot be installed.
    """
    if not re.fullmatch(r"[0-9][0-9A-Za-z.]*", version):
        raise GenerationError(f"{version!r} is not a version; write a version such as 0.29.0")
    with tempfile.TemporaryDirectory(prefix="rehearse-") as folder:
        aside, output = Path(folder, "packages"), Path(folder, "generated")
        pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--target", str(aside)]
        ended = subprocess.run([*pip, f"{GENERATOR}=={version}"], capture_output=True, text=True, check=False)
        if ended.returncode:
            lines = [line for line in ended.stderr.splitlines() if line.startswith("ERROR")]
            raise GenerationError(f"{GENERATOR} {version} cannot be installed: {' '.join(lines)}")
        yield from _section("Pins in scripts/requirements.txt that do not fit", _wrong_pins(aside))
        yield from _section("Names that scripts/codegen imports, and that are gone", missing_names(aside))
        yield from _section(
            "Original templates that changed", changed_templates(aside / MODULE / "templates", TEMPLATES)
        )
        ended = _run(aside, _GENERATE, str(spec), str(output))
        if ended.returncode:
            yield from _section("The generation fails", ended.stderr.strip().splitlines()[-1:])
        else:
            differences = [line for line in compare(generated, output).lines() if not line.endswith(LOCK)]
            yield from _section(f"Changes of {generated.name}/", differences)
            yield from _diff(generated, output)


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"{title}: {'' if lines else 'none'}".rstrip(), *(f"  {line}" for line in lines)]


def _run(aside: Path, program: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program with the packages in the folder `aside` before all others."""
    environment = {**os.environ, "PYTHONPATH": f"{aside}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, env=environment, input=stdin, capture_output=True, text=True, check=False)


def _wrong_pins(aside: Path) -> list[str]:
    """The pins that the requirements of the generator exclude."""
    text = ROOT.joinpath("scripts", "requirements.txt").read_text("utf-8")
    pins = dict(re.findall(r"^(\S+)==(\S+)", text.lower(), re.MULTILINE))
    written = next(each.requires for each in distributions(path=[str(aside)], name=GENERATOR)) or []
    needed = [each for each in map(Requirement, written) if each.marker is None or each.marker.evaluate({"extra": ""})]
    wrong = [each for each in needed if not each.specifier.contains(pins.get(each.name.lower(), "0"), prereleases=True)]
    return [f"{each.name}=={pins[each.name.lower()]}: it needs {each}" for each in wrong if each.name.lower() in pins]


def missing_names(aside: Path) -> list[str]:
    """The names that our code imports and that the generator in the folder `aside` does not have.

    A name that another module of the generator defines has the name of this module.
    """
    missing = _run(aside, _FIND_MISSING, stdin=json.dumps(imported_names())).stdout.splitlines()
    return [line + _other_home(aside, line.rpartition(".")[2]) for line in missing]


def _other_home(aside: Path, name: str) -> str:
    """The module of the generator that defines a class or function, for a message; empty if there is none."""
    for path in sorted((aside / MODULE).rglob("*.py")):
        if re.search(rf"^(class|def) {name}\b", path.read_text("utf-8"), re.MULTILINE):
            return f", which is in {'.'.join(path.relative_to(aside).with_suffix('').parts)}"
    return ""


def changed_templates(originals: Path, overrides: Path) -> list[str]:
    """The overrides whose original has another hash than the header says, with the new hash for the header."""
    found = []
    for path in sorted(overrides.iterdir()):
        header = _HEADER.match(path.read_text("utf-8"))
        if header is None:
            continue
        original = originals / path.name
        digest = hashlib.sha256(original.read_bytes()).hexdigest()[:12] if original.exists() else "does not exist"
        if digest != header[3]:
            found.append(f"{path.name}: {header[3]} -> {digest}")
    return found


def _diff(old: Path, new: Path) -> list[str]:
    command = ["git", "diff", "--no-index", "--no-color", "--", str(old), str(new)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    is_lock = f"/{LOCK} "
    parts = re.split(r"(?m)^(?=diff --git )", ended.stdout)
    return [line for part in parts if is_lock not in part.partition("\n")[0] for line in part.splitlines()]
