"""What must be refused, one a line; and each is let in once the guard that refuses it is gone.

A guard is taken away in one of two ways: a name it goes by is replaced, or a word of its source is changed.
"""

# ruff: noqa: E501
import base64
import json
import time
from types import SimpleNamespace
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from joserfc import jwk, jwt
from joserfc.jwk import KeySet
from typer.testing import CliRunner

from hub import compose
from hub.__main__ import app as command
from hub.casework import duties
from hub.commands import acting, disposing
from hub.confidentiality import bus_sessions, sealing, secret_file
from hub.confidentiality.agency_keys import load_agency_keys
from hub.confidentiality.bus_sessions import SessionOpener
from hub.confidentiality.sealing import DataKey
from hub.domain import disposal, practitioner
from hub.domain.child import By
from hub.domain.disposal import Disposals, ErasureAsked
from hub.domain.practitioner import Grant, Practitioner, RoleGranted
from hub.errors import HubError, UnknownChild
from hub.identity import providers, tokens
from hub.identity.providers import Provider
from hub.intake import opening
from hub.intake.deliveries import Delivery
from hub.intake.opening import open_deliveries
from hub.settings import Settings
from hub.sharing import decision, look, policy
from hub.sharing.acts import Acts
from hub.sharing.agreements import Coverage
from hub.sharing.decision import Ruling
from hub.sharing.policy import Policy, Situation, Tier
from hub.web import allowance, demo_sign_in, guard, serving, sessions, signed_in
from hub.web.allowance import SHARED, Allowance
from hub.web.demo_sign_in import DemoSignIn
from hub.web.opened import Opened
from hub.web.sessions import Session, Sessions
from hub.web.vouching import standing
from hub.web.watching import UNWATCHED
from schemas import system_access, wire
from schemas.system_access import Assertions
from tests.events import missing
from tests.identity.assertions import asked, key_pair
from tests.mutants import mutated
from tests.web.conftest import AT, Asking, folder, served

__all__ = ["folder", "served"]
pytestmark = pytest.mark.filterwarnings("ignore:JWS algorithm:joserfc.errors.SecurityWarning")

OPERATOR = Grant("operator", "social-care", None, 1, 1)
ANN, BEN = By("ann", "social-worker", "social-care"), By("ben", "police-officer", "police")
NOW = int(time.time())
KEY, SYSTEM = jwk.generate_key("EC", "P-256", {"kid": "one"}, private=True), key_pair()
PROVIDER = Provider(
    name="police", title="Police", agency="police", issuer="https://login.police.example", client_id="hub"
)
CHILD, OTHER = UUID(int=1), UUID(int=2)


class Patch(NamedTuple):
    """A name that a guard goes by, and what stands there without it."""

    of: object
    name: str
    value: object


class Source(NamedTuple):
    """A module, a word of a guard in it, and what stands there without it. The attempt is given the module."""

    module: object
    old: str
    new: str


class House:
    """A demonstration's window, a live hub with nobody signed in, and the sender of case events."""

    def __init__(self, served, folder, live):
        self.served, self.desk, self.live = served, folder.desk, live

    def page(self, method, path, role=None, headers=None, **how):
        browser = self.served.browser(role) if role else Asking(self.served.app)
        browser.headers |= {"sec-fetch-site": "same-origin"} if headers is None else headers
        return browser(method, path, **how).status_code

    def api(self, role, path, body):
        return self.served.program(role).post(path, json=body).status_code

    def takes(self, module=None, said="Seen at the quay.", **changes):
        """Whether intake believes an event that was changed on its way; `module`: in place of the real one."""
        (message,) = self.desk.messages(missing(str(uuid4()), summary=said))
        message = message._replace(**{name: change(message) for name, change in changes.items()})
        delivery = Delivery(message.topic, 0, 0, message.key, message.headers, message.value)
        opener = getattr(module, "SessionOpener", SessionOpener)
        reads = getattr(module, "open_deliveries", open_deliveries)
        keys = load_agency_keys(self.desk.settings.agency_keys)
        (found,) = reads([delivery], opener(compose.holder_of(self.desk.settings).house.bus_keys(), keys))
        return type(found).__name__ != "Refusal"


