"""Marked secrets go down every path of a node's life, and rest nowhere but in the secret store.

The whole product runs in one process: API, workflows, durable history, tables, a simulated Azure.
Then everything at rest and everything that was told is searched for the marks.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from local.host.host import IN_PROCESS
from local.host.wire import Request
from local.worlds.faults import Call, Fault, LostReply, Refused
from local.worlds.ground import ACCOUNT, GROUP, SUBSCRIPTION
from local.worlds.inprocess import NODES, InProcess
from tests.unit.model.documents import LS, put
from tests.virtual import sources
from tests.virtual.support import BOUND_S, document, evict, reach, tell

MARK: Final = "Canary-7-"
CLIENT: Final = "c11e0000-0000-4000-8000-000000000001"
TENANT: Final = "7e4a4000-0000-4000-8000-000000000000"
CREDENTIALS: Final = "/azure/setup/credentials"
JSON: Final = [("Content-Type", "application/json")]
DAY: Final = "fromDate=2020-01-01&toDate=2040-01-01&include=data&severity=ALL"
DELETE: Final = {
    "deallocationConfig": {
        "shouldTerminateVm": True,
        **{
            f"{kind}DeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0}
            for kind in ("network", "disk", "snapshot", "publicIp")
        },
    }
}


class Everything(logging.Handler):
    """Keeps every record of every logger, with its fields and its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.told: list[str] = []
        self._formatter = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        fields = {name: value for name, value in vars(record).items() if name != "exc_info"}
        self.told.append(f"{record.getMessage()} {fields}")
        if record.exc_info and record.exc_info[0]:
            self.told.append(self._formatter.formatException(record.exc_info))


