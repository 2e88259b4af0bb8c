"""Decides whether a type checker accepts a value of one annotation where another annotation is declared.

https://typing.python.org/en/latest/spec/concepts.html#assignable
"""

import ast
from collections.abc import Iterator, Mapping

# https://typing.python.org/en/latest/spec/special-types.html#special-cases-for-float-and-complex
_WIDER = {"bool": "int", "int": "float", "float": "complex", "datetime": "date"}
_ANYTHING = ("Any", "object")
# The generic classes of which a class is a subclass. Their arguments are the same, except those of `str` and `dict`.
_BASES = {
    "list": ("Sequence", "Collection", "Iterable"),
    "tuple": ("Sequence", "Collection", "Iterable"),
    "Sequence": ("Collection", "Iterable"),
    "set": ("Collection", "Iterable"),
    "dict": ("Mapping",),
    "MutableMapping": ("Mapping",),
    "Iterator": ("Iterable",),
    "Generator": ("Iterator", "Iterable"),
}
_INVARIANT = ("list", "dict", "set", "MutableMapping")


def parse(annotation: str, aliases: Mapping[str, str] | None = None) -> ast.expr:
    """Parse an annotation, and replace the type aliases by their values."""
    try:
        expression = ast.parse(annotation or "Any", mode="eval").body
    except SyntaxError:
        return ast.Name(annotation)
    replaced: ast.expr = _Aliases(aliases or {}).visit(expression)
    return replaced


class _Aliases(ast.NodeTransformer):
    def __init__(self, aliases: Mapping[str, str]) -> None:
        self._aliases = aliases

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self._aliases.get(node.id)
        # Aliases of aliases exist, but no alias refers to itself.
        others = {name: text for name, text in self._aliases.items() if name != node.id}
        return node if value is None else parse(value, others)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        # The strings of a Literal are no names.
        if _name(node.value) != "Literal":
            self.generic_visit(node)
        return node


def members(expression: ast.expr) -> Iterator[ast.expr]:
    """Yield the members of a union. A Literal counts as one member for each value."""
    if isinstance(expression, ast.BinOp) and isinstance(expression.op, ast.BitOr):
        yield from members(expression.left)
        yield from members(expression.right)
    elif isinstance(expression, ast.Subscript) and _name(expression.value) == "Optional":
        yield from members(expression.slice)
        yield ast.Constant(None)
    elif isinstance(expression, ast.Subscript) and _name(expression.value) == "Union":
        for argument in _arguments(expression):
            yield from members(argument)
    elif isinstance(expression, ast.Subscript) and _name(expression.value) == "Literal" and _arguments(expression)[1:]:
        for argument in _arguments(expression):
            yield ast.Subscript(expression.value, argument)
    else:
        yield expression


def is_assignable(source: ast.expr, target: ast.expr) -> bool:
    """Whether each value of the annotation `source` is a value of the annotation `target`."""
    targets = list(members(target))
    return all(any(_fits(one, other) for other in targets) for one in members(source))


def refused(source: ast.expr, target: ast.expr) -> list[ast.expr]:
    """The members of the annotation `source` whose values are no values of the annotation `target`."""
    return [one for one in members(source) if not is_assignable(one, target)]


def _fits(source: ast.expr, target: ast.expr) -> bool:
    if ast.unparse(source) == ast.unparse(target) or _name(source) == "Any" or _name(target) in _ANYTHING:
        return True
    if isinstance(source, ast.Subscript) and _name(source.value) == "Literal":
        value = source.slice
        return isinstance(value, ast.Constant) and _is_wider(type(value.value).__name__, _name(target))
    names = _name(source), _name(target)
    if names[0] != names[1] and _is_wider(*names):
        return True
    if names[0] == names[1] == "Callable":
        return _fits_callable(_arguments(source), _arguments(target))
    if names[0] != names[1] and names[1] not in _BASES.get(names[0], ()):
        return names == ("str", "Sequence") and _all_fit([ast.Name("str")], _arguments(target))
    mine, theirs = _arguments(source), _arguments(target)
    if names[0] == names[1] and names[0] in _INVARIANT and not _all_fit(theirs, mine):
        return False
    return not theirs or _all_fit(mine, theirs)


def _all_fit(sources: list[ast.expr], targets: list[ast.expr]) -> bool:
    return len(sources) == len(targets) and all(map(is_assignable, sources, targets))


def _fits_callable(source: list[ast.expr], target: list[ast.expr]) -> bool:
    """Whether a function is accepted: it takes what it is called with, and returns what is expected."""
    if len(source) != 2 or len(target) != 2:
        return not target
    takes, given = ([*one.elts] if isinstance(one, ast.List) else None for one in (source[0], target[0]))
    return (takes is None or given is None or _all_fit(given, takes)) and is_assignable(source[1], target[1])


def _is_wider(source: str, target: str) -> bool:
    while source and source != target:
        source = _WIDER.get(source, "")
    return source != ""


def _name(expression: ast.expr) -> str:
    """The name of a class without its module, or an empty string."""
    if isinstance(expression, ast.Subscript):
        return _name(expression.value)
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""


def _arguments(expression: ast.expr) -> list[ast.expr]:
    if not isinstance(expression, ast.Subscript):
        return []
    return list(expression.slice.elts) if isinstance(expression.slice, ast.Tuple) else [expression.slice]