@pytest.fixture(scope="module")
def house(served, folder, tmp_path_factory):
    live = Settings(data=tmp_path_factory.mktemp("refusals") / "live")
    compose.found(live, demo=False)
    return House(served, folder, live)


def clocked(kind, *more):
    """One that keeps the time of a clock that stands still, and the clock."""
    clock = SimpleNamespace(now=1000.0)
    return kind(lambda: clock.now, *more), clock


def a_session(*, idle=0.0):
    kept, clock = clocked(Sessions, lambda: "id")
    kept.start(ANN, "https://elsewhere.example")
    clock.now += idle
    return kept


def token(key=KEY, algorithm="ES256", **changes):
    """What a provider would sign, but for what is changed."""
    said = {"iss": PROVIDER.issuer, "sub": "ann", "aud": "hub", "nonce": "n", "iat": NOW, "exp": NOW + 60}
    return jwt.encode({"alg": algorithm, "kid": "one"}, said | changes, key, [algorithm])


def believed(said, **how):
    tokens.believe(said, KeySet([KEY]), PROVIDER, "n", NOW, how.get("max_age"))
    return True


def admitted(module=system_access, times=1, **changes):
    desk = module.Assertions("https://hub.example/v1/token", time.time)
    said = asked(SYSTEM, "crm", changes.pop("audience", "https://hub.example/v1/token"), **changes)
    public = json.dumps(SYSTEM.as_dict(private=False))
    return [desk.believe(said, lambda _: public) for _ in range(times)]


def answered(module=policy, **how):
    """Whether the shipped policy lets a social worker read, as things stand."""
    situation = {"role": "social-worker", "purpose": "section-47", "scope": "police", "related": True, **how}
    return module.load().answer(Situation(**situation)).tier.value == Tier.READ.value


def without_rule(number):
    return Patch(policy, "RULES", (*policy.RULES[: number - 1], *policy.RULES[number:]))


def decided(**changes):
    shipped = policy.load().model_copy(update=changes)
    situation = Situation("social-worker", "section-47", "police", True)
    return decision.decide(shipped, situation, "police", AT).ruling is Ruling.PERMIT


def lapsed():
    held = policy.load().validity
    return held.model_copy(update={"until": held.since})


def asked_erasure(module):
    asked = ErasureAsked(erasure=CHILD, records=(CHILD,), scopes=None, authority="a", reason="r", by=ANN)
    state = Disposals(erasures={CHILD: module.Erasure(asked, AT)})
    return module.confirm(state, CHILD, ANN)


def granted_to_oneself(module):
    who = Practitioner(CHILD)
    by = By(who.person, "operator", "social-care")
    given = {"issuer": "i", "subject": "s", "role": "operator", "agency": "social-care", "until": None}
    return module.grant(who, RoleGranted(**given, by=by, reason="to look"), AT)


def moved(of_child=CHILD, of_scope="health"):
    key = DataKey(1, bytes(64))
    sealed = sealing.seal(key, CHILD, OTHER, "police", "t", b"{}")
    return sealing.unseal(key, of_child, OTHER, of_scope, "t", sealed)


def bound(module):
    kept = module.Tokens(lambda: 0.0, lambda: "t")
    return kept.holder(kept.give("crm", 1, b"its own"), b"another")


def forged(message):
    """The session's token with its last byte changed: the signature's."""
    token = base64.b64decode(dict(message.headers)[wire.SESSION_TOKEN])
    return header(wire.SESSION_TOKEN, base64.b64encode(token[:-1] + bytes([token[-1] ^ 1])))(message)


