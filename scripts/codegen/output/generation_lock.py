"""generation.lock records the versions and hashes of all sources of generated/, to explain differences."""

import hashlib
import json
import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from scripts.openapi.contract import ROOT

from .trees import read_tree

NAME = "generation.lock"
SOURCES = {
    "config": ROOT / "generator-config.yaml",
    "templates": ROOT / "scripts" / "templates",
    "runtime": ROOT / "scripts" / "runtime",
    "codegen": ROOT / "scripts" / "codegen",
    "openapi": ROOT / "scripts" / "openapi",
}
_EDITED = {
    "contract": "the contract was edited",
    "config": "generator-config.yaml was edited",
    "templates": "a template was edited",
    "runtime": "the runtime was edited",
    "codegen": "scripts/codegen was edited",
    "openapi": "scripts/openapi was edited",
}
_WRITTEN_BY = "scripts/regenerate; do not edit"


def make(spec: Path, generated: Path) -> str:
    """The content of the lock file for output that was just generated from `spec`."""
    content: dict[str, Any] = {
        "written by": _WRITTEN_BY,
        "tools": {name: installed_version(name) for name in pinned_versions()},
        "sources": _source_digests(spec),
        "output": _file_digests(generated),
    }
    return json.dumps(content, indent=2) + "\n"


def pinned_versions() -> dict[str, str]:
    """The pinned versions of the generator and the formatter, from pyproject.toml."""
    groups = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))["dependency-groups"]
    return dict(pin.split("==") for pin in groups["generate"])


def wrong_versions() -> list[str]:
    """One message for each tool whose installed version is not the pinned version."""
    return [
        f"{name} {installed_version(name)} is installed, but pyproject.toml pins {pinned}; "
        f"run scripts/setup pip install {name}=={pinned}"
        for name, pinned in pinned_versions().items()
        if installed_version(name) != pinned
    ]


def installed_version(name: str) -> str:
    """The version of an installed package, or `none`."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def digest(path: Path) -> str:
    """The SHA-256 of a file, or of a folder with its file names and executable bits."""
    content = json.dumps(_file_digests(path)).encode() if path.is_dir() else path.read_bytes()
    return hashlib.sha256(content).hexdigest()


def written_files(generated: Path) -> frozenset[str] | None:
    """The names of the files that runs wrote into `generated`, or None if the folder has no lock file of ours.

    A merge in git can leave both versions of the lock file, with markers. All files in both versions count.
    """
    if lock := _read(generated):
        return frozenset(lock["output"])
    try:
        lines = generated.joinpath(NAME).read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return None
    is_ours = f'  "written by": "{_WRITTEN_BY}",' in lines
    if not is_ours or not any(line.startswith("<<<<<<<") for line in lines):
        return None
    return frozenset(found[1] for line in lines if (found := re.fullmatch(r' {4}"(.+)": "[0-9a-f]{16}",?', line)))


def reasons(spec: Path, generated: Path) -> list[str]:
    """The reasons why `generated` differs from the output for `spec`, according to its lock file."""
    lock = _read(generated)
    if lock is None:
        return [f"{NAME} is missing or damaged, so the reason is unknown"]
    tools, sources, output = lock["tools"], lock["sources"], lock["output"]
    found = wrong_versions()
    found += [
        f"the package was generated with {name} {tools.get(name)}, but pyproject.toml pins {pinned}"
        for name, pinned in pinned_versions().items()
        if tools.get(name) != pinned
    ]
    found += [
        f"{_EDITED[name]}, but generated/ was not regenerated"
        for name, now in _source_digests(spec).items()
        if now != sources.get(name)
    ]
    files = _file_digests(generated)
    if edited := sorted(name for name in output if output[name] != files.get(name)):
        found.append(f"generated files were edited by hand: {', '.join(edited)}")
    if foreign := sorted(files.keys() - output.keys()):
        found.append(
            f"scripts/regenerate did not write {', '.join(foreign)}; move them, or run scripts/regenerate --force"
        )
    return found or ["a tool changed that generation.lock does not record"]


def _read(generated: Path) -> dict[str, Any] | None:
    """The lock file of a folder, or None if it is missing, damaged, or from another program."""
    try:
        lock = json.loads(generated.joinpath(NAME).read_text("utf-8"))
        parts: dict[str, Any] = {name: dict(lock[name]) for name in ("tools", "sources", "output")}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return parts if lock.get("written by") == _WRITTEN_BY else None


def _source_digests(spec: Path) -> dict[str, str]:
    return {"contract": digest(spec), **{name: digest(path) for name, path in SOURCES.items()}}


def _file_digests(root: Path) -> dict[str, str]:
    """The hash of each file below `root` except the lock file: 16 digits of the SHA-256, with the executable bit."""
    return {
        name: hashlib.sha256(content + b"\0x" * executable).hexdigest()[:16]
        for name, (content, executable) in sorted(read_tree(root).items())
        if name != NAME
    }
