"""Compares the parameters, request bodies, responses and headers of operations."""

from attrs import define

from scripts.openapi.document import as_map
from scripts.openapi.operations import Operation, Parameter, headers
from scripts.openapi.pointers import below, last

from .document import ComparedDocument
from .matching import match_names
from .operations import Message, parameter_schema
from .pairs import PairKind
from .reach import Comparison, Propagation, Scope
from .walk_schemas import Context, SchemaWalker


@define
class MessageWalker:
    """Compares the messages of operations. A message that several operations share is compared once."""

    comparison: Comparison
    schemas: SchemaWalker

    @property
    def _documents(self) -> tuple[ComparedDocument, ComparedDocument]:
        return self.comparison.documents

    def parameter(
        self, parent: Scope, old: Parameter, new: Parameter, label: str, kind: PairKind = PairKind.PARAMETER
    ) -> None:
        """Compare two parameters, or two headers."""
        scope, is_new = self.comparison.scope_below(parent, (kind, old.pointer, new.pointer), label)
        if not is_new:
            return
        self.comparison.judge(scope, kind, old, new, label)
        pointers = old.pointer, new.pointer
        for node_kind in (PairKind.LIFESPAN, PairKind.EXTENSIONS):
            self.comparison.judge(scope, node_kind, old.node, new.node, label, pointers)
        if old.written_schema and new.written_schema:
            if _accepts_former_value_in_list(self._documents, old, new):
                self.comparison.judge(scope, PairKind.PARAMETER_LIST, old, new, label)
            else:
                context = Context(scope, label, as_text=True)
                # A rule about parameters judges the default of a parameter.
                has_defaults = kind is PairKind.HEADER
                self.schemas.walk(context, old.written_schema, new.written_schema, defaults=has_defaults)
        if as_map(old.node.get("content")) and as_map(new.node.get("content")):
            self._content(scope, Message("", old.node, old.pointer), Message("", new.node, new.pointer), label)

    def body(self, parent: Scope, old: Operation, new: Operation) -> None:
        """Compare the request bodies of two operations."""
        before, after = (
            Message("", *document.resolve(operation.node["requestBody"], f"{operation.pointer}/requestBody"))
            if operation.node.get("requestBody") is not None
            else None
            for document, operation in zip(self._documents, (old, new), strict=True)
        )
        label = f"{new.label} request"
        if before and after:
            if after.pointer.startswith("/components/requestBodies/"):
                label = f"request body {last(after.pointer)}"
            self._message(parent, before, after, PairKind.BODY, label)
        elif before or after:
            self.comparison.judge(parent, PairKind.BODY, before, after, label)

    def responses(self, parent: Scope, old: Operation, new: Operation) -> None:
        """Compare the responses of two operations."""
        before, after = (
            {
                str(code): Message(str(code), *document.resolve(node, below(operation.pointer, "responses", code)))
                for code, node in as_map(operation.node.get("responses")).items()
                if not str(code).startswith("x-")
            }
            for document, operation in zip(self._documents, (old, new), strict=True)
        )
        common, removed, added = match_names(before, after)
        pairs = {code: code for code in common}
        for code in list(removed):
            wider = [other for other in added if other.upper() == f"{code[:1]}XX"]
            narrower = [other for other in added if code.upper() == f"{other[:1]}XX"]
            if len(wider + narrower) == 1:
                pairs[code] = (wider + narrower)[0]
                removed.remove(code)
                added.remove(pairs[code])
        key = ("responses", old.pointer, new.pointer)
        scope, _ = self.comparison.scope_below(parent, key, new.label, Propagation.REVERSED)
        for code, new_code in pairs.items():
            response = after[new_code]
            is_shared = response.pointer.startswith("/components/responses/")
            label = f"response {last(response.pointer)}" if is_shared else f"{new.label} {new_code}"
            self._message(scope, before[code], response, PairKind.RESPONSE, label)
        for code in removed:
            self.comparison.judge(scope, PairKind.RESPONSE, before[code], None, f"{new.label} {code}")
        for code in added:
            self.comparison.judge(scope, PairKind.RESPONSE, None, after[code], f"{new.label} {code}")

    def _message(self, parent: Scope, old: Message, new: Message, kind: PairKind, label: str) -> None:
        scope, is_new = self.comparison.scope_below(parent, (kind, old.pointer, new.pointer), label)
        if not is_new:
            return
        self.comparison.judge(scope, kind, old, new, label)
        self._texts(scope, old, new, label)
        self._content(scope, old, new, label)
        if kind is PairKind.RESPONSE:
            self._headers(scope, old, new, label)
            self._links(scope, old, new, label)

    def _texts(self, scope: Scope, old: Message, new: Message, label: str) -> None:
        self.comparison.judge(scope, PairKind.MESSAGE_TEXT, old, new, label)
        self.comparison.judge(scope, PairKind.EXTENSIONS, old.node, new.node, label, (old.pointer, new.pointer))

    def _links(self, scope: Scope, old: Message, new: Message, label: str) -> None:
        before, after = as_map(old.node.get("links")), as_map(new.node.get("links"))
        for name in {**before, **after}:
            pointers = below(old.pointer, "links", name), below(new.pointer, "links", name)
            link_label = f"{label} link {name}"
            self.comparison.judge(scope, PairKind.LINK, before.get(name), after.get(name), link_label, pointers)

    def _content(self, scope: Scope, old: Message, new: Message, label: str) -> None:
        """Compare the media types of two messages."""
        before, after = _media_types(old), _media_types(new)
        common, removed, added = match_names(before, after)
        pairs = {name: name for name in common}
        for name in list(removed):
            related = [other for other in added if _is_related(name, other)]
            if related:
                pairs[name] = related[0]
                removed.remove(name)
                added.remove(related[0])
        for name in removed:
            self.comparison.judge(scope, PairKind.MEDIA_TYPE, before[name], None, label)
        for name in added:
            self.comparison.judge(scope, PairKind.MEDIA_TYPE, None, after[name], label)
        for name, new_name in pairs.items():
            inner = label if len(after) == 1 else f"{label} {after[new_name].name}"
            self._media_type(scope, before[name], after[new_name], inner)

    def _media_type(self, scope: Scope, old: Message, new: Message, label: str) -> None:
        pointers = old.pointer, new.pointer
        self.comparison.judge(scope, PairKind.MEDIA_TYPE, old, new, label)
        self._texts(scope, old, new, label)
        encodings = old.node.get("encoding"), new.node.get("encoding")
        self.comparison.judge(scope, PairKind.ENCODING, *encodings, label, pointers)
        before, after = old.node.get("schema"), new.node.get("schema")
        if before is not None and after is not None:
            as_text = not old.name.lower().partition(";")[0].strip().endswith("json")
            raw = (before, f"{old.pointer}/schema"), (after, f"{new.pointer}/schema")
            self.schemas.walk(Context(scope, label, as_text), *raw)
        elif before is not None or after is not None:
            self.comparison.judge(scope, PairKind.CONTENT_SCHEMA, before, after, label, pointers)

    def _headers(self, scope: Scope, old: Message, new: Message, label: str) -> None:
        before, after = (
            headers(document, message.node, message.pointer)
            for document, message in zip(self._documents, (old, new), strict=True)
        )
        common, removed, added = match_names(before, after)
        for name in common:
            header = after[name]
            is_shared = header.pointer.startswith("/components/")
            header_label = f"header {last(header.pointer)}" if is_shared else f"{label} header {header.name}"
            self.parameter(scope, before[name], header, header_label, PairKind.HEADER)
        for name in removed:
            self.comparison.judge(scope, PairKind.HEADER, before[name], None, f"{label} header {before[name].name}")
        for name in added:
            self.comparison.judge(scope, PairKind.HEADER, None, after[name], f"{label} header {after[name].name}")


