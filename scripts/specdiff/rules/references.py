"""Rules about references, and about parts that were not followed."""

from scripts.specdiff.engine.canonical_json import canonical_json, is_equal
from scripts.specdiff.engine.effects import Effect
from scripts.specdiff.engine.identifiers import dangling_references, unread_files
from scripts.specdiff.engine.pairs import Change, Object, Pair, PairKind
from scripts.specdiff.engine.schema import Schema

from .rule import Findings, changed_from, quoted, quoted_list, rule


@rule(PairKind.UNREAD, Effect.HIDES)
def reference_unresolved(pair: Pair[str]) -> Findings:
    """A reference changed that was not followed, for example a reference to an address on the network.

    The effect on callers is unknown, because the targets were not compared.
    Instead: bundle both documents, so that each document contains all targets.
    """
    old, new = pair.sides
    reasons = [document.unread.get(side or "") for document, side in zip(pair.documents, pair.sides, strict=True)]
    reason = f" ({reasons[1] or reasons[0]})" if any(reasons) else ""
    yield Change(f"{changed_from('the reference', old, new)}; it was not followed{reason}", old, new)


@rule(PairKind.DOCUMENT, Effect.HIDES)
def reference_not_followed(pair: Pair[Object]) -> Findings:
    """Both documents refer to a file that was not read.

    The effect on callers is unknown, because the file may have changed.
    Instead: put the file where the reference finds it, or bundle both documents.
    """
    old, new = map(unread_files, pair.documents)
    for path in new:
        if path in old:
            reference, pointer = new[path]
            reason = pair.documents[1].unread.get(reference) or "it was not read"
            text = f"the parts in {quoted(path)} were not compared, because {reason}"
            yield Change(text, path, path, old[path][1], pointer, subject=path)


@rule(PairKind.DOCUMENT, Effect.HIDES)
def reference_target_removed(pair: Pair[Object]) -> Findings:
    """The target of a reference was removed, and the reference was not.

    The effect on callers is unknown, because nobody knows what the reference means now.
    Instead: keep the target, or remove the reference.
    """
    for reference, pointer in dangling_references(*pair.documents, pair.documents[1].references[0]).items():
        text = f"the target of the reference {quoted(reference)} was removed"
        yield Change(text, reference, None, reference[1:], pointer, subject=reference)


_DIALECTS = {
    "https://spec.openapis.org/oas/3.1/dialect/base",
    "https://spec.openapis.org/oas/3.1/dialect/2024-11-10",
    "https://spec.openapis.org/oas/3.2/dialect/2025-09-17",
    "https://json-schema.org/draft/2020-12/schema",
}
# The diff reads all schemas in these dialects, which differ only in annotations.


def _dialect_change(pair: Pair[Object] | Pair[Schema], keyword: str) -> Findings:
    old, new = (None if (value := side.get(keyword)) in _DIALECTS else value for side in (pair.old, pair.new))
    at = [f"{pointer or ''}/{keyword}" for pointer in (pair.old_pointer, pair.new_pointer)]
    if old != new:
        yield Change(
            changed_from(f"the dialect ({keyword})", pair.old.get(keyword), pair.new.get(keyword)), old, new, *at
        )
    elif new is not None and not is_equal(pair.documents[0].data, pair.documents[1].data):
        yield Change(f"the schemas have the unknown dialect {quoted(new)}, so they were not compared", old, new, *at)


@rule(PairKind.DOCUMENT, Effect.HIDES)
def dialect_unknown(pair: Pair[Object]) -> Findings:
    """The schemas of a document have another dialect, or an unknown dialect (`jsonSchemaDialect`).

    The effect on callers is unknown, because each keyword may have another meaning.
    Instead: use the dialect of OpenAPI.
    """
    yield from _dialect_change(pair, "jsonSchemaDialect")


@rule(PairKind.SCHEMA, Effect.HIDES)
def schema_dialect_unknown(pair: Pair[Schema]) -> Findings:
    """A schema has another dialect, or an unknown dialect (`$schema`).

    The effect on callers is unknown, because each keyword may have another meaning.
    Instead: use the dialect of OpenAPI.
    """
    yield from _dialect_change(pair, "$schema")


@rule(PairKind.SCHEMA, Effect.HIDES)
def dynamic_reference_changed(pair: Pair[Schema]) -> Findings:
    """A dynamic reference (`$dynamicRef`) changed. The diff does not follow dynamic references.

    The effect on callers is unknown.
    Instead: use `$ref`.
    """
    old, new = pair.old.get("$dynamicRef"), pair.new.get("$dynamicRef")
    if old != new:
        places = pair.old.pointer_of("$dynamicRef"), pair.new.pointer_of("$dynamicRef")
        yield Change(changed_from("the dynamic reference", old, new), old, new, *places)


@rule(PairKind.PATH, Effect.BREAKS)
def path_removed(pair: Pair[str]) -> Findings:
    """A path was removed, and its operations are in a file that was not read.

    Requests to the path fail.
    Instead: keep the path.
    """
    if pair.is_removed:
        yield Change(f"path {quoted(pair.old)} removed", pair.old, None)


@rule(PairKind.PATH, Effect.ADDS)
def path_added(pair: Pair[str]) -> Findings:
    """A path was added, and its operations are in a file that was not read.

    Callers do not have to change anything.
    """
    if pair.is_added:
        yield Change(f"path {quoted(pair.new)} added", None, pair.new)


@rule(PairKind.LIBRARY, Effect.BREAKS)
def library_changed(pair: Pair[list[str]]) -> Findings:
    """Components were removed or changed that only an extension or another document may use.

    The effect on callers is unknown, because nobody knows who uses the components.
    Instead: keep the components.
    """
    if pair.old:
        text = f"components were removed or changed, and their users are unknown: {quoted_list(pair.old)}"
        yield Change(text, pair.old, None, subject=canonical_json(pair.old))


@rule(PairKind.PLACE, Effect.HIDES)
def effect_undecided(pair: Pair[str]) -> Findings:
    """A schema changed, and neither the rules nor a proof tell which values are refused or new.

    The effect on callers is unknown.
    Instead: write the schema in a simpler way, or accept the finding after a look at the change.
    """
    if pair.is_both:
        yield Change("changed, and the diff cannot tell which values are refused or new", None, None)
