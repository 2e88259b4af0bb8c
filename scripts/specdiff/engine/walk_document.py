"""Walks two documents side by side: operations with their parameters, bodies, responses and callbacks."""

from collections.abc import Mapping
from typing import Any

from attrs import define, field

from scripts.openapi.document import as_list, as_map
from scripts.openapi.pointers import below, last

from .document import Document
from .operations import Message, Operation, Parameter, callbacks, operations, parameters, webhooks
from .pairing import paired, renamed
from .sites import Flow, Graph, Site
from .walk_messages import MessageWalker
from .walk_schemas import SchemaWalker


@define
class DocumentWalker:
    """Fills a graph with all that there is to compare."""

    graph: Graph
    scoped: bool = False
    """Whether only what the old document has counts."""
    schemas: SchemaWalker = field(init=False)
    messages: MessageWalker = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.schemas = SchemaWalker(self.graph)
        self.messages = MessageWalker(self.graph, self.schemas)

    @property
    def _documents(self) -> tuple[Document, Document]:
        return self.graph.old, self.graph.new

    def walk(self) -> None:
        """Compare everything."""
        old, new = self._documents
        root, _ = self.graph.site("document", "the document")
        root.requests = self.graph.bit("")
        if not self.scoped:
            self.graph.judge(root, "document", old.data, new.data, "the document", ("", ""))
            info = as_map(old.data.get("info")), as_map(new.data.get("info"))
            self.graph.judge(root, "extensions", *info, "the document", ("/info", "/info"))
            self.graph.judge(root, "extensions", old.data, new.data, "the document", ("", ""))
        before = {one.shape: one for one in operations(old)}
        after = {one.shape: one for one in operations(new)}
        for one, other in paired(before, after):
            if one and other:
                self._operation(one, other, self._seed(one, other, "operation"))
            elif one or not self.scoped:
                self._lone("operation", one, other)
            else:
                self.graph.beyond += 1
        self._webhooks()
        self.schemas.finish()
        if not self.scoped:
            self._components(root)
            self.schemas.finish()

    def _seed(self, old: Operation, new: Operation, kind: str) -> Site:
        """The site of an operation, where directions begin; nothing that an unstable one does can break anybody."""
        site, _ = self.graph.site((kind, old.pointer, new.pointer), new.name)
        bit = self.graph.bit(new.name)
        if new.is_unstable:
            site.idle = bit
        elif kind == "webhook":
            # It is the server that sends these requests, and callers that read them.
            site.responses = bit
        else:
            site.requests = bit
        promise, _ = self.graph.site((kind, "stability", old.pointer), new.name)
        promise.requests = bit
        self.graph.judge(promise, "stability", old.node, new.node, new.name, (old.pointer, new.pointer))
        return site

    def _lone(self, kind: str, old: Operation | None, new: Operation | None) -> None:
        """An operation or webhook that only one side has."""
        one = old or new
        assert one is not None
        site, _ = self.graph.site((kind, one.pointer, old is None), one.name)
        site.requests = self.graph.bit(one.name)
        at = (old.pointer if old else None, new.pointer if new else None)
        self.graph.judge(site, kind, old, new, one.name, at)

    def _operation(self, old: Operation, new: Operation, site: Site) -> None:
        at = (old.pointer, new.pointer)
        self.graph.judge(site, "operation", old, new, new.name, at)
        self.graph.judge(site, "lifespan", old.node, new.node, new.name, at)
        self.graph.judge(site, "extensions", old.node, new.node, new.name, at)
        self._item(site, old, new)
        self._parameters(site, old, new)
        self.messages.body(site, old, new)
        self.messages.responses(site, old, new)
        self._callbacks(site, old, new)
        self._shared(site, old, new, "security")
        self._shared(site, old, new, "servers")

    def _item(self, site: Site, old: Operation, new: Operation) -> None:
        """What the path says that all of its operations share."""
        at = (old.item_pointer, new.item_pointer)
        other, is_new = self.graph.site(("path item", *at), new.path)
        site.leads_to.add((other, Flow.SAME))
        if is_new:
            words = Message("", old.item, at[0]), Message("", new.item, at[1])
            self.graph.judge(other, "message words", *words, new.path, at)
            self.graph.judge(other, "extensions", old.item, new.item, new.path, at)

    def _shared(self, site: Site, old: Operation, new: Operation, keyword: str) -> None:
        """Security and servers: those of the operation, or those that it shares with others."""
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
        (before, old_at), (after, new_at) = found
        local = new_at.startswith(new.pointer) or old_at.startswith(old.pointer)
        where = f"{new.name} {keyword}" if local else f"{new.path} {keyword}" if new_at != f"/{keyword}" else keyword
        other, is_new = self.graph.site((keyword, old_at, new_at), where)
        site.leads_to.add((other, Flow.SAME))
        if is_new:
            self.graph.judge(other, keyword, before, after, where, (old_at, new_at))
        if keyword == "security":
            for name in sorted({str(name) for requirement in after for name in as_map(requirement)}):
                self._scheme(other, name)

    def _scheme(self, site: Site, name: str) -> None:
        key = below("/components/securitySchemes", name)
        old, new = ((document.resolve(document.find(key), key)) for document in self._documents)
        other, is_new = self.graph.site(key, f"security scheme {name}")
        site.leads_to.add((other, Flow.SAME))
        if is_new and old[0] and new[0]:
            self.graph.judge(other, "security scheme", old[0], new[0], f"security scheme {name}", (old[1], new[1]))

    def _parameters(self, site: Site, old: Operation, new: Operation) -> None:
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
            self.messages.parameter(site, before[key], after[other], self._where(new, after[other]))
        for key, one in gone.items():
            if key not in pairs:
                self.graph.judge(site, "parameter", one, None, self._where(old, one), (one.pointer, None))
        for key, one in came.items():
            if key not in pairs.values():
                self.graph.judge(site, "parameter", None, one, self._where(new, one), (None, one.pointer))

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

    def _callbacks(self, site: Site, old: Operation, new: Operation) -> None:
        before, after = (
            dict(callbacks(document, operation, new.name))
            for document, operation in zip(self._documents, (old, new), strict=True)
        )
        for key in [*before, *(key for key in after if key not in before)]:
            one, other = before.get(key), after.get(key)
            if one and other:
                inner, is_new = self.graph.site(("callback", one.pointer, other.pointer), other.name)
                site.leads_to.add((inner, Flow.TURNED))
                # A callback may have callbacks that lead back to it.
                if is_new:
                    self._operation(one, other, inner)
            else:
                name = " ".join(key)
                at = (one.pointer if one else None, other.pointer if other else None)
                self.graph.judge(site, "callback", name if one else None, name if other else None, new.name, at)

    def _webhooks(self) -> None:
        before, after = (dict(webhooks(document)) for document in self._documents)
        for key in [*before, *(key for key in after if key not in before)]:
            one, other = before.get(key), after.get(key)
            if one and other:
                self._operation(one, other, self._seed(one, other, "webhook"))
            elif one or not self.scoped:
                self._lone("webhook", one, other)
            else:
                self.graph.beyond += 1

    def _components(self, root: Site) -> None:
        """Schemas that nothing refers to, and those that are gone; schemes that no operation asks for."""
        old, new = self._documents
        met = {key[1] for key in self.graph.sites if isinstance(key, tuple) and key[0] == "schema"}
        gone = sorted(last(pointer) for pointer in old.names - new.names - met)
        self.graph.judge(root, "components", gone, None, "the document", ("/components/schemas", None))
        holder, _ = self.graph.site("unused", "the document")
        for pointer in sorted(old.names & new.names):
            if ("schema", pointer, pointer, False) not in self.graph.sites and pointer not in met:
                self.schemas.component(holder, pointer, pointer)
        before, after = (document.part("components", "securitySchemes") for document in self._documents)
        for name in [*before, *(name for name in after if name not in before)]:
            one, other = as_map(before.get(name)) or None, as_map(after.get(name)) or None
            pointer = below("/components/securitySchemes", name)
            if (one is None or other is None) and (one or other):
                at = (pointer if one else None, pointer if other else None)
                self.graph.judge(root, "security scheme", one, other, f"security scheme {name}", at)
            elif one and other and pointer not in self.graph.sites:
                self._scheme(root, name)


def _content(parameter: Parameter) -> Mapping[str, Any]:
    """What a parameter is, apart from its name."""
    return {key: value for key, value in parameter.node.items() if key != "name"}
