"""generation.lock: what generated/ was made from, so that a difference can be explained."""

import hashlib
import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .contract import ROOT
from .tree import read

NAME = "generation.lock"
TOOLS = ("openapi-python-client", "ruff")
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
        "tools": {name: installed(name) for name in TOOLS},
        "sources": {"contract": digest(spec), **{name: digest(path) for name, path in SOURCES.items()}},
        "output": digest(generated),
    }
    return json.dumps(content, indent=2) + "\n"


def installed(name: str) -> str:
    """The version of an installed package, or `none`."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def digest(path: Path) -> str:
    """The SHA-256 of a file, or of a tree with names and modes; a lock in it does not count."""
    total = hashlib.sha256()
    if path.is_dir():
        for name, (content, executable) in sorted(read(path).items()):
            if name != NAME:
                total.update(f"{name}\0{executable}\0{len(content)}\0".encode() + content)
    else:
        total.update(path.read_bytes())
    return total.hexdigest()


def causes(spec: Path, generated: Path) -> list[str]:
    """Why `generated` can differ from what would be generated now, in sentences; what its lock says is the measure."""
    try:
        written = json.loads(generated.joinpath(NAME).read_text("utf-8"))
        tools, sources, output = written["tools"], written["sources"], written["output"]
    except (OSError, ValueError, KeyError, TypeError):
        return [f"{NAME} is missing or damaged, so that the cause is not known"]
    found = [
        f"{name} is {installed(name)}, and {pinned} made the package: pip install {name}=={pinned}"
        for name, pinned in tools.items()
        if installed(name) != pinned
    ]
    now = {"contract": digest(spec), **{name: digest(path) for name, path in SOURCES.items()}}
    found += [_CAUSES[name] for name in now if now[name] != sources.get(name)]
    if digest(generated) != output:
        found.append("generated files were edited by hand")
    return found or ["scripts/codegen writes something else than it did"]
