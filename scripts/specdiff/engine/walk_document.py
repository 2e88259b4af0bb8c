"""Compares two documents: operations with their parameters and messages, webhooks, callbacks and components."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from attrs import define, evolve, field

from scripts.openapi.document import as_list, as_map
from scripts.openapi.operations import Operation, Parameter, operations, path_items, webhooks
from scripts.openapi.pointers import below, last
from scripts.openapi.time_limit import working_on

from .canonical_json import is_equal
from .document import ComparedDocument
from .matching import find_renames, match_operations
from .operations import Message, is_unstable
from .pairs import PairKind
from .reach import Comparison, Propagation, Scope
from .security import renamed_schemes
from .walk_messages import MessageWalker
from .walk_schemas import Context, SchemaWalker

_WHOLE = "the document"
_ParameterKey = tuple[str, str]


@define
class DocumentWalker:
    """Compares the documents of a comparison."""

    comparison: Comparison
    only_old: bool = False
    """Whether to skip operations and webhooks that exist only in the new document."""
    _schemas: SchemaWalker = field(init=False)
    _has_moved_servers: bool = field(default=False, init=False)
    """Whether a part of the servers' URLs moved to the paths, or back, so that all addresses are the same."""
    _used_schemes: set[str] = field(factory=set, init=False)
    """The names of the security schemes that operations use."""
    _messages: MessageWalker = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._schemas = SchemaWalker(self.comparison)
        self._messages = MessageWalker(self.comparison, self._schemas)

    @property
    def _documents(self) -> tuple[ComparedDocument, ComparedDocument]:
        return self.comparison.documents

    def walk(self) -> None:
        """Compare everything."""
        old, new = self._documents
        root, _ = self.comparison.scope("document", _WHOLE)
        root.requests = self.comparison.bit("")
        if not self.only_old:
            self.comparison.judge(root, PairKind.DOCUMENT, old.data, new.data, _WHOLE, ("", ""))
            info = as_map(old.data.get("info")), as_map(new.data.get("info"))
            self.comparison.judge(root, PairKind.EXTENSIONS, *info, _WHOLE, ("/info", "/info"))
            self.comparison.judge(root, PairKind.EXTENSIONS, old.data, new.data, _WHOLE, ("", ""))
        prefixes = self._moved_prefixes()
        before, after = (
            {one.shape: one for one in _operations(document, prefix)}
            for document, prefix in zip(self._documents, prefixes, strict=True)
        )
        self._paths(root)
        for pair in match_operations(before, after):
            self._pair(PairKind.OPERATION, *pair)
        hooks = [dict(webhooks(document)) for document in self._documents]
        self.comparison.has_operations = any((before, after, *hooks))
        for key in {**hooks[0], **hooks[1]}:
            self._pair(PairKind.WEBHOOK, hooks[0].get(key), hooks[1].get(key))
        self._schemas.finish()
        if not self.only_old:
            self._components(root)
            self._schemas.finish()

    def _moved_prefixes(self) -> tuple[str, str]:
        """The prefixes of the old and of the new paths, if a part of the servers' URLs moved to the paths, or back."""
        old, new = (
            {str(as_map(server).get("url", "/")).rstrip("/") for server in as_list(document.data.get("servers"))}
            for document in self._documents
        )
        if old and new and not old & new:
            shorter, longer = (old, new) if len(min(old)) < len(min(new)) else (new, old)
            prefix = min(longer).removeprefix(min(shorter))
            if prefix.startswith("/") and {url + prefix for url in shorter} == longer:
                self._has_moved_servers = True
                return ("", prefix) if longer == new else (prefix, "")
        return "", ""

    def _paths(self, root: Scope) -> None:
        """Judge the paths whose operations are in a file that was not read."""
        before, after = (document.part("paths") for document in self._documents)
        for path in {**before, **after}:
            pointer = below("/paths", path)
            old, new = (path_items(document, document.find(pointer), pointer)[-1][0] for document in self._documents)
            if path in before and path in after:
                self.comparison.judge_unread(root, old, new, str(path), (pointer, pointer))
            elif self._documents[0].unread_reference(old) or self._documents[1].unread_reference(new):
                removed, added = str(path) if path in before else None, str(path) if path in after else None
                self.comparison.judge(root, PairKind.PATH, removed, added, str(path), (pointer, pointer))

    def _pair(self, kind: PairKind, old: Operation | None, new: Operation | None) -> None:
        """Compare two operations or webhooks, or judge a removed or added operation or webhook."""
        if operation := new or old:
            working_on(f"the comparison of {operation.label}", operation.pointer)
        if old and new:
            self._operation(old, new, self._operation_scope(old, new, kind))
        elif (operation := old or new) and (old or not self.only_old):
            scope, _ = self.comparison.scope((kind, operation.pointer, old is None), operation.label)
            scope.requests = self.comparison.bit(operation.label)
            self.comparison.judge(scope, kind, old, new, operation.label)
        else:
            self.comparison.skipped += 1

    def _operation_scope(self, old: Operation, new: Operation, kind: PairKind) -> Scope:
        """Return the scope of an operation, with the initial direction."""
        scope, _ = self.comparison.scope((kind, old.pointer, new.pointer), new.label)
        bit = self.comparison.bit(new.label)
        if is_unstable(old):
            # Draft and alpha operations promised no stability, so no change of them is breaking.
            scope.unseen_by = bit
        elif kind is PairKind.WEBHOOK:
            # The server sends the request of a webhook, and callers read it.
            scope.responses = bit
        else:
            scope.requests = bit
        promise, _ = self.comparison.scope((kind, "stability", old.pointer), new.label)
        promise.requests = bit
        pointers = old.pointer, new.pointer
        self.comparison.judge(promise, PairKind.STABILITY, old.node, new.node, new.label, pointers)
        return scope

    def _operation(self, old: Operation, new: Operation, scope: Scope) -> None:
        pointers = old.pointer, new.pointer
        self.comparison.judge(scope, PairKind.OPERATION, old, new, new.label)
        for kind in (PairKind.LIFESPAN, PairKind.EXTENSIONS):
            self.comparison.judge(scope, kind, old.node, new.node, new.label, pointers)
        self._path_item(scope, old, new)
        self._parameters(scope, old, new)
        self._messages.body(scope, old, new)
        self._messages.responses(scope, old, new)
        self._callbacks(scope, old, new)
        self._inherited_list(scope, old, new, PairKind.SECURITY)
        self._inherited_list(scope, old, new, PairKind.SERVERS)

    def _path_item(self, parent: Scope, old: Operation, new: Operation) -> None:
        """Compare the texts and extensions of two path items."""
        pointers = old.item_pointer, new.item_pointer
        scope, is_new = self.comparison.scope_below(parent, ("path item", *pointers), new.path)
        if is_new:
            texts = Message("", old.item, old.item_pointer), Message("", new.item, new.item_pointer)
            self.comparison.judge(scope, PairKind.MESSAGE_TEXT, *texts, new.path)
            self.comparison.judge(scope, PairKind.EXTENSIONS, old.item, new.item, new.path, pointers)

    def _inherited_list(self, parent: Scope, old: Operation, new: Operation, kind: PairKind) -> None:
        """Compare the `security` or `servers` of an operation, or the list that it inherits."""
        keyword = kind.title
        (before, old_pointer), (after, new_pointer) = (
            _inherited(document, operation, keyword)
            for document, operation in zip(self._documents, (old, new), strict=True)
        )
        if new_pointer.startswith(new.pointer) or old_pointer.startswith(old.pointer):
            label = f"{new.label} {keyword}"
        else:
            label = keyword if new_pointer == f"/{keyword}" else f"{new.path} {keyword}"
        scope, is_new = self.comparison.scope_below(parent, (keyword, old_pointer, new_pointer), label)
        if is_new and not (self._has_moved_servers and old_pointer == new_pointer == "/servers"):
            self.comparison.judge(scope, kind, before, after, label, (old_pointer, new_pointer))
        if kind is PairKind.SECURITY:
            names = [{str(name) for one in side for name in as_map(one)} for side in (before, after)]
            self._used_schemes |= names[0] | names[1]
            for name in sorted(names[1]):
                self._security_scheme(scope, name)

    def _security_scheme(self, parent: Scope, name: str) -> None:
        pointer, label = below("/components/securitySchemes", name), f"security scheme {name}"
        old, new = (document.resolve(document.find(pointer), pointer) for document in self._documents)
        scope, is_new = self.comparison.scope_below(parent, pointer, label)
        if is_new and self.comparison.judge_unread(scope, old[0], new[0], label, (old[1], new[1])):
            return
        if is_new and old[0] and new[0]:
            self.comparison.judge(scope, PairKind.SECURITY_SCHEME, old[0], new[0], label, (old[1], new[1]))
        elif is_new and old[0]:
            self.comparison.judge(scope, PairKind.SECURITY_SCHEME_NAME, name, None, label, (pointer, None))

    def _parameters(self, scope: Scope, old: Operation, new: Operation) -> None:
        before, after = ({parameter.key: parameter for parameter in side.parameters} for side in (old, new))
        pairs = _match_parameters(old, new, before, after)
        for key, new_key in pairs.items():
            self._messages.parameter(scope, before[key], after[new_key], _parameter_label(new, after[new_key]))
        is_moved = old.shape != new.shape
        for key, parameter in before.items():
            if key not in pairs and not (is_moved and key[0] == "path"):
                self.comparison.judge(scope, PairKind.PARAMETER, parameter, None, _parameter_label(old, parameter))
        for key, parameter in after.items():
            if key not in pairs.values() and not (is_moved and key[0] == "path"):
                self.comparison.judge(scope, PairKind.PARAMETER, None, parameter, _parameter_label(new, parameter))

    def _callbacks(self, parent: Scope, old: Operation, new: Operation) -> None:
        before, after = (dict(operation.callbacks(new.label)) for operation in (old, new))
        for key in {**before, **after}:
            callback, new_callback = before.get(key), after.get(key)
            if callback and new_callback:
                scope_key = ("callback", callback.pointer, new_callback.pointer)
                scope, is_new = self.comparison.scope_below(parent, scope_key, new_callback.label, Propagation.REVERSED)
                # The callbacks of a callback can form a cycle.
                if is_new:
                    self._operation(callback, new_callback, scope)
            else:
                name = " ".join(key)
                sides = name if callback else None, name if new_callback else None
                pointers = callback.pointer if callback else None, new_callback.pointer if new_callback else None
                self.comparison.judge(parent, PairKind.CALLBACK, *sides, new.label, pointers)

    def _unknown_components(self, gone: Collection[str], reached: Collection[str]) -> None:
        """Compare the components that only an extension, or an unknown document, refers to."""
        old, new = self._documents
        kept = sorted((old.component_schemas & new.component_schemas) - set(reached))
        changed = [pointer for pointer in kept if not is_equal(old.find(pointer), new.find(pointer))]
        is_library = not self.comparison.has_operations
        scope, _ = self.comparison.scope("unknown", _WHOLE)
        scope.unknown = self.comparison.bit("")
        used = set(kept) | set(gone) if is_library else set()
        if not is_library and (changed or gone):
            used = {pointer for document in self._documents for pointer in document.extension_targets}
        for pointer in kept:
            if pointer in used:
                self._schemas.walk_component(Context(scope, _WHOLE), pointer, pointer)
        names = sorted(last(pointer) for pointer in gone if pointer in used)
        if names:
            self.comparison.judge(scope, PairKind.LIBRARY, names, None, _WHOLE, ("/components/schemas", None))
        if is_library:
            sections = {**old.part("components"), **new.part("components")}.keys() - {"schemas", "securitySchemes"}
            for section in sorted(name for name in sections if not str(name).startswith("x-")):
                before, after = (document.part("components", section) for document in self._documents)
                names = [str(name) for name in before if not is_equal(before[name], after.get(name))]
                if names:
                    pointer = below("/components", section)
                    self.comparison.judge(scope, PairKind.LIBRARY, names, None, _WHOLE, (pointer, pointer))

    def _components(self, root: Scope) -> None:
        """Compare the unused components, and judge the removed and added components."""
        old, new = self._documents
        reached = {key[1] for key in self.comparison.scopes if isinstance(key, tuple) and key[0] == "schema"}
        gone = old.component_schemas - new.component_schemas - reached
        removed = sorted(map(last, gone))
        self.comparison.judge(root, PairKind.COMPONENTS, removed, None, _WHOLE, ("/components/schemas", None))
        self._unknown_components(gone, reached)
        self._schemas.finish()
        unused, _ = self.comparison.scope("unused", _WHOLE)
        for pointer in sorted((old.component_schemas & new.component_schemas) - reached):
            self._schemas.walk_component(Context(unused, _WHOLE), pointer, pointer)
        before, after = (document.part("components", "securitySchemes") for document in self._documents)
        renames = renamed_schemes(*self._documents)
        for name, new_name in renames.items():
            if new_name not in before:
                at = below("/components/securitySchemes", name), below("/components/securitySchemes", new_name)
                label = f"security scheme {name}"
                self.comparison.judge(root, PairKind.SECURITY_SCHEME_NAME, name, new_name, label, at)
        for name in {**before, **after}:
            scheme, new_scheme = as_map(before.get(name)) or None, as_map(after.get(name)) or None
            pointer = below("/components/securitySchemes", name)
            if scheme and new_scheme:
                if pointer not in self.comparison.scopes:
                    self._security_scheme(root, name)
            elif (scheme or new_scheme) and name not in self._used_schemes | {*renames, *renames.values()}:
                # The rules about security report the schemes that operations use.
                pointers = pointer if scheme else None, pointer if new_scheme else None
                label = f"security scheme {name}"
                self.comparison.judge(root, PairKind.SECURITY_SCHEME, scheme, new_scheme, label, pointers)