def first_act(house, _, __):
    with compose.open_hub(house.live) as hub:
        return acting.on_duty(hub, duties.UPKEEP)


def erases(house, _, __):
    words = ("keys", "erase", str(CHILD), "--reason", "x", "--authority", "y")
    done = CliRunner().invoke(command, ["--data", str(house.live.data), *words])
    if isinstance(done.exception, HubError) and not isinstance(done.exception, UnknownChild):
        raise done.exception
    return True  # they might, if there were such a child


def readable_by_others(_, tmp_path, __):
    file = tmp_path / "keys.json"
    file.write_text("{}")
    file.chmod(0o644)
    return secret_file.read(file) == {}


def bound_to_the_network(*_):
    hub = SimpleNamespace(demo=True, settings=SimpleNamespace(host="0.0.0.0", port=0))
    serving.listening(hub).close()
    return True


def many(people, children=1):
    limits, _ = clocked(Allowance, UNWATCHED, SHARED)
    for number in range(people * children):
        limits.take(By(str(number % people), "r", "a"), UUID(int=number))
    return True


def too_fast():
    limits, _ = clocked(Allowance, UNWATCHED)
    return [limits.take_stranger("192.0.2.1") for _ in range(50)]


def ask(path, *, purpose="section-47", role="social-worker", child="ann", **more):
    def attempt(house, *_):
        where = path.format(child=getattr(house.served, child))
        return house.api(role, where, {"purpose": purpose, **more})

    return attempt


def header(name, value):
    return lambda m: tuple((n, value if n == name else v) for n, v in m.headers)


CHRONOLOGY = "/v1/children/{child}/chronology"
ANYBODY = Session(ANN, "", 0, 0, 0)
BEHIND = {"sec-fetch-site": "cross-site"}
ROLE = {"data": {"role": "auditor"}}
OFF = {"own": Patch(guard, "_own", lambda *_, **__: True), "large": Patch(guard, "LARGEST", 1 << 30)}
LONG = {"content": b"x" * (guard.LARGEST + 1)}