@pytest.fixture
def log() -> Iterator[Everything]:
    handler, root = Everything(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(before)
    root.removeHandler(handler)


@dataclass
class Told:
    """What was sent and answered, and what was found at rest in the end."""

    marks: int = 0
    answers: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    secret_token: str = ""
    kept: list[str] = field(default_factory=list)
    """Values in the secret store while the node lived."""
    at_rest: dict[str, str] = field(default_factory=dict)

    def mark(self, what: str) -> str:
        """Return a new marked secret; long and mixed enough for a password."""
        self.marks += 1
        return f"{MARK}{what}-{self.marks}-abcdefgh"


class Life:
    """One world, and the calls of one who marks his secrets."""

    def __init__(self, world: InProcess) -> None:
        self.world, self.told = world, Told()

    async def call(self, method: str, path: str, sent: Any = None) -> Any:
        answer = await self.world.api(method, path, sent)
        self.told.answers.append(json.dumps(answer.body))
        self.told.statuses.append(answer.status)
        return answer

    async def done(self, method: str, path: str, sent: Any = None) -> None:
        answer = await self.call(method, path, sent)
        assert answer.status == 200, (path, answer)

    async def send(self, method: str, path: str, sent: bytes, **headers: str) -> None:
        """Send a body as it is, with the world's own token unless told otherwise."""
        given = {"Authorization": f"Bearer {self.world._token}", "Content-Type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"{IN_PROCESS}{path}"
        answer = await self.world.enter(Request(method, url, [*given.items()], sent))
        self.told.answers.append(answer.body.decode())
        self.told.statuses.append(answer.status)

    def document(self, **changes: Any) -> dict[str, Any]:
        """Return a node whose VM is made from its image each time, all its secrets marked."""
        made: dict[str, Any] = document()["statefulNode"]
        put(made, "persistence.shouldPersistOsDisk", False)
        login = {"userName": "mooring", "password": self.told.mark("password")}
        put(made, f"{LS}.login", login)
        put(made, f"{LS}.extensions", [self.extension()])
        for path, value in changes.items():
            put(made, path.replace("__", "."), value)
        return made

    def extension(self, what: str = "setting") -> dict[str, Any]:
        return {
            "name": "script",
            "type": "CustomScript",
            "publisher": "Microsoft.Azure.Extensions",
            "apiVersion": "2.1",
            "minorVersionAutoUpgrade": True,
            "publicSettings": {"timestamp": 1},
            "protectedSettings": {"commandToExecute": f"echo {self.told.mark(what)}"},
        }

    async def create(self, **changes: Any) -> str:
        answer = await self.call("POST", NODES, {"statefulNode": self.document(**changes)})
        assert answer.status == 200, answer
        return str(answer.items[0]["id"])


async def edits_and_refusals(life: Life, node_id: str) -> None:
    """Change secrets; then send them in every wrong way."""
    at = f"{NODES}/{node_id}"
    change = put({}, f"{LS}.login.password", life.told.mark("password"))
    put(change, f"{LS}.extensions", [life.extension()])
    assert (await life.call("PUT", at, {"statefulNode": change})).status == 200
    secret = life.told.mark("refused")
    wrong = {
        f"{LS}.login.passwrod": secret,
        f"{LS}.login.password": [secret],
        f"{LS}.login.sshPublicKey": secret,
        f"{LS}.extensions.0.protectedSettings": secret,
        f"{LS}.customData": secret,
        "strategy.vmAdmins": {secret: secret},
        "compute.os": secret,
        "name": {"a": secret},
    }
    for path, value in wrong.items():
        bad = put(life.document(), path, value)
        assert (await life.call("POST", NODES, {"statefulNode": bad})).status == 400, path
        plan = {"action": "create", "statefulNode": bad}
        assert (await life.call("POST", f"{NODES}/plan", plan)).status == 400, path
    whole = json.dumps({"statefulNode": life.document()}).encode()
    for sent in (whole[:-1], whole + b"x", whole + whole, b"\xff" + whole, whole * 600):
        await life.send("POST", NODES, sent)
    await life.send("POST", NODES, whole, Content_Type="text/xml")
    await life.send("POST", NODES, whole, Authorization=f"Bearer {secret}")
    await life.send("PUT", f"{NODES}/ssn-00000000", whole)
    assert set(life.told.statuses[-8:]) <= {400, 401}


async def logins_and_tokens(life: Life) -> None:
    """Set who speaks for the account, try it well and badly, and make a token."""
    secret = life.told.mark("client-secret")
    known = {"tenant": TENANT, "secrets": {secret: None}, "subscriptions": [SUBSCRIPTION]}
    await life.world.azure.ask("PUT", f"/_world/applications/{CLIENT}", known)
    good = {
        "clientId": CLIENT,
        "clientSecret": secret,
        "tenantId": TENANT,
        "subscriptionId": SUBSCRIPTION,
    }
    bad = good | {"clientSecret": life.told.mark("wrong-secret")}
    for path, sent, status in (
        (f"{CREDENTIALS}/validation", good, 200),
        (f"{CREDENTIALS}/validation", bad, 400),
        (CREDENTIALS, good | {"x": 1}, 400),
        (CREDENTIALS, good, 200),
        ("/azure/setup/tenant/credentials", {**good, "subscriptionId": None}, 400),
    ):
        assert (await life.call("POST", path, sent)).status in (status, 200, 400)
    assert (await life.call("GET", CREDENTIALS)).items[0]["clientSecret"] == "Can****"
    wanted = {"token": {"name": "ci", "roles": {ACCOUNT: "viewer"}}}
    made = await life.world.api("POST", "/mooring/tokens", wanted)
    life.told.secret_token = made.items[0]["token"]
    await life.send("GET", NODES, b"", Authorization=f"Bearer {life.told.secret_token}")
    assert life.told.statuses[-1] == 200
    await life.call("GET", "/mooring/tokens")


async def an_import(life: Life) -> str:
    """Make a node of a VM, with marked secrets for the VM of its own; return its id once it runs.

    The VM is made anew from its image at each launch: the password stays with us.
    """
    await sources.source(life.world)
    login = {"userName": "mooring", "password": life.told.mark("imported-password")}
    node = put({}, "persistence.shouldPersistOsDisk", False)
    put(node, f"{LS}.login", login)
    put(node, f"{LS}.extensions", [life.extension("imported-setting")])
    answer = await life.call("POST", sources.IMPORT, sources.call(node, resourcesRetentionTime=0))
    assert answer.status == 200, answer
    node_id = str(answer.items[0]["node"]["id"])
    again = await life.call("POST", sources.IMPORT, sources.call(node))
    assert again.status == 400, again

    async def completed() -> bool:
        return await sources.state(life.world, node_id) == "ImportCompleted"

    await life.world.run_until(completed, BOUND_S)
    await reach(life.world, node_id, "ACTIVE")
    await life.done("GET", f"{sources.IMPORT}/{node_id}/status")
    return node_id


async def a_whole_life(world: InProcess) -> Told:
    life = Life(world)
    lost: list[str] = []

    def faults(call: Call) -> Fault | None:
        """Lose the reply of each kind of write once; refuse one extension for good."""
        if call.method in ("PUT", "PATCH") and call.operation not in lost:
            lost.append(call.operation)
            return LostReply()
        if "broken" in call.resource and "extensions" in call.resource:
            return Refused(400, "BadRequest", "The extension is refused.")
        return None

    world.wire.hook = faults
    node_id = await life.create()
    await reach(world, node_id, "ACTIVE")
    await edits_and_refusals(life, node_id)
    await logins_and_tokens(life)
    await evict(world, node_id)
    await reach(world, node_id, "ACTIVE")
    await life.call("PUT", f"{NODES}/{node_id}/state", {"state": "recycle"})
    await world.sleep(60)
    world.kill(restart_in_s=5)
    await reach(world, node_id, "ACTIVE")
    broken = await life.create(**{f"{LS}.vmName".replace(".", "__"): "broken", "name": "broken"})
    await world.sleep(900)
    source = {
        "originalVmName": "absent",
        "resourceGroupName": GROUP.rpartition("/")[2],
        "node": {"compute": {"launchSpecification": {"extensions": [life.extension()]}}},
    }
    await life.call("POST", f"{NODES}/import", {"statefulNodeImport": source})
    imported = await an_import(life)
    await evict(world, imported)
    await reach(world, imported, "ACTIVE")
    for one in (node_id, broken, imported):
        plan = {"action": "update", "nodeId": one, "statefulNode": {"description": "x"}}
        for path in ("", "/status", "/resources", f"/log?{DAY}", "/terraform"):
            await life.done("GET", f"{NODES}/{one}{path}")
        await life.done("POST", f"{NODES}/plan", plan)
    create = {"action": "create", "statefulNode": life.document()}
    await life.done("POST", f"{NODES}/plan", create)
    await life.done("POST", f"{NODES}/terraform", {"node": life.document()})
    for path in (NODES, f"{NODES}/status", "/setup/account"):
        await life.done("GET", path)
    secrets = world.tables._database.secrets
    life.told.kept = [value.get_secret_value() for value in secrets._values.values()]
    await life.call("DELETE", f"{NODES}/{node_id}", DELETE)
    await world.run_until(lambda: gone(world, node_id), BOUND_S)
    life.told.at_rest = at_rest(world)
    return life.told


async def gone(world: InProcess, node_id: str) -> bool:
    answer = await world.api("GET", f"{NODES}/{node_id}/status")
    return answer.status == 400


def at_rest(world: InProcess) -> dict[str, str]:
    history = "\n".join(world._history.connection.iterdump())
    return {
        "tables": repr(world.tables.rows()),
        "durable history": history,
        "log of the world": bytes(world.log).decode(),
    }


@pytest.mark.slow
def test_no_marked_secret_of_a_whole_life_rests_outside_the_secret_store(log: Everything) -> None:
    """R51, S78, S96, S97: the hunt finds the marks where they belong, and only there."""
    told = tell(a_whole_life)

    kept = "".join(told.kept)
    imported = ("imported-password", "imported-setting")
    for what in ("password", "setting", "client-secret", *imported):
        assert f"{MARK}{what}" in kept, what  # the hunt can find
    assert "ssn-" in told.at_rest["tables"]
    assert "claim_operation" in told.at_rest["durable history"]
    assert len(log.told) > 1_000
    places = {**told.at_rest, "answers": "".join(told.answers), "log": "".join(log.told)}
    for place, text in places.items():
        for mark in (MARK, told.secret_token):
            at = text.find(mark)
            assert at < 0, (place, text[max(0, at - 300) : at + 60])
