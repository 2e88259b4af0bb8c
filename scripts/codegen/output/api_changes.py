"""Tells Python callers which public names a regeneration added, removed or changed."""

from pathlib import Path

import griffe

from scripts.codegen.package import PACKAGE
from scripts.codegen.rendering.signatures import read_module

MOST_NAMES = 8


def summary(old: Path, new: Path) -> str:
    """One line; `old` and `new` are folders that hold the package, and `old` may not exist."""
    before, after = _public_names(old / PACKAGE), _public_names(new / PACKAGE)
    kinds = {
        "new": after.keys() - before.keys(),
        "gone": before.keys() - after.keys(),
        "changed": {name for name in before.keys() & after.keys() if before[name] != after[name]},
    }
    parts = [
        f"{kind}: {', '.join(sorted(names)[:MOST_NAMES])}{' ...' if len(names) > MOST_NAMES else ''}"
        for kind, names in kinds.items()
        if names
    ]
    return "; ".join(parts) or "nothing changes"


def _public_names(package: Path) -> dict[str, str]:
    """The signature, annotation or value of each public name of the operations and models."""
    found: dict[str, str] = {}
    for path in sorted([*package.glob("api/*/__init__.py"), *package.glob("models/*.py")]):
        for member in read_module(path).members.values():
            if isinstance(member, griffe.Class):
                found |= {f"{member.name}.{name}": _declaration(inner) for name, inner in member.members.items()}
            elif isinstance(member, griffe.Attribute) and member.annotation:
                found[member.name] = _declaration(member)
    return found


def _declaration(member: griffe.Object | griffe.Alias) -> str:
    """What a caller sees of a method or an attribute."""
    if isinstance(member, griffe.Function):
        parameters = [f"{p.kind} {p.name}: {p.annotation} = {p.default}" for p in member.parameters]
        return f"({', '.join(parameters)}) -> {member.returns}"
    return f"{member.annotation} = {member.value}" if isinstance(member, griffe.Attribute) else member.name
