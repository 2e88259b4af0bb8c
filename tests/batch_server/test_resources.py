"""The embedded server stores the objects of any resource, and answers all other operations as the contract says."""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from scripts.batch_server.app import create_app
from scripts.batch_server.clock import ServerClock
from scripts.openapi.contract import Contract
from tests.support.grown import extended_contract
from tests.support.stepped_server import START, SteppedServer

CONTRACT = Contract.load(Path(__file__).with_name("resources.yaml"))
NOTES = "/projects/garden/notes"
LEAF = {"name": "xxx", "children": []}
KEY = {"X-Shape-Key": "sk-local"}


@pytest.fixture
def http() -> TestClient:
    app = create_app(CONTRACT, key="sk-local", clock=ServerClock(0, START))
    return TestClient(app, headers=KEY, base_url="http://server.test/v2")


def test_object_is_stored(http: TestClient) -> None:
    """An object is created, returned, changed and deleted; it has the fields of the request."""
    note = http.post(NOTES, json={"text": "Dig."}).json()
    path = f"{NOTES}/{note['number']}"
    expected = {"number": 1, "text": "Dig.", "pinned": False, "subtitle": None, "written": "2025-11-24T19:28:08+00:00"}

    assert expected == note == http.get(path).json() == http.post(f"{path}/pin").json()
    changed = http.patch(path, json={"text": "Sow.", "subtitle": "Beans"}).json()
    assert expected | {"text": "Sow.", "subtitle": "Beans"} == changed == http.get(path).json()
    assert expected | {"text": "Sow."} == http.patch(path, json={"subtitle": None}).json()
    assert (204, b"") == ((deleted := http.delete(path)).status_code, deleted.content)
    assert [404] * 4 == [http.request(method, path, json={}).status_code for method in ("GET", "PATCH", "DELETE")] + [
        http.post(f"{path}/pin").status_code
    ]


def test_each_path_has_its_own_objects(http: TestClient) -> None:
    """Objects with other values of the collection's parameters are other objects."""
    note = http.post(NOTES, json={"text": "Dig."}).json()

    assert 404 == http.get(f"/projects/kitchen/notes/{note['number']}").status_code
    assert [] == http.get("/projects/kitchen/notes").json()["notes"]


def test_list_is_paged(http: TestClient) -> None:
    """The list has the order, the cursor and the page size of x-pagination, and filters by a field."""
    numbers = [http.post(NOTES, json={"text": "x", "pinned": n % 2 == 0}).json()["number"] for n in range(5)]
    pages = [http.get(NOTES, params={"size": 2})]
    while pages[-1].json()["more"]:
        pages.append(http.get(NOTES, params={"size": 2, "from": pages[-1].json()["next"]}))
    pinned = http.get(NOTES, params={"pinned": "true"}).json()

    found = [[note["number"] for note in page.json()["notes"]] for page in pages]
    assert [numbers[:2:-1], numbers[2:0:-1], numbers[:1]] == found
    assert (numbers[::-2], False, None) == ([n["number"] for n in pinned["notes"]], pinned["more"], pinned["next"])
    assert 400 == http.get(NOTES, params={"size": 9}).status_code


def test_key_in_a_header_creates_once(http: TestClient) -> None:
    """The same key returns the same object; with another request, it is a conflict."""
    first, again, other, conflict = (
        http.post(NOTES, json={"text": text}, headers={"Note-Key": key})
        for text, key in (("a", "1"), ("a", "1"), ("a", "2"), ("b", "1"))
    )

    assert first.json() == again.json() != other.json()
    assert 409 == conflict.status_code
    assert 2 == len(http.get(NOTES).json()["notes"])


