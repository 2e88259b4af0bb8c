"""Summarizes which public names a regeneration adds, removes or changes."""

from pathlib import Path

import griffe

from scripts.codegen.package import PACKAGE
from scripts.codegen.rendering.signatures import read_module

MOST_NAMES = 8


def summary(old: Path, new: Path) -> str:
    """Return one line about the changes between the packages in two folders. The folder `old` may be missing."""
    before, after = _public_names(old / PACKAGE), _public_names(new / PACKAGE)
    kinds = {
        "added": after.keys() - before.keys(),
        "removed": before.keys() - after.keys(),
        "changed": {name for name in before.keys() & after.keys() if before[name] != after[name]},
    }
    parts = [f"{kind}: {_listed(sorted(names))}" for kind, names in kinds.items() if names]
    return "; ".join(parts) or "no changes"


def _listed(names: list[str]) -> str:
    left_out = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + left_out


def _public_names(package: Path) -> dict[str, str]:
    """The declarations of the public names of operations and models, by name."""
    found: dict[str, str] = {}
    for path in sorted([*package.glob("api/*/__init__.py"), *package.glob("models/*.py")]):
        for member in read_module(path).members.values():
            if isinstance(member, griffe.Class):
                public = {name: inner for name, inner in member.members.items() if not name.startswith("_")}
                found |= {f"{member.name}.{name}": _declaration(inner) for name, inner in public.items()}
            elif isinstance(member, griffe.Attribute) and member.annotation:
                found[member.name] = _declaration(member)
    return found


def _declaration(member: griffe.Object | griffe.Alias) -> str:
    """The signature of a method, or the annotation and value of an attribute."""
    if isinstance(member, griffe.Function):
        parameters = [f"{p.kind} {p.name}: {p.annotation} = {p.default}" for p in member.parameters]
        return f"({', '.join(parameters)}) -> {member.returns}"
    return f"{member.annotation} = {member.value}" if isinstance(member, griffe.Attribute) else member.name
