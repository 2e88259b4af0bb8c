"""Walks two documents side by side: operations with their parameters, bodies, responses and callbacks."""

from collections.abc import Mapping
from typing import Any

from attrs import define, field

from scripts.openapi.document import as_list, as_map
from scripts.openapi.pointers import below, last

from .document import ComparedDocument
from .matching import paired, renamed
from .operations import Message, Operation, Parameter, callbacks, operations, parameters, webhooks
from .pairs import PairKind
from .reach import Comparison, Propagation, Scope
from .walk_messages import MessageWalker
from .walk_schemas import SchemaWalker


@define
class DocumentWalker:
    """Fills a comparison with all that there is to compare."""

    comparison: Comparison
    scoped: bool = False
    """Whether only what the old document has counts."""
    schemas: SchemaWalker = field(init=False)
    messages: MessageWalker = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.schemas = SchemaWalker(self.comparison)
        self.messages = MessageWalker(self.comparison, self.schemas)

    @property
    def _documents(self) -> tuple[ComparedDocument, ComparedDocument]:
        return self.comparison.old, self.comparison.new

    def walk(self) -> None:
        """Compare everything."""
        old, new = self._documents
        root, _ = self.comparison.scope("document", "the document")
        root.requests = self.comparison.bit("")
        if not self.scoped:
            self.comparison.judge(root, PairKind.DOCUMENT, old.data, new.data, "the document", ("", ""))
            info = as_map(old.data.get("info")), as_map(new.data.get("info"))
            self.comparison.judge(root, PairKind.EXTENSIONS, *info, "the document", ("/info", "/info"))
            self.comparison.judge(root, PairKind.EXTENSIONS, old.data, new.data, "the document", ("", ""))
        before = {one.shape: one for one in operations(old)}
        after = {one.shape: one for one in operations(new)}
        for one, other in paired(before, after):
            if one and other:
                self._operation(one, other, self._seed(one, other, PairKind.OPERATION))
            elif one or not self.scoped:
                self._lone(PairKind.OPERATION, one, other)
            else:
                self.comparison.skipped += 1
        self._webhooks()
        self.schemas.finish()
        if not self.scoped:
            self._components(root)
            self.schemas.finish()

    def _seed(self, old: Operation, new: Operation, kind: PairKind) -> Scope:
        """The scope of an operation, where directions begin; nothing that an unstable one does can break anybody."""
        scope, _ = self.comparison.scope((kind, old.pointer, new.pointer), new.name)
        bit = self.comparison.bit(new.name)
        if new.is_unstable:
            scope.unseen_by = bit
        elif kind == PairKind.WEBHOOK:
            # It is the server that sends these requests, and callers that read them.
            scope.responses = bit
        else:
            scope.requests = bit
        promise, _ = self.comparison.scope((kind, "stability", old.pointer), new.name)
        promise.requests = bit
        self.comparison.judge(promise, PairKind.STABILITY, old.node, new.node, new.name, (old.pointer, new.pointer))
        return scope

    def _lone(self, kind: PairKind, old: Operation | None, new: Operation | None) -> None:
        """An operation or webhook that only one side has."""
        one = old or new
        assert one is not None
        scope, _ = self.comparison.scope((kind, one.pointer, old is None), one.name)
        scope.requests = self.comparison.bit(one.name)
        at = (old.pointer if old else None, new.pointer if new else None)
        self.comparison.judge(scope, kind, old, new, one.name, at)

    def _operation(self, old: Operation, new: Operation, scope: Scope) -> None:
        at = (old.pointer, new.pointer)
        self.comparison.judge(scope, PairKind.OPERATION, old, new, new.name, at)
        self.comparison.judge(scope, PairKind.LIFESPAN, old.node, new.node, new.name, at)
        self.comparison.judge(scope, PairKind.EXTENSIONS, old.node, new.node, new.name, at)
        self._item(scope, old, new)
        self._parameters(scope, old, new)
        self.messages.body(scope, old, new)
        self.messages.responses(scope, old, new)
        self._callbacks(scope, old, new)
        self._shared(scope, old, new, PairKind.SECURITY)
        self._shared(scope, old, new, PairKind.SERVERS)

    def _item(self, scope: Scope, old: Operation, new: Operation) -> None:
        """What the path says that all of its operations share."""
        at = (old.item_pointer, new.item_pointer)
        other, is_new = self.comparison.scope(("path item", *at), new.path)
        scope.leads_to.add((other, Propagation.SAME))
        if is_new:
            words = Message("", old.item, at[0]), Message("", new.item, at[1])
            self.comparison.judge(other, PairKind.MESSAGE_TEXT, *words, new.path, at)
            self.comparison.judge(other, PairKind.EXTENSIONS, old.item, new.item, new.path, at)

    def _shared(self, scope: Scope, old: Operation, new: Operation, kind: PairKind) -> None:
        """Security and servers: those of the operation, or those that it shares with others."""
        keyword = kind.title
        found = []
        for document, operation in zip(self._documents, (old, new), strict=True):
            holders = [
                (operation.pointer, operation.node),
                (operation.item_pointer, operation.item),
                ("", document.data),
            ]
            if keyword == "security":
                del holders[1]
            value, pointer = next(
                ((as_list(node[keyword]), below(at, keyword)) for at, node in holders if keyword in node),
                ([], f"/{keyword}"),
            )
            found.append((value, pointer))
        (before, old_pointer), (after, new_pointer) = found
        local = new_pointer.startswith(new.pointer) or old_pointer.startswith(old.pointer)
        where = (
            f"{new.name} {keyword}" if local else f"{new.path} {keyword}" if new_pointer != f"/{keyword}" else keyword
        )
        other, is_new = self.comparison.scope((keyword, old_pointer, new_pointer), where)
        scope.leads_to.add((other, Propagation.SAME))
        if is_new:
            self.comparison.judge(other, kind, before, after, where, (old_pointer, new_pointer))
        if keyword == "security":
            for name in sorted({str(name) for requirement in after for name in as_map(requirement)}):
                self._scheme(other, name)

    def _scheme(self, scope: Scope, name: str) -> None:
        key = below("/components/securitySchemes", name)
        old, new = ((document.resolve(document.find(key), key)) for document in self._documents)
        other, is_new = self.comparison.scope(key, f"security scheme {name}")
        scope.leads_to.add((other, Propagation.SAME))
        if is_new and old[0] and new[0]:
            self.comparison.judge(
                other, PairKind.SECURITY_SCHEME, old[0], new[0], f"security scheme {name}", (old[1], new[1])
            )

    def _parameters(self, scope: Scope, old: Operation, new: Operation) -> None:
        before, after = (
            {(one.place, one.name.lower() if one.place == "header" else one.name): one for one in parameters(*side)}
            for side in zip(self._documents, (old, new), strict=True)
        )
        pairs = {key: key for key in before if key in after}
        pairs |= self._path_names(old, new, before, after)
        gone = {key: one for key, one in before.items() if key not in pairs}
        came = {key: one for key, one in after.items() if key not in pairs.values()}
        for key in list(gone):
            moved = [other for other in came if other[1] == key[1] and came[other].written]
            if len(moved) == 1 and sum(other[1] == key[1] for other in gone) == 1:
                pairs[key] = moved[0]
                del gone[key], came[moved[0]]
        for place in sorted({key[0] for key in gone}):
            names = renamed(
                {key[1]: _content(one) for key, one in gone.items() if key[0] == place},
                {key[1]: _content(one) for key, one in came.items() if key[0] == place},
            )
            pairs |= {(place, name): (place, other) for name, other in names.items()}
        for key, other in pairs.items():
            self.messages.parameter(scope, before[key], after[other], self._where(new, after[other]))
        for key, one in gone.items():
            if key not in pairs:
                self.comparison.judge(scope, PairKind.PARAMETER, one, None, self._where(old, one), (one.pointer, None))
        for key, one in came.items():
            if key not in pairs.values():
                self.comparison.judge(scope, PairKind.PARAMETER, None, one, self._where(new, one), (None, one.pointer))

    def _path_names(
        self, old: Operation, new: Operation, before: Mapping[Any, Parameter], after: Mapping[Any, Parameter]
    ) -> dict[tuple[str, str], tuple[str, str]]:
        """Parameters in the path belong together by where they stand in it."""
        names = ([part[1:-1] for part in one.path.split("/") if part.startswith("{")] for one in (old, new))
        return {
            ("path", one): ("path", other)
            for one, other in zip(*names, strict=False)
            if one != other and ("path", one) in before and ("path", other) in after
        }

    def _where(self, operation: Operation, parameter: Parameter) -> str:
        if parameter.pointer.startswith("/components/"):
            return f"parameter {last(parameter.pointer)}"
        holder = operation.name if parameter.pointer.startswith(operation.pointer) else operation.path
        return f"{holder} {parameter.place} {parameter.name}"

    def _callbacks(self, scope: Scope, old: Operation, new: Operation) -> None:
        before, after = (
            dict(callbacks(document, operation, new.name))
            for document, operation in zip(self._documents, (old, new), strict=True)
        )
        for key in [*before, *(key for key in after if key not in before)]:
            one, other = before.get(key), after.get(key)
            if one and other:
                inner, is_new = self.comparison.scope(("callback", one.pointer, other.pointer), other.name)
                scope.leads_to.add((inner, Propagation.REVERSED))
                # A callback may have callbacks that lead back to it.
                if is_new:
                    self._operation(one, other, inner)
            else:
                name = " ".join(key)
                at = (one.pointer if one else None, other.pointer if other else None)
                self.comparison.judge(
                    scope, PairKind.CALLBACK, name if one else None, name if other else None, new.name, at
                )

    def _webhooks(self) -> None:
        before, after = (dict(webhooks(document)) for document in self._documents)
        for key in [*before, *(key for key in after if key not in before)]:
            one, other = before.get(key), after.get(key)
            if one and other:
                self._operation(one, other, self._seed(one, other, PairKind.WEBHOOK))
            elif one or not self.scoped:
                self._lone(PairKind.WEBHOOK, one, other)
            else:
                self.comparison.skipped += 1

    def _components(self, root: Scope) -> None:
        """Schemas that nothing refers to, and those that are gone; schemes that no operation asks for."""
        old, new = self._documents
        met = {key[1] for key in self.comparison.scopes if isinstance(key, tuple) and key[0] == "schema"}
        gone = sorted(last(pointer) for pointer in old.names - new.names - met)
        self.comparison.judge(root, PairKind.COMPONENTS, gone, None, "the document", ("/components/schemas", None))
        holder, _ = self.comparison.scope("unused", "the document")
        for pointer in sorted(old.names & new.names):
            if ("schema", pointer, pointer, False) not in self.comparison.scopes and pointer not in met:
                self.schemas.component(holder, pointer, pointer)
        before, after = (document.part("components", "securitySchemes") for document in self._documents)
        for name in [*before, *(name for name in after if name not in before)]:
            one, other = as_map(before.get(name)) or None, as_map(after.get(name)) or None
            pointer = below("/components/securitySchemes", name)
            if (one is None or other is None) and (one or other):
                at = (pointer if one else None, pointer if other else None)
                self.comparison.judge(root, PairKind.SECURITY_SCHEME, one, other, f"security scheme {name}", at)
            elif one and other and pointer not in self.comparison.scopes:
                self._scheme(root, name)


def _content(parameter: Parameter) -> Mapping[str, Any]:
    """What a parameter is, apart from its name."""
    return {key: value for key, value in parameter.node.items() if key != "name"}