def _operations(document: ComparedDocument, prefix: str) -> Iterator[Operation]:
    """The operations of a document, with a prefix of their paths."""
    for operation in operations(document):
        yield evolve(operation, path=prefix + operation.path) if prefix else operation


def _inherited(document: ComparedDocument, operation: Operation, keyword: str) -> tuple[list[Any], str]:
    """Return the `security` or `servers` that apply to an operation, and their pointer."""
    owners = [(operation.pointer, operation.node), (operation.item_pointer, operation.item), ("", document.data)]
    if keyword == "security":
        # Path items have servers, but no security.
        del owners[1]
    for pointer, node in owners:
        if keyword in node:
            return as_list(node[keyword]), below(pointer, keyword)
    return [], f"/{keyword}"


def _match_parameters(
    old: Operation,
    new: Operation,
    before: Mapping[_ParameterKey, Parameter],
    after: Mapping[_ParameterKey, Parameter],
) -> dict[_ParameterKey, _ParameterKey]:
    """Match parameters by location and name, by position in the path, by name alone, and by content."""
    pairs = {key: key for key in before if key in after}
    names = (re.findall(r"\{([^}]*)\}", operation.path) for operation in (old, new))
    for name, new_name in zip(*names, strict=False):
        if name != new_name and ("path", name) in before and ("path", new_name) in after:
            pairs["path", name] = ("path", new_name)
    removed = {key: parameter for key, parameter in before.items() if key not in pairs}
    added = {key: parameter for key, parameter in after.items() if key not in pairs.values()}
    for key in list(removed):
        moved = [other for other in added if other[1] == key[1] and added[other].written_schema]
        if len(moved) == 1 and sum(other[1] == key[1] for other in removed) == 1:
            pairs[key] = moved[0]
            del removed[key], added[moved[0]]
    for location in sorted({key[0] for key in removed}):
        renames = find_renames(_contents(removed, location), _contents(added, location))
        pairs |= {(location, name): (location, new_name) for name, new_name in renames.items()}
    return pairs


def _contents(parameters: Mapping[_ParameterKey, Parameter], location: str) -> dict[str, Any]:
    """The parameter objects of a location, by name. Each object lacks its `name`."""
    return {
        key[1]: {field: value for field, value in parameter.node.items() if field != "name"}
        for key, parameter in parameters.items()
        if key[0] == location
    }


def _parameter_label(operation: Operation, parameter: Parameter) -> str:
    if parameter.pointer.startswith("/components/"):
        return f"parameter {last(parameter.pointer)}"
    owner = operation.label if parameter.pointer.startswith(operation.pointer) else operation.path
    return f"{owner} {parameter.location} {parameter.name}"
