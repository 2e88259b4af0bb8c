"""Walks what goes over the wire in one operation, on both sides: parameters, bodies, responses and headers."""

from attrs import define

from scripts.openapi.document import as_map
from scripts.openapi.pointers import below, last

from .document import Document
from .operations import Message, Operation, Parameter, headers
from .pairing import together
from .sites import Flow, Graph, Site
from .walk_schemas import SchemaWalker


@define
class MessageWalker:
    """Compares the messages of operations, each once however many operations share it."""

    graph: Graph
    schemas: SchemaWalker

    @property
    def _documents(self) -> tuple[Document, Document]:
        return self.graph.old, self.graph.new

    def parameter(self, site: Site, old: Parameter, new: Parameter, where: str, kind: str = "parameter") -> None:
        """Compare two parameters, or two headers."""
        other, is_new = self.graph.site((kind, old.pointer, new.pointer), where)
        site.leads_to.add((other, Flow.SAME))
        if not is_new:
            return
        at = (old.pointer, new.pointer)
        self.graph.judge(other, kind, old, new, where, at)
        self.graph.judge(other, "lifespan", old.node, new.node, where, at)
        self.graph.judge(other, "extensions", old.node, new.node, where, at)
        if old.written and new.written:
            if _became_list(old, new):
                self.graph.judge(other, "parameter list", old, new, where, at)
            else:
                # A parameter's default is for the rules of parameters to judge.
                self.schemas.walk(other, old.written, new.written, where, textual=True, defaults=kind == "header")
        content = as_map(old.node.get("content")), as_map(new.node.get("content"))
        if content[0] and content[1]:
            self._content(other, Message("", old.node, old.pointer), Message("", new.node, new.pointer), where)

    def body(self, site: Site, old: Operation, new: Operation) -> None:
        """Compare the request bodies of two operations."""
        sides = []
        for document, operation in zip(self._documents, (old, new), strict=True):
            written = operation.node.get("requestBody")
            node, pointer = document.resolve(written, f"{operation.pointer}/requestBody")
            sides.append(Message("", node, pointer) if written is not None else None)
        self._message(site, sides[0], sides[1], "body", f"{new.name} request")

    def responses(self, site: Site, old: Operation, new: Operation) -> None:
        """Compare the responses of two operations."""
        before, after = (
            {
                str(code): Message(str(code), *document.resolve(node, below(operation.pointer, "responses", code)))
                for code, node in as_map(operation.node.get("responses")).items()
                if not str(code).startswith("x-")
            }
            for document, operation in zip(self._documents, (old, new), strict=True)
        )
        both, gone, came = together(before, after)
        pairs = {code: code for code in both}
        for one in list(gone):
            wider = [code for code in came if code.upper() == f"{one[:1]}XX"]
            narrower = [code for code in came if one.upper() == f"{code[:1]}XX"]
            if len(wider + narrower) == 1:
                pairs[one] = (wider + narrower)[0]
                gone.remove(one)
                came.remove(pairs[one])
        answered, _ = self.graph.site(("responses", old.pointer, new.pointer), new.name)
        site.leads_to.add((answered, Flow.TURNED))
        for one, other in pairs.items():
            self._message(answered, before[one], after[other], "response", f"{new.name} {other}")
        for code in gone:
            self._message(answered, before[code], None, "response", f"{new.name} {code}")
        for code in came:
            self._message(answered, None, after[code], "response", f"{new.name} {code}")

    def _message(self, site: Site, old: Message | None, new: Message | None, kind: str, where: str) -> None:
        if old and new:
            section = "responses" if kind == "response" else "requestBodies"
            if new.pointer.startswith(f"/components/{section}/"):
                where = f"{'response' if kind == 'response' else 'request body'} {last(new.pointer)}"
            other, is_new = self.graph.site((kind, old.pointer, new.pointer), where)
            site.leads_to.add((other, Flow.SAME))
            if not is_new:
                return
            site = other
        at = (old.pointer if old else None, new.pointer if new else None)
        if old or new:
            self.graph.judge(site, kind, old, new, where, at)
        if not old or not new:
            return
        self.graph.judge(site, "message words", old, new, where, at)
        self.graph.judge(site, "extensions", old.node, new.node, where, at)
        self._content(site, old, new, where)
        if kind == "response":
            self._headers(site, old, new, where)
            links = as_map(old.node.get("links")), as_map(new.node.get("links"))
            for name in [*links[0], *(name for name in links[1] if name not in links[0])]:
                places = [below(side.pointer, "links", name) for side in (old, new)]
                self.graph.judge(
                    site, "link", links[0].get(name), links[1].get(name), f"{where} link {name}", (places[0], places[1])
                )

    def _content(self, site: Site, old: Message, new: Message, where: str) -> None:
        before, after = (
            {str(name).lower().replace(" ", ""): Message(str(name), as_map(node), below(side.pointer, "content", name))
             for name, node in as_map(side.node.get("content")).items()}
            for side in (old, new)
        )  # fmt: skip
        both, gone, came = together(before, after)
        pairs = {name: name for name in both}
        for one in list(gone):
            akin = [other for other in came if _akin(one, other)]
            if akin:
                pairs[one] = akin[0]
                gone.remove(one)
                came.remove(akin[0])
        for name in gone:
            self.graph.judge(site, "media type", before[name], None, where, (before[name].pointer, None))
        for name in came:
            self.graph.judge(site, "media type", None, after[name], where, (None, after[name].pointer))
        for one, other in pairs.items():
            inner = where if len(after) == 1 else f"{where} {after[other].name}"
            self._media_type(site, before[one], after[other], inner)

    def _media_type(self, site: Site, old: Message, new: Message, where: str) -> None:
        at = (old.pointer, new.pointer)
        self.graph.judge(site, "media type", old, new, where, at)
        self.graph.judge(site, "message words", old, new, where, at)
        self.graph.judge(site, "extensions", old.node, new.node, where, at)
        encodings = old.node.get("encoding"), new.node.get("encoding")
        self.graph.judge(site, "encoding", *encodings, where, at)
        before, after = old.node.get("schema"), new.node.get("schema")
        if before is not None and after is not None:
            textual = not old.name.lower().partition(";")[0].strip().endswith("json")
            places = (before, f"{old.pointer}/schema"), (after, f"{new.pointer}/schema")
            self.schemas.walk(site, *places, where, textual=textual)
        elif before is not None or after is not None:
            self.graph.judge(site, "content schema", before, after, where, at)

    def _headers(self, site: Site, old: Message, new: Message, where: str) -> None:
        before, after = (
            headers(document, side.node, side.pointer)
            for document, side in zip(self._documents, (old, new), strict=True)
        )
        both, gone, came = together(before, after)
        for name in both:
            header = after[name]
            is_shared = header.pointer.startswith("/components/")
            inner = f"header {last(header.pointer)}" if is_shared else f"{where} header {header.name}"
            self.parameter(site, before[name], header, inner, "header")
        for name in gone:
            inner = f"{where} header {before[name].name}"
            self.graph.judge(site, "header", before[name], None, inner, (before[name].pointer, None))
        for name in came:
            inner = f"{where} header {after[name].name}"
            self.graph.judge(site, "header", None, after[name], inner, (None, after[name].pointer))


def _became_list(old: Parameter, new: Parameter) -> bool:
    """Whether several values are taken where one was, and one is written as before."""
    before, after = old.schema, new.schema
    if (
        after.types != {"array"}
        or not before.types
        or "array" in before.types
        or not new.explode
        or new.style != "form"
    ):
        return False
    items = new.document.schema(after.get("items"), after.home("items"))
    return items.types == before.types and not any(
        after.get(keyword) for keyword in ("minItems", "maxItems", "uniqueItems")
    ) and {key: value for key, value in items.keywords.items() if key != "description"} == {
        key: value for key, value in before.keywords.items() if key != "description"
    }  # fmt: skip


def _akin(one: str, other: str) -> bool:
    """Whether one media type is a special case of another, parameters aside."""
    one, other = one.partition(";")[0], other.partition(";")[0]
    if one == other:
        return True
    (main, _, sub), (main2, _, sub2) = one.partition("/"), other.partition("/")
    if main != main2:
        return "*/*" in (one, other)
    return "*" in (sub, sub2) or sub.endswith(f"+{sub2}") or sub2.endswith(f"+{sub}")
