"""Rules about a whole document: servers, security, version, information, and unused components."""

from collections import Counter
from typing import Any

from scripts.openapi.document import as_list, as_map
from scripts.specdiff.engine.document import spelled
from scripts.specdiff.engine.effects import Effect, Reach
from scripts.specdiff.engine.sites import Change, Pair
from scripts.specdiff.version import numbers

from .catalogue import Findings, became, listed, rule, shown


def _servers(side: list[Any]) -> dict[str, Any]:
    """Servers by URL; without a list, the server is `/`, relative to the document."""
    return {str(as_map(server).get("url", "/")).rstrip("/") or "/": as_map(server) for server in side} or {"/": {}}


@rule("servers", Effect.BREAKS)
def server_removed(pair: Pair) -> Findings:
    """The URL of a server was removed from the list.

    Callers that use it cannot reach the server, for example generated clients whose default it is.
    Instead: redirect the old URL to the new one for a time.
    """
    old, new = _servers(pair.old), _servers(pair.new)
    for url in old:
        if url not in new and old[url]:
            yield Change(f"server {shown(url)} removed", url, sorted(new), subject=url)


@rule("servers", Effect.ADDS)
def server_added(pair: Pair) -> Findings:
    """The list of servers has an additional entry.

    Callers do not have to change anything.
    """
    old, new = _servers(pair.old), _servers(pair.new)
    for url in new:
        if url not in old and new[url]:
            yield Change(f"server {shown(url)} added", None, url, subject=url)


@rule("servers", Effect.UNSETTLES)
def server_default_moved(pair: Pair) -> Findings:
    """Another server is first in the list, and clients use the first server by default.

    Generated clients use another server unless they set the URL.
    Instead: keep the first server first.
    """
    old, new = list(_servers(pair.old)), list(_servers(pair.new))
    if old[0] != new[0] and old[0] in new and new[0] in old:
        yield Change(f"the first server was {shown(old[0])} and is now {shown(new[0])}", old[0], new[0])


@rule("servers", Effect.UNSETTLES)
def server_variable_changed(pair: Pair) -> Findings:
    """A variable in the URL of a server has another default or other values.

    Callers that rely on the default reach another server.
    Instead: keep the default, and add values.
    """
    old, new = _servers(pair.old), _servers(pair.new)
    for url in sorted(old.keys() & new.keys()):
        before, after = (as_map(side[url].get("variables")) for side in (old, new))
        if spelled(_told(before)) != spelled(_told(after)):
            yield Change(f"the variables of server {shown(url)} changed", before, after, subject=url)


def _told(variables: Any) -> dict[str, Any]:
    return {name: [as_map(one).get("default"), as_map(one).get("enum")] for name, one in variables.items()}


_Requirements = dict[str, dict[str, frozenset[str]]]


def _requirements(pair: Pair) -> tuple[_Requirements, _Requirements]:
    """Security alternatives by the names of their schemes, and by scopes if several have the same schemes."""
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


@rule("security", Effect.UNSETTLES)
def security_introduced(pair: Pair) -> Findings:
    """Callers must now authenticate.

    Callers without credentials are rejected. Callers that already send them notice nothing.
    Instead: announce it, and keep serving callers without credentials for a time.
    """
    old, new = _requirements(pair)
    if (not old or "nothing" in old) and new and "nothing" not in new:
        yield Change(f"callers must now authenticate with {listed(new)}", None, sorted(new))


@rule("security", Effect.UNSETTLES)
def security_alternative_removed(pair: Pair) -> Findings:
    """A method of authentication is no longer accepted.

    Callers that use it are rejected. Callers that use another method notice nothing.
    Instead: announce it, and keep accepting the method for a time.
    """
    old, new = _requirements(pair)
    for name in old:
        if name not in new and name != "nothing" and new and "nothing" not in new:
            yield Change(f"callers may no longer authenticate with {shown(name)}", name, None, subject=name)


@rule("security", Effect.ADDS)
def security_alternative_added(pair: Pair) -> Findings:
    """Callers may use an additional method of authentication, or no longer have to authenticate.

    Callers do not have to change anything.
    """
    old, new = _requirements(pair)
    for name in new:
        if name not in old and old and "nothing" not in old:
            yield Change(f"callers may now authenticate with {shown(name)}", None, name, subject=name)
    if old and not new and "nothing" not in old:
        yield Change("callers no longer have to authenticate", sorted(old), None)


