"""What a regeneration means for Python callers: which public names came, went, or changed their signature."""

import ast
from pathlib import Path

from .project import PACKAGE


def summary(old: Path, new: Path) -> str:
    """One line; `old` and `new` are folders that hold the package, the old one perhaps not there."""
    before, after = _public(old / PACKAGE), _public(new / PACKAGE)
    kinds = (
        ("new", after.keys() - before.keys()),
        ("gone", before.keys() - after.keys()),
        ("changed", {name for name in before.keys() & after.keys() if before[name] != after[name]}),
    )
    told = [
        f"{kind}: {', '.join(sorted(names)[:8])}{' ...' if len(names) > 8 else ''}" for kind, names in kinds if names
    ]
    return "; ".join(told) or "nothing changes"


def _public(package: Path) -> dict[str, str]:
    """Public names of the operations and models, with what a caller sees of each: signature, annotation or value."""
    found: dict[str, str] = {}
    for path in sorted([*package.glob("api/*/__init__.py"), *package.glob("models/*.py")]):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                for inside in node.body:
                    if isinstance(inside, ast.AnnAssign):
                        found[f"{node.name}.{ast.unparse(inside.target)}"] = ast.unparse(inside)
                    elif isinstance(inside, (ast.FunctionDef, ast.AsyncFunctionDef)):
                        returns = ast.unparse(inside.returns) if inside.returns else ""
                        found[f"{node.name}.{inside.name}"] = f"{ast.unparse(inside.args)} -> {returns}"
            elif isinstance(node, ast.AnnAssign):
                found[ast.unparse(node.target)] = ast.unparse(node)
    return found
