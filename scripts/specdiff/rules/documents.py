"""Rules about a whole document: servers, security, version, information, and unused components."""

from collections import Counter
from typing import Any

from scripts.openapi.document import as_list, as_map
from scripts.specdiff.engine.canonical_json import canonical_json
from scripts.specdiff.engine.effects import Effect, PythonEffect
from scripts.specdiff.engine.pairs import Change, Object, Pair, PairKind
from scripts.specdiff.version import numbers

from .rule import Findings, changed_from, quoted, quoted_list, rule


def _servers(side: list[Any]) -> dict[str, Any]:
    """The servers by URL. The default is the server `/`."""
    return {str(as_map(server).get("url", "/")).rstrip("/") or "/": as_map(server) for server in side} or {"/": {}}


@rule(PairKind.SERVERS, Effect.BREAKS)
def server_removed(pair: Pair[list[Any]]) -> Findings:
    """A server was removed.

    Callers that use its URL fail, for example generated clients with this URL as default.
    Instead: redirect the old URL to the new URL for a time.
    """
    old, new = _servers(pair.old), _servers(pair.new)
    for url in old:
        if url not in new and old[url]:
            yield Change(f"server {quoted(url)} removed", url, sorted(new), subject=url)


@rule(PairKind.SERVERS, Effect.ADDS)
def server_added(pair: Pair[list[Any]]) -> Findings:
    """A server was added.

    Callers do not have to change anything.
    """
    old, new = _servers(pair.old), _servers(pair.new)
    for url in new:
        if url not in old and new[url]:
            yield Change(f"server {quoted(url)} added", None, url, subject=url)


@rule(PairKind.SERVERS, Effect.UNSETTLES)
def server_default_moved(pair: Pair[list[Any]]) -> Findings:
    """Another server is the first in the list, and therefore the default.

    Generated clients use another server unless they set the URL.
    Instead: add new servers at the end of the list.
    """
    old, new = list(_servers(pair.old)), list(_servers(pair.new))
    if old[0] != new[0] and old[0] in new and new[0] in old:
        yield Change(f"the first server was {quoted(old[0])} and is now {quoted(new[0])}", old[0], new[0])


@rule(PairKind.SERVERS, Effect.UNSETTLES)
def server_variable_changed(pair: Pair[list[Any]]) -> Findings:
    """A variable in the URL of a server has another default or other values.

    Callers that rely on the default reach another server.
    Instead: keep the default, and add values.
    """
    old, new = _servers(pair.old), _servers(pair.new)
    for url in sorted(old.keys() & new.keys()):
        before, after = (as_map(side[url].get("variables")) for side in (old, new))
        if canonical_json(_defaults_and_enums(before)) != canonical_json(_defaults_and_enums(after)):
            yield Change(f"the variables of server {quoted(url)} changed", before, after, subject=url)


def _defaults_and_enums(variables: Any) -> dict[str, Any]:
    return {name: [as_map(one).get("default"), as_map(one).get("enum")] for name, one in variables.items()}


_Requirements = dict[str, dict[str, frozenset[str]]]


def _requirements(pair: Pair[list[Any]]) -> tuple[_Requirements, _Requirements]:
    """The security alternatives, by the names of their schemes. Scopes are added if several have the same schemes."""
    sides = [
        [
            {str(name): frozenset(map(str, as_list(scopes))) for name, scopes in as_map(requirement).items()}
            for requirement in side
        ]
        for side in (pair.old, pair.new)
    ]
    several = {
        name for side in sides for name, count in Counter(_schemes(schemes) for schemes in side).items() if count > 1
    }
    old, new = (
        {
            f"{name} for {' '.join(sorted(set().union(*schemes.values())))}" if name in several else name: schemes
            for schemes in side
            for name in [_schemes(schemes)]
        }
        for side in sides
    )
    return old, new


def _schemes(schemes: dict[str, frozenset[str]]) -> str:
    return " and ".join(sorted(schemes)) or "nothing"


@rule(PairKind.SECURITY, Effect.UNSETTLES)
def security_introduced(pair: Pair[list[Any]]) -> Findings:
    """Callers must now authenticate.

    Callers without credentials are rejected. Callers that already send credentials notice nothing.
    Instead: announce the change, and keep serving callers without credentials for a time.
    """
    old, new = _requirements(pair)
    if (not old or "nothing" in old) and new and "nothing" not in new:
        yield Change(f"callers must now authenticate with {quoted_list(new)}", None, sorted(new))


@rule(PairKind.SECURITY, Effect.UNSETTLES)
def security_alternative_removed(pair: Pair[list[Any]]) -> Findings:
    """A method of authentication was removed.

    Callers that use the method are rejected. Callers that use another method notice nothing.
    Instead: announce the change, and keep accepting the method for a time.
    """
    old, new = _requirements(pair)
    for name in old:
        if name not in new and name != "nothing" and new and "nothing" not in new:
            yield Change(f"callers may no longer authenticate with {quoted(name)}", name, None, subject=name)


@rule(PairKind.SECURITY, Effect.ADDS)
def security_alternative_added(pair: Pair[list[Any]]) -> Findings:
    """A method of authentication was added, or callers no longer have to authenticate.

    Callers do not have to change anything.
    """
    old, new = _requirements(pair)
    for name in new:
        if name not in old and old and "nothing" not in old:
            yield Change(f"callers may now authenticate with {quoted(name)}", None, name, subject=name)
    if old and not new and "nothing" not in old:
        yield Change("callers no longer have to authenticate", sorted(old), None)