@rule("security", Effect.UNSETTLES)
def scope_added(pair: Pair) -> Findings:
    """Callers need an additional scope.

    Callers whose token lacks the scope are rejected.
    Instead: announce it, and keep serving callers without the scope for a time.
    """
    for subject, name, added in _scopes(pair, 1):
        yield Change(f"{shown(name)} now needs the scope {listed(added)}", None, added, subject=subject)


@rule("security", Effect.ADDS)
def scope_removed(pair: Pair) -> Findings:
    """Callers need one scope fewer.

    Callers do not have to change anything.
    """
    for subject, name, removed in _scopes(pair, 0):
        yield Change(f"{shown(name)} no longer needs the scope {listed(removed)}", removed, None, subject=subject)


def _scopes(pair: Pair, side: int) -> list[tuple[str, str, list[str]]]:
    both = _requirements(pair)
    found = []
    for key in both[0].keys() & both[1].keys():
        for name, scopes in both[side][key].items():
            if more := sorted(scopes - both[1 - side][key][name]):
                found.append((f"{key} {name} {more}", name, more))
    return sorted(found)


@rule("security scheme", Effect.BREAKS)
def security_scheme_changed(pair: Pair) -> Findings:
    """Credentials are sent differently: the type, scheme, place or name changed.

    Callers that send credentials in the old way are rejected.
    Instead: add a scheme, and accept both for a time.
    """
    if pair.is_both:
        for key in ("type", "scheme", "in", "name", "openIdConnectUrl"):
            old, new = (str(value).lower() if (value := side.get(key)) else None for side in (pair.old, pair.new))
            if old != new:
                yield Change(
                    became(key, pair.old.get(key), pair.new.get(key)), pair.old.get(key), pair.new.get(key), subject=key
                )


@rule("security scheme", Effect.UNSETTLES)
def oauth_flow_changed(pair: Pair) -> Findings:
    """Tokens are obtained differently: OAuth flows, their URLs or their scopes changed.

    Callers that request tokens in the old way may get none, or tokens with other scopes.
    Instead: add a flow or scope, and keep the old ones unchanged.
    """
    if pair.is_both and spelled(pair.old.get("flows")) != spelled(pair.new.get("flows")):
        old, new = as_map(pair.old.get("flows")), as_map(pair.new.get("flows"))
        for name in sorted(old.keys() | new.keys()):
            before, after = as_map(old.get(name)), as_map(new.get(name))
            changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
            if changed:
                yield Change(
                    f"{', '.join(changed)} of the flow {shown(name)} changed",
                    dict(before) or None,
                    dict(after) or None,
                    subject=name,
                )


@rule("security scheme", Effect.ADDS)
def security_scheme_listed(pair: Pair) -> Findings:
    """A security scheme was added to the components or removed from them.

    Callers do not have to change anything. Another rule reports operations that require other schemes.
    """
    if pair.is_new or pair.is_gone:
        yield Change(f"security scheme {'added' if pair.is_new else 'removed'}", pair.old, pair.new)


@rule("document", Effect.UNSETTLES)
def version_lowered(pair: Pair) -> Findings:
    """The version of the contract is lower than before.

    Tools that compare versions treat the new contract as the older one.
    Instead: raise the version.
    """
    old, new = (as_map(side.get("info")).get("version") for side in (pair.old, pair.new))
    before, after = numbers(str(old)), numbers(str(new))
    if before and after and after < before:
        yield Change(became("the version", old, new), old, new, "/info/version", "/info/version")


@rule("document", Effect.DESCRIBES)
def information_changed(pair: Pair) -> Findings:
    """Title, description, contact or another text about the whole contract changed.

    Requests and responses stay the same.
    """
    old, new = (as_map(side.get("info")) for side in (pair.old, pair.new))
    changed = sorted(
        key for key in old.keys() | new.keys() if key != "version" and spelled(old.get(key)) != spelled(new.get(key))
    )
    if spelled(pair.old.get("externalDocs")) != spelled(pair.new.get("externalDocs")):
        changed.append("externalDocs")
    if spelled(pair.old.get("tags") or []) != spelled(pair.new.get("tags") or []):
        changed.append("tags")
    if changed:
        yield Change(f"{', '.join(changed)} changed", old_at="/info", new_at="/info")


@rule("components", Effect.ADDS, Reach.BREAKS)
def schemas_removed(pair: Pair) -> Findings:
    """Component schemas were removed, and no schema of the new version replaces them.

    Other rules report changes of requests and responses. Users of the package lose the classes.
    """
    if pair.old:
        yield Change(f"schemas removed: {listed(pair.old)}", pair.old, None, subject=spelled(pair.old))