def test_uploaded_bytes_are_the_content(http: TestClient) -> None:
    """The content of an upload comes back unchanged, also from the middle; a deleted object has no content."""
    image = bytes(range(256)) + b"\r\n--x"
    form = {"title": "Sea", "width": "30", "tags": ["blue", "wide"], "frame": '{"colour": "oak"}'}
    picture = http.post("/pictures", files={"image": ("sea.png", image)}, data=form).json()
    path = f"/pictures/{picture['id']}"
    whole = http.get(f"{path}/image")
    rest = http.get(f"{path}/image", headers={"Range": "bytes=250-"})

    assert ("Sea", 30, len(image)) == (picture["title"], picture["width"], picture["bytes"])
    assert picture == http.get(path).json()
    assert (200, "image/png", image) == (whole.status_code, whole.headers["content-type"], whole.content)
    assert (206, image[250:]) == (rest.status_code, rest.content)
    assert {"id": picture["id"], "deleted": True} == http.delete(path).json()
    assert [404, 404] == [http.get(path).status_code, http.get(f"{path}/image").status_code]


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"files": {"image": b"ab"}, "data": {}}, "title"),
        ({"files": {"image": b"a"}, "data": {"title": "Sea"}}, "image"),
        ({"files": {"image": b"ab"}, "data": {"title": "Sea", "width": "0"}}, "width"),
        ({"files": {"image": b"ab"}, "data": {"title": "Sea", "width": "wide"}}, "width"),
        ({"files": {"image": b"ab"}, "data": {"title": "Sea", "frame": '{"colour": 3}'}}, "frame.colour"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, None),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}, None),
        ({"json": {"title": "Sea"}}, None),
        ({}, None),
    ],
    ids=str,
)  # fmt: skip
def test_form_is_validated(http: TestClient, form: Any, param: str | None) -> None:
    """A form that is not valid under the contract is refused, with the name of the part."""
    response = http.post("/pictures", **form)

    assert (400, param) == (response.status_code, response.json()["error"]["param"])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/health", b"good"),
        ("/lists", [LEAF] * 2),
        ("/maps", {"key0": 4}),
        ("/numbers", 0.5),
        ("/unions", {"kind": "Cat", "lives": 0}),
        (
            "/values/v-7",
            {"id": "v-7", "code": "AA-000x", "when": "2025-11-24", "tree": LEAF},
        ),
    ],
)
def test_other_operations(http: TestClient, path: str, expected: Any) -> None:
    """An operation that fits no shape answers with its example, or a value of its schema."""
    response = http.get(path)

    assert 200 == response.status_code, response.text
    assert expected == (response.content if isinstance(expected, bytes) else response.json())


def test_other_bodies(http: TestClient) -> None:
    """A body that is an array is optional where the contract says so; a response can be bytes."""
    bodies: list[dict[str, Any]] = [{}, {"json": ["a"]}, {"json": "a"}]
    content = http.get("/bytes")

    assert [202, 202, 400] == [http.post("/search", **body).status_code for body in bodies]
    assert (200, "application/octet-stream") == (content.status_code, content.headers["content-type"])


def test_key_in_a_header_of_its_own(http: TestClient) -> None:
    """The key is in the header of the security scheme. An operation without security needs none."""
    for headers in ({"X-Shape-Key": ""}, {"X-Shape-Key": "", "Authorization": "Bearer sk-local"}):
        assert 401 == http.get("/lists", headers=headers).status_code
        assert 200 == http.get("/health", headers=headers).status_code


def test_resources_have_their_own_lifecycles() -> None:
    """Statuses advance along the lifecycle of each resource, also through a further status and to a further failure."""
    server = SteppedServer(Contract(extended_contract(), Path("openapi.yaml")))

    def states(path: str, field: str, *seconds: float) -> list[str]:
        found = []
        for step in seconds:
            server.clock.step(step)
            found.append(server.http.get(path).json()[field])
        return found

    first, second = (server.http.post("/renders", json={"prompt": "A cat."}).json()["ref"] for _ in range(2))
    file = {"file": ("in.jsonl", json.dumps({"custom_id": "1", "method": "POST", "url": "users", "body": {}}))}
    uploaded = server.http.post("/files", files=file, data={"purpose": "intake"}).json()["id"]
    intake = server.http.post("/intakes", json={"source_file_id": uploaded, "table": "users"}).json()["id"]
    stopped = server.http.post("/intakes", json={"source_file_id": uploaded, "table": "users"}).json()["id"]

    assert "dropped" == server.http.post(f"/renders/{second}/drop").json()["state"]
    assert "stopping" == server.http.post(f"/intakes/{stopped}/stop").json()["stage"]
    assert ["planned", "drawing", "drawn"] == states(f"/renders/{first}", "state", 0, 10, 10)
    assert ["dropped"] == states(f"/renders/{second}", "state", 0)
    assert 409 == server.http.post(f"/renders/{first}/drop").status_code
    assert ["loaded"] == states(f"/intakes/{intake}", "stage", 100)
    assert ["stopped"] == states(f"/intakes/{stopped}", "stage", 0)
    refused = server.http.get(f"/intakes/{intake}").json()["refused_rows_file_id"]
    assert ["1"] == [row["custom_id"] for row in server.rows(refused)]


def test_object_is_led_to_a_status() -> None:
    """A request leads an object to a status that it does not enter by itself, such as a further failure."""
    server = SteppedServer(Contract(extended_contract(), Path("openapi.yaml")))
    ref = server.http.post("/renders", json={"prompt": "A cat."}).json()["ref"]

    def lead(**body: str) -> int:
        return server.http.post("http://server.test/-/status", json=body).status_code

    assert [200, 404, 404, 400] == [
        lead(id=ref, status="error"),
        lead(id=ref, status="cancelled"),
        lead(id="none", status="error"),
        lead(id=ref),
    ]
    assert "error" == server.http.get(f"/renders/{ref}").json()["state"]