# One refusal is one line.
# fmt: off
REFUSED = {
    # A request, before any route.
    "a form sent from another site": (lambda h, *_: 403 != h.page("POST", "/sign-in", headers=BEHIND, **ROLE), OFF["own"]),
    "a form that says nothing of where it comes from": (lambda h, *_: 403 != h.page("POST", "/sign-in", headers={}, **ROLE), OFF["own"]),
    "a page elsewhere that asks the API": (lambda h, *_: 403 != h.page("POST", "/v1/demo/sign-in", headers=BEHIND), OFF["own"]),
    "a name that is not this hub's": (lambda h, *_: 421 != h.page("GET", "/sign-in", headers={"host": "evil.example"}), Patch(guard, "is_loopback", lambda _: True)),
    "a body longer than any form": (lambda h, *_: 413 != h.page("POST", "/sign-in", **LONG), OFF["large"]),
    "too many requests": (lambda *_: too_fast(), Patch(allowance, "Buckets", lambda *_: SimpleNamespace(take=lambda _: None))),
    "hundreds of children in an hour": (lambda *_: many(1, 250), Patch(allowance, "TOO_MANY_CHILDREN", 1 << 30)),
    # Who asks.
    "a page without a session": (lambda h, *_: 200 == h.page("GET", "/children/find"), Patch(signed_in, "standing", lambda *_: ANYBODY)),
    "a token that is nobody's": (lambda h, *_: 401 != Asking(h.served.app, authorization="Bearer x").get("/v1/commands").status_code, Patch(demo_sign_in, "standing", lambda *_: ANYBODY)),
    "a session that was idle too long": (lambda *_: a_session(idle=sessions.IDLE + 1).of("id"), Patch(sessions, "_over", lambda *_: False)),
    "a session that lasted a day": (lambda *_: sessions._over(Session(ANN, "", 0, 86_390, 0), 86_400) is False, Patch(sessions, "_over", lambda *_: False)),
    "a session of another issuer": (lambda *_: standing("id", a_session(), DemoSignIn().still), Patch(DemoSignIn, "still", lambda *_: True)),
    "the gravest act by who signed in an hour ago": (lambda *_: a_session(idle=301).is_fresh(ANYBODY._replace(authenticated=1000.0)), Patch(sessions, "FRESH", 1e9)),
    "an unsigned ID token": (
        lambda *_: believed(token(jwk.generate_key("oct"), "none")),
        Patch(tokens, "_signed", lambda *_: {"iss": "", "sub": "ann", "iat": NOW}),
        Patch(tokens, "_times", lambda *_: None),
        Patch(tokens, "_for_us", lambda *_: None),
        Patch(tokens, "hmac", SimpleNamespace(compare_digest=lambda *_: True)),
    ),
    "an expired ID token": (lambda *_: believed(token(exp=NOW - 120)), Patch(tokens, "_times", lambda *_: None)),
    "an ID token of another issuer": (lambda *_: believed(token(iss="https://elsewhere.example")), Patch(tokens, "_times", lambda *_: None)),
    "an ID token for another audience": (lambda *_: believed(token(aud="another")), Patch(tokens, "_times", lambda *_: None)),
    "an ID token for others too": (lambda *_: believed(token(aud=["hub", "another"])), Patch(tokens, "_for_us", lambda *_: None)),
    "an ID token that answers another request": (lambda *_: believed(token(nonce="x")), Patch(tokens, "hmac", SimpleNamespace(compare_digest=lambda *_: True))),
    "a system's assertion for another audience": (lambda _, __, m: admitted(m, audience="https://elsewhere.example"), Source(system_access, '            aud={"essential": True, "value": self._audience},\n', "")),
    "a system's assertion that never expires": (lambda *_: admitted(exp=NOW + 6_000), Patch(system_access, "LONGEST", 1e9)),
    "a system's assertion used twice": (lambda *_: admitted(times=2), Patch(Assertions, "_once", lambda *_: None)),
    "a system's token over another connection": (lambda _, __, m: bound(m), Source(system_access, "held.certificate != certificate", "False")),
    # For what, and of whom.
    "no purpose said": (lambda h, *_: 200 == h.page("GET", f"/children/{h.served.ann}/chronology", "police-officer"), Patch(Opened, "of", lambda *_: "section-47")),
    "a purpose that the role may not have": (lambda *_: answered(purpose="audit"), without_rule(3)),
    "no purpose at all": (lambda *_: answered(purpose=None), without_rule(3)),
    "a role that the policy does not have": (lambda _, __, m: answered(m, role="perpetual"), Source(policy, "role = self.roles.get(situation.role)", 'role = self.roles.get(situation.role, self.roles["social-worker"])')),
    "a scope that is not in the role's row": (lambda *_: answered(scope="informant"), Patch(policy.Role, "tier", lambda *_: Tier.READ)),
    "a scope that nobody defined": (lambda *_: answered(scope="weather"), Patch(policy.Role, "tier", lambda *_: Tier.READ)),
    "a child of another's caseload": (lambda h, *_: 200 == ask(CHRONOLOGY, child="ben")(h), Patch(look, "how_related", lambda *_: "allocated")),
    "who has no relationship": (lambda *_: answered(related=False), without_rule(4)),
    "a sealed entry": (lambda *_: answered(sealed_to_others=True), without_rule(1)),
    "who the other child is, to who works with both": (lambda *_: answered(scope="other-child", works_with_other=True), without_rule(2)),
    "broken glass over a seal": (lambda *_: answered(related=False, glass=True, sealed_to_others=True), without_rule(1)),
    "broken glass for confidential health": (lambda *_: answered(related=False, glass=True, scope="third-party"), without_rule(4)),
    "anything, once the policy is stale": (lambda *_: decided(validity=lapsed()), Patch(Policy, "check_in_force", lambda *_: None)),
    "another agency's words without an agreement": (lambda *_: decided(agreements=()), Patch(decision, "coverage", lambda *_: Coverage(SimpleNamespace(id="x")))),
    "an act by a role that only reads": (lambda h, *_: 403 != ask("/v1/children/{child}/acts/decide-referral", role="police-officer", says={})(h), Patch(Acts, "may", lambda *_: True)),
    # What agencies send.
    "an event under the type of another agency": (lambda h, *_: h.takes(headers=header(wire.TYPE, b"health.camhs.v1")),),
    "an event on the topic of another agency": (lambda h, *_: h.takes(topic=lambda _: "safeguarding.health.v1", headers=header(wire.TYPE, b"health.camhs.v1")),),
    "an event whose signature is not its agency's": (lambda h, _, m: h.takes(m, headers=forged), Source(bus_sessions, "signer.public.verify(signature, session_statement(said, key_id, kid, opened_at, encapsulated))", "pass")),
    "a picture": (lambda h, _, m: h.takes(m, "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAf"), Source(opening, 'if holds_image(said.decode(errors="replace")):', "if False:")),
    # What is kept.
    "an envelope moved to another child": (lambda *_: moved(of_child=OTHER, of_scope="police"), Patch(sealing, "_place", lambda *_: b"")),
    "an envelope moved to another scope": (lambda *_: moved(), Patch(sealing, "_place", lambda *_: b"")),
    "a key file that others can read": (readable_by_others, Patch(secret_file, "OTHERS", 0)),
    # Who decides.
    "an erasure confirmed by who asked for it": (lambda _, __, m: asked_erasure(m), Source(disposal, "found.asked.by.person in (by.person, *accounts)", "False")),
    "a role given to oneself": (lambda _, __, m: granted_to_oneself(m), Source(practitioner, "practitioner.person in (granted.by.person, *accounts)", "False")),
    "upkeep of live data by the machine's user": (first_act, Patch(acting, "_somebody", lambda *_, **__: SimpleNamespace(roles=lambda _: [OPERATOR], by=lambda _: ANN))),
    "an erasure typed by the machine's user": (erases, Patch(disposing, "on_duty", lambda *_, **__: ANN)),
    "a demonstration on the network": (bound_to_the_network, Patch(serving, "is_loopback", lambda _: True)),
    "the demonstration's issuer for live data": (lambda *_: not providers.of_one_kind([PROVIDER.model_copy(update={"issuer": providers.DEMO_ISSUER})], demo=False), Patch(Provider, "of_a_demonstration", False)),
}
# fmt: on