def _media_types(message: Message) -> dict[str, Message]:
    """The media types of a message, by name in lower case and without spaces."""
    return {
        str(name).lower().replace(" ", ""): Message(str(name), as_map(node), below(message.pointer, "content", name))
        for name, node in as_map(message.node.get("content")).items()
    }


def _accepts_former_value_in_list(
    documents: tuple[ComparedDocument, ComparedDocument], old: Parameter, new: Parameter
) -> bool:
    """Whether a scalar became a list that serializes a single item in the same way."""
    before, after = (parameter_schema(*side) for side in zip(documents, (old, new), strict=True))
    is_list = after.types == {"array"} and new.explode and new.style == "form"
    if not is_list or not before.types or "array" in before.types:
        return False
    if any(after.get(keyword) for keyword in ("minItems", "maxItems", "uniqueItems")):
        return False
    items = documents[1].schema(after.get("items"), after.pointer_of("items"))
    keywords = [
        {keyword: value for keyword, value in schema.keywords.items() if keyword != "description"}
        for schema in (before, items)
    ]
    return keywords[0] == keywords[1]


def _is_related(old: str, new: str) -> bool:
    """Whether one of two media types includes the other, regardless of their parameters."""
    old, new = old.partition(";")[0], new.partition(";")[0]
    if old == new:
        return True
    (old_type, _, old_subtype), (new_type, _, new_subtype) = old.partition("/"), new.partition("/")
    if old_type != new_type:
        return "*/*" in (old, new)
    subtypes = old_subtype, new_subtype
    return "*" in subtypes or old_subtype.endswith(f"+{new_subtype}") or new_subtype.endswith(f"+{old_subtype}")
