"""generation.lock: what generated/ was made from, so that a difference can be explained."""

import hashlib
import json
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from scripts.openapi.contract import ROOT

from .tree import read

NAME = "generation.lock"
SOURCES = {
    "config": ROOT / "generator-config.yaml",
    "templates": ROOT / "scripts" / "templates",
    "runtime": ROOT / "scripts" / "runtime",
}
_CAUSES = {
    "contract": "the contract was edited and the package not regenerated",
    "config": "generator-config.yaml was edited and the package not regenerated",
    "templates": "a template was edited and the package not regenerated",
    "runtime": "the runtime was edited and the package not regenerated",
}


def make(spec: Path, generated: Path) -> str:
    """The text of the lock for a tree that was just generated from `spec`."""
    content: dict[str, Any] = {
        "written by": "scripts/regenerate; do not edit",
        "tools": {name: installed(name) for name in pins()},
        "sources": {"contract": digest(spec), **{name: digest(path) for name, path in SOURCES.items()}},
        "output": _digests(generated),
    }
    return json.dumps(content, indent=2) + "\n"


def pins() -> dict[str, str]:
    """The versions of generator and formatter that pyproject.toml pins."""
    groups = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))["dependency-groups"]
    return dict(pin.split("==") for pin in groups["generate"])


def unpinned() -> list[str]:
    """Which of them are installed in another version, in sentences."""
    return [
        f"{name} is {installed(name)}, and pyproject.toml pins {pinned}: scripts/setup pip install {name}=={pinned}"
        for name, pinned in pins().items()
        if installed(name) != pinned
    ]


def installed(name: str) -> str:
    """The version of an installed package, or `none`."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def digest(path: Path) -> str:
    """The SHA-256 of a file, or of a tree with names and modes."""
    content = json.dumps(_digests(path)).encode() if path.is_dir() else path.read_bytes()
    return hashlib.sha256(content).hexdigest()


def _digests(root: Path) -> dict[str, str]:
    """For each file of a tree, but the lock in it, the beginning of the SHA-256 of its content and mode."""
    return {
        name: hashlib.sha256(content + b"\0x" * executable).hexdigest()[:16]
        for name, (content, executable) in sorted(read(root).items())
        if name != NAME
    }


def causes(spec: Path, generated: Path) -> list[str]:
    """Why `generated` can differ from what would be generated now, in sentences; what its lock says is the measure."""
    try:
        written = json.loads(generated.joinpath(NAME).read_text("utf-8"))
        tools, sources, output = (dict(written[name]) for name in ("tools", "sources", "output"))
    except (OSError, ValueError, KeyError, TypeError):
        return [f"{NAME} is missing or damaged, so that the cause is not known"]
    found = unpinned()
    found += [
        f"{name} {tools.get(name)} made the package, and pyproject.toml pins {pinned}"
        for name, pinned in pins().items()
        if tools.get(name) != pinned
    ]
    now = {"contract": digest(spec), **{name: digest(path) for name, path in SOURCES.items()}}
    found += [_CAUSES[name] for name in now if now[name] != sources.get(name)]
    after = _digests(generated)
    if edited := sorted(name for name in output.keys() | after.keys() if output.get(name) != after.get(name)):
        found.append(f"generated files were edited by hand: {', '.join(edited)}")
    return found or ["scripts/codegen writes something else than it did"]