NO = (HubError, system_access.NotAdmitted, ValueError)
"""What a refusal is raised as."""


def let_in(attempt, house, tmp_path, module=None):
    """Whether an attempt gets through."""
    try:
        return bool(attempt(house, tmp_path, module))
    except NO:
        return False


def module_of(guards):
    return next((g.module for g in guards if isinstance(g, Source)), None)


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what, house, tmp_path):
    attempt, *guards = REFUSED[what]

    assert not let_in(attempt, house, tmp_path, module_of(guards))


@pytest.mark.parametrize("what", [what for what in REFUSED if REFUSED[what][1:]])
def test_let_in_once_its_guard_is_gone(what, house, tmp_path, monkeypatch):
    attempt, *guards = REFUSED[what]
    module = None
    for taken in guards:
        if isinstance(taken, Source):
            module = mutated(*taken)
        else:
            monkeypatch.setattr(taken.of, taken.name, taken.value)

    assert let_in(attempt, house, tmp_path, module)


def test_what_is_guarded_twice_is_named(counted):
    """What another agency's name is put on: type, topic, signer and seal each refuse it by themselves."""
    counted(9, "refusals, each proved against its own guard", len(REFUSED))

    assert ["another agency" in what for what in REFUSED if not REFUSED[what][1:]] == [True, True]