@rule(PairKind.SECURITY, Effect.UNSETTLES)
def scope_added(pair: Pair[list[Any]]) -> Findings:
    """An additional scope is required.

    Callers with a token without the scope are rejected.
    Instead: announce the change, and keep serving callers without the scope for a time.
    """
    for subject, name, added in _scopes(pair, 1):
        yield Change(f"{quoted(name)} now needs the scope {quoted_list(added)}", None, added, subject=subject)


@rule(PairKind.SECURITY, Effect.ADDS)
def scope_removed(pair: Pair[list[Any]]) -> Findings:
    """A scope is no longer required.

    Callers do not have to change anything.
    """
    for subject, name, removed in _scopes(pair, 0):
        yield Change(f"{quoted(name)} no longer needs the scope {quoted_list(removed)}", removed, None, subject=subject)


def _scopes(pair: Pair[list[Any]], side: int) -> list[tuple[str, str, list[str]]]:
    both = _requirements(pair)
    found = []
    for key in both[0].keys() & both[1].keys():
        for name, scopes in both[side][key].items():
            if more := sorted(scopes - both[1 - side][key][name]):
                found.append((f"{key} {name} {more}", name, more))
    return sorted(found)


@rule(PairKind.SECURITY_SCHEME, Effect.BREAKS)
def security_scheme_changed(pair: Pair[Object]) -> Findings:
    """A security scheme changed: its type, scheme, location or name.

    Callers that send credentials in the old form are rejected.
    Instead: add a scheme, and accept both schemes for a time.
    """
    if pair.is_both:
        for key in ("type", "scheme", "in", "name", "openIdConnectUrl"):
            old, new = (str(value).lower() if (value := side.get(key)) else None for side in (pair.old, pair.new))
            if old != new:
                yield Change(
                    changed_from(key, pair.old.get(key), pair.new.get(key)),
                    pair.old.get(key),
                    pair.new.get(key),
                    subject=key,
                )


@rule(PairKind.SECURITY_SCHEME, Effect.UNSETTLES)
def oauth_flow_changed(pair: Pair[Object]) -> Findings:
    """An OAuth flow changed: its URLs or its scopes.

    Callers that use the old flow may receive no token, or a token with other scopes.
    Instead: add a flow or scope, and keep the old flows and scopes unchanged.
    """
    if pair.is_both and canonical_json(pair.old.get("flows")) != canonical_json(pair.new.get("flows")):
        old, new = as_map(pair.old.get("flows")), as_map(pair.new.get("flows"))
        for name in sorted(old.keys() | new.keys()):
            before, after = as_map(old.get(name)), as_map(new.get(name))
            changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
            if changed:
                yield Change(
                    f"{', '.join(changed)} of the flow {quoted(name)} changed",
                    dict(before) or None,
                    dict(after) or None,
                    subject=name,
                )


@rule(PairKind.SECURITY_SCHEME, Effect.ADDS)
def security_scheme_listed(pair: Pair[Object]) -> Findings:
    """A security scheme was added to the components, or removed from the components.

    Callers do not have to change anything. Other rules report the operations that require other schemes.
    """
    if pair.is_added or pair.is_removed:
        yield Change(f"security scheme {'added' if pair.is_added else 'removed'}", *pair.sides)


@rule(PairKind.DOCUMENT, Effect.UNSETTLES)
def version_lowered(pair: Pair[Object]) -> Findings:
    """The version of the contract became lower.

    Tools that compare versions treat the new contract as older than the old contract.
    Instead: raise the version.
    """
    old, new = (as_map(side.get("info")).get("version") for side in (pair.old, pair.new))
    before, after = numbers(str(old)), numbers(str(new))
    if before and after and after < before:
        yield Change(changed_from("the version", old, new), old, new, "/info/version", "/info/version")


@rule(PairKind.DOCUMENT, Effect.DESCRIBES)
def information_changed(pair: Pair[Object]) -> Findings:
    """The title, description, contact or another text about the whole contract changed.

    Requests and responses stay the same.
    """
    old, new = (as_map(side.get("info")) for side in (pair.old, pair.new))
    changed = sorted(
        key
        for key in old.keys() | new.keys()
        if key != "version" and canonical_json(old.get(key)) != canonical_json(new.get(key))
    )
    if canonical_json(pair.old.get("externalDocs")) != canonical_json(pair.new.get("externalDocs")):
        changed.append("externalDocs")
    if canonical_json(pair.old.get("tags") or []) != canonical_json(pair.new.get("tags") or []):
        changed.append("tags")
    if changed:
        yield Change(f"{', '.join(changed)} changed", old_pointer="/info", new_pointer="/info")


@rule(PairKind.COMPONENTS, Effect.ADDS, PythonEffect.BREAKS)
def schemas_removed(pair: Pair[list[str]]) -> Findings:
    """Component schemas were removed, and no other schema replaces them.

    Other rules report the changes of requests and responses. Users of the package lose the classes.
    """
    if pair.old:
        yield Change(f"schemas removed: {quoted_list(pair.old)}", pair.old, None, subject=canonical_json(pair.old))
