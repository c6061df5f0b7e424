"""At the command line of a live hub nobody acts as a role but who signed in and was given it."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from typer.testing import CliRunner

from hub.__main__ import app
from hub.commands.acting import acting_as
from hub.confidentiality import secret_file
from hub.disposal import erasing
from hub.domain.access import Closing, Interest
from hub.domain.child import By, Registered
from hub.domain.feed import PolicyAdopted
from hub.errors import HubError, NotAllowed, UnknownChild
from hub.identity import command_line
from hub.identity.command_line import FRESH, IDLE, LONGEST, NotSignedIn
from hub.sharing.disclosing import POLICIES
from hub.sharing.policy import SHIPPED, load
from tests.identity.conftest import ADMIN, adopt_without, sign_in
from tests.journeys.workers import until
from tests.warm import Started


def run(live, *words):
    return CliRunner().invoke(app, ["--data", str(live.hub.settings.data), *words])


def why(result):
    assert isinstance(result.exception, HubError), result.output
    return str(result.exception)


def by_browser(live, *words):
    """Run `hub sign-in` as a process of its own, and be the browser it asks for."""
    env = {**os.environ, "HUB_PUBLIC_URL": "https://hub.example"}
    running = Started("hub", "--data", str(live.hub.settings.data), "sign-in", *words, environment=env)
    try:
        until(lambda: running.complaint().count("\n") > 1, "it says where to sign in")
        url = running.complaint().splitlines()[1].strip()
        page = httpx.get(url, follow_redirects=True, timeout=60)
        out, err = running.communicate(timeout=60)
    finally:
        running.kill()
    return page, running.returncode, out, err


LEAD = ("social-care", "--role", "information-governance-lead", "--reason", "appointed")
OFFICER = ("police", "ann@example.invalid", "--role", "police-officer", "--reason", "joined")


@pytest.mark.slow
def test_who_signed_in_acts_in_their_own_role_and_in_no_other(live, lead):
    granted = run(live, "people", "grant", *OFFICER)
    assert 0 == granted.exit_code, granted.output
    run(live, "sign-out")
    assert "run 'hub sign-in'" in why(run(live, "children"))

    page, code, out, err = by_browser(live, "--provider", "police")
    assert (0, "signed in; you may act as police-officer\n") == (code, out), err
    assert "close this window" in page.text
    assert 0 == run(live, "children").exit_code
    assert "may not act" in why(run(live, "flags", "--as", "mash-coordinator"))
    assert 0 == run(live, "flags", "--as", "police-officer").exit_code
    assert "may not act" in why(run(live, "history", "00000000-0000-0000-0000-000000000001"))

    listed = json.loads(run(live, "people", "list", "--json").output)
    person = {p["subject"]: p["person"] for p in listed}["ann@example.invalid"]
    left = ("people", "leave", person, "--reason", "left the force")
    assert "are for information-governance-lead or operator" in why(run(live, *left))
    officer = live.hub.settings.signed_in.read_bytes()
    sign_in(live, lead, "social-care")
    assert 0 == run(live, *left).exit_code
    live.hub.settings.signed_in.write_bytes(officer)
    assert "ended" in why(run(live, "children"))
    _, code, _, err = by_browser(live, "--provider", "police")
    assert 3 == code
    assert "You have no role here" in err


NOBODY = "00000000-0000-0000-0000-000000000001"
DUTIES = {
    "quarantine retry": "operator",
    "quarantine discard 1 --reason x": "operator",
    "matching list": "mash-coordinator or operator",
    f"matching confirm {NOBODY} {NOBODY} --reason x": "mash-coordinator or operator",
    f"matching separate {NOBODY} --reason x": "mash-coordinator or operator",
    f"matching split {NOBODY} {NOBODY} --reason x": "mash-coordinator or operator",
    "topics accept-loss safeguarding.police.v1/0 --from 0 --to 1 --reason x": "operator",
    f"keys erase {NOBODY} --reason x --authority y": "information-governance-lead or caldicott-guardian",
    f"keys confirm-erasure {NOBODY}": "information-governance-lead or caldicott-guardian",
    f"keys refuse-erasure {NOBODY} --reason x": "information-governance-lead or caldicott-guardian",
    f"keys hold {NOBODY} --reason x": "information-governance-lead or caldicott-guardian",
    f"keys lift-hold {NOBODY} --reason x": "information-governance-lead or caldicott-guardian",
    f"retention approve {NOBODY} --reason x": "information-governance-lead or caldicott-guardian",
    "policy adopt": "information-governance-lead or caldicott-guardian",
    "evidence packs": "information-governance-lead or caldicott-guardian",
    f"people withdraw {NOBODY} --role police-officer --reason x": "information-governance-lead or operator",
    f"people leave {NOBODY} --reason x": "information-governance-lead or operator",
    f"people one-person {NOBODY} {NOBODY} --reason x": "information-governance-lead or operator",
    f"people two-persons {NOBODY} {NOBODY} --reason x": "information-governance-lead or operator",
    "systems dismiss crm --reason x": "information-governance-lead or operator",
    "people grant police ben --role police-officer --reason x": "information-governance-lead or operator",
}
LISTS = ("keys erasures", "retention due", "people list", "systems list", "children")


def test_what_is_done_to_live_data_asks_who_does_it_whoever_the_machine_says_they_are(live, monkeypatch):
    live.grant("social-care", "operator", "root@example.invalid")
    monkeypatch.setenv("USER", "root")
    said = {words: why(run(live, *words.split())) for words in (*DUTIES, *LISTS)}

    assert dict.fromkeys(said, "this hub holds live data: run 'hub sign-in'") == said


def test_each_duty_is_for_its_own_roles(live, ann):
    live.grant("social-care", "operator", "root@example.invalid")
    said = {words: why(run(live, *words.split())).partition(" are for ")[2] for words in DUTIES}

    assert said == DUTIES


def test_whose_role_an_adopted_policy_has_no_more_does_nothing_here_in_it(live):
    """A session ends with it in the browser; here one could go on admitting people and parting records."""
    operator = live.grant("social-care", "operator", "root@example.invalid")
    sign_in(live, operator, "social-care")
    before = run(live, "children").exit_code
    adopt_without(live, "operator")
    acts = [words for words, roles in DUTIES.items() if "operator" in roles]
    said = [why(run(live, *words.split())) for words in (*acts, *LISTS)]

    assert 0 == before
    assert len(acts) > 5
    refused = (" are for ", "no role here", "nobody may let others in yet")
    assert not [words for words in said if not any(each in words for each in refused)]


def test_who_answers_for_policies_adopts_another_though_the_one_in_force_has_their_role_no_more(live, lead):
    """Else nobody ever could: what was adopted by mistake would stand for good."""
    adopt_without(live, "information-governance-lead")
    refused = why(run(live, "keys", "hold", NOBODY, "--reason", "x"))

    assert "are for" in refused
    assert 0 == run(live, "policy", "adopt").exit_code
    assert UnknownChild is type(run(live, "keys", "hold", NOBODY, "--reason", "x").exception)


def test_a_policy_waits_on_disk_until_the_lead_adopts_it_and_everybody_who_looks_is_told(
    live, lead, tmp_path, monkeypatch
):
    """The hub that is open here has the shipped file on disk: a process that was never restarted."""
    file, text = tmp_path / "policy.toml", SHIPPED.read_text()
    file.write_text(text)
    monkeypatch.setenv("HUB_POLICY", str(file))
    first = load().name
    assert "adopted by nobody" in run(live, "policy", "check").output
    assert "adopted by nobody" in run(live, "serve").stderr
    assert 0 == run(live, "policy", "adopt").exit_code
    wider = text.replace('version  = "2026', 'version  = "2027').replace("hours   = 4", "hours   = 8")
    file.write_text(wider)
    waits = f"WAITS TO BE ADOPTED, not used until then: policy {load(file).name} (hub policy diff, adopt)"

    shown, checked = run(live, "policy", "show").output, run(live, "policy", "check").output
    assert shown.startswith(f"policy {first}, adopted by {lead.id.hex} (information-governance-lead) on ")
    assert [waits] * 2 == [shown.splitlines()[1], checked.splitlines()[3]]
    assert f"policy {first}, adopted\n{waits}\n" in run(live, "serve").stderr
    state = json.loads(run(live, "status", "--json").output)
    assert (first, True, load(file).name) == tuple(
        state[name] for name in ("policy", "policy_adopted", "policy_waiting")
    )
    assert (1, "+ break-glass: hours: 4 → 8\n") == (
        (compared := run(live, "policy", "diff")).exit_code,
        compared.output,
    )

    assert "nothing changes" in run(live, "policy", "diff", str(SHIPPED)).output
    file.write_text(wider.replace("2020-01-01", "2030-01-01"))
    assert "holds from 2030-01-01" in why(run(live, "policy", "adopt"))
    file.write_text("no policy")
    assert "NOT USED: what lies on disk is no policy (policy.toml: " in run(live, "policy", "show").output
    assert "policy.toml: " in why(run(live, "policy", "adopt"))
    file.write_text(wider)
    done = run(live, "policy", "adopt")
    assert done.output.startswith("+ break-glass: hours: 4 → 8\n"), done.output
    assert done.output.endswith(f"before it: {first}\n")
    for path in ("/how-information-is-shared", "/complaints"):
        assert 200 == live.browser().get(path).status_code
    by = time.monotonic() + 60
    while load(file).name not in (page := live.browser().get("/how-information-is-shared").text):
        assert time.monotonic() < by
        time.sleep(0.05)
    assert f"{first} waits to be adopted; until then what stands on this page holds" in page


def test_where_what_was_adopted_cannot_be_read_back_nothing_goes_on_but_adopting(live, lead):
    gone = PolicyAdopted(name="2025-01-01:gone", before="", by=ADMIN)
    live.hub.records.record({}, appended={POLICIES: [gone]})
    assert "is not kept here" in why(run(live, "policy", "show"))
    assert "is not kept here" in why(run(live, "status"))
    assert "name a provider with --provider" in why(run(live, "sign-in", "--provider", "nobody"))
    assert 0 == run(live, "policy", "adopt").exit_code
    assert f"by {lead.id.hex}" in run(live, "policy", "show").output


def test_the_machines_user_gives_the_first_role_and_none_after_it(live, monkeypatch):
    monkeypatch.setenv("USER", "root")
    assert "grant information-governance-lead or operator first" in why(
        run(live, "people", "grant", *OFFICER)
    )
    first = run(live, "people", "grant", LEAD[0], "lead@example.invalid", *LEAD[1:])
    assert 0 == first.exit_code, first.output

    another = ("people", "grant", LEAD[0], "other@example.invalid", *LEAD[1:])
    assert "run 'hub sign-in'" in why(run(live, *another))
    (lead,) = live.people.everyone()
    sign_in(live, lead, "social-care")
    assert 0 == run(live, *another).exit_code
    assert 0 == run(live, "people", "grant", *OFFICER).exit_code


def test_nobody_gives_themselves_a_role(live, lead):
    mine = ("social-care", "lead@example.invalid", "--role", "social-worker", "--reason", "to look")

    assert "nobody gives themselves a role" in why(run(live, "people", "grant", *mine))


def test_who_gives_a_role_back_is_told_that_what_was_said_of_them_before_holds_again(live, lead):
    given = run(live, "people", "grant", *OFFICER)
    person = given.stdout.split()[0]
    longer = run(live, "people", "grant", *OFFICER, "--until", "2099-01-01")
    run(live, "people", "withdraw", person, "--role", "police-officer", "--reason", "moved")
    other = run(live, "people", "grant", *OFFICER[:2], "--role", "intelligence-officer", "--reason", "moved")
    back = run(live, "people", "grant", *OFFICER)

    assert "" == given.stderr == longer.stderr == other.stderr
    assert (0, f"{person} may act as police-officer\n") == (back.exit_code, back.stdout)
    assert f"{person} has had this role before: allocations, meetings and requests" in back.stderr


def test_the_two_persons_of_an_erasure_are_told_apart_by_who_signed_in(live, lead, monkeypatch):
    child = uuid4()
    live.hub.records.append(child, [Registered(because="first-event")])
    asked = run(live, "keys", "erase", str(child), "--reason", "asked for", "--authority", "UK GDPR art. 17")
    assert 0 == asked.exit_code, asked.output
    confirm = ("keys", "confirm-erasure", asked.output.split()[1])
    monkeypatch.setenv("USER", "somebody-else")
    assert "a second person confirms" in why(run(live, *confirm))

    other = live.grant("social-care", "information-governance-lead", "other@example.invalid")
    sign_in(live, other, "social-care", ago=FRESH + timedelta(seconds=1))
    assert "--again" in why(run(live, *confirm))
    sign_in(live, other, "social-care")
    assert "keys destroyed" in run(live, *confirm).output
    (done,) = erasing.disposals(live.hub.records).erasures.values()
    assert (lead.person, other.person) == (done.asked.by.person, done.confirmed.by.person)


def test_to_whom_a_record_is_barred_does_nothing_to_it_here_and_sees_it_in_no_list(live, lead):
    """A niece's record is not hers to have erased, nor its hold to be lifted, nor is it told of."""
    child, others = uuid4(), By("cg", "caldicott-guardian", "health")
    live.hub.records.append(child, [Registered(because="first-event")])
    erasing.hold_child(live.hub.records, child, "an inquiry", others)
    erase = ("keys", "erase", str(child), "--reason", "asked for", "--authority", "UK GDPR art. 17")
    held_back = why(run(live, *erase))
    erasing.lift_hold(live.hub.records, child, "it ended", others)
    asked = uuid4()
    erasing.ask_erasure(live.hub.records, asked, child, None, "asked for", "UK GDPR art. 17", others)
    seen = run(live, "keys", "erasures").output
    bar = {"named": [lead.by("information-governance-lead")], "interest": Interest.RELATIVE}
    live.hub.gates.close(others, child, Closing.BARRED, "Her niece", **bar)
    acts = ("erase", "hold", "lift-hold")
    named = [run(live, "keys", act, str(child), *erase[3:][: 4 if act == "erase" else 2]) for act in acts]
    named.append(run(live, "retention", "approve", str(child), "--reason", "due"))
    waits = [run(live, "keys", "confirm-erasure", str(id_)) for id_ in (asked, uuid4())]

    assert "held back" in held_back
    assert str(asked) in seen
    assert [UnknownChild] * 4 == [type(result.exception) for result in named]
    assert ["no erasure of this id waits for a second person"] * 2 == [why(result) for result in waits]
    assert str(asked) not in run(live, "keys", "erasures").output
    assert erasing.disposals(live.hub.records).erasures[asked].open


@pytest.fixture
def ann(live):
    """She signed in at the command line a moment ago."""
    return sign_in(live, live.grant("police", "police-officer"), "police")


def test_the_file_is_its_owners_only_and_whoever_changes_it_is_not_signed_in(live, ann):
    path = live.hub.settings.signed_in
    assert 0o600 == path.stat().st_mode & 0o777
    assert "police-officer" == acting_as(live.hub, "police-officer").role

    body = json.loads(path.read_text())
    for name, value in {
        "practitioner": "0" * 32,
        "seen": "2999-01-01T00:00:00+00:00",
        "departures": 1,
    }.items():
        secret_file.replace(path, {**body, name: value})
        with pytest.raises(NotSignedIn, match="not made by this hub"):
            acting_as(live.hub, "police-officer")


@pytest.mark.parametrize(
    ("began", "seen"), [(IDLE, IDLE + timedelta(seconds=2)), (LONGEST, -timedelta(hours=1))], ids=str
)
def test_idle_too_long_or_of_a_clock_that_went_back_is_signed_out(live, ann, began, seen):
    now = datetime.now(UTC)
    late = ann._replace(began=now - began, seen=now - seen)
    command_line.write(live.hub.settings.signed_in, late, live.hub.records.index)

    with pytest.raises(NotSignedIn, match="has ended"):
        acting_as(live.hub, "police-officer")


def test_the_gravest_acts_want_a_sign_in_of_the_last_five_minutes(live, ann):
    assert acting_as(live.hub, "police-officer", fresh=True)
    earlier = ann._replace(authenticated=datetime.now(UTC) - FRESH - timedelta(seconds=1))
    command_line.write(live.hub.settings.signed_in, earlier, live.hub.records.index)

    assert acting_as(live.hub, "police-officer")
    with pytest.raises(NotSignedIn, match="--again"):
        acting_as(live.hub, "police-officer", fresh=True)


def test_a_provider_that_is_trusted_no_more_vouches_for_nobody(live, ann, social_care):
    from tests.identity.conftest import providers_file

    providers_file(live.hub.settings.data, social_care=social_care.issuer)

    with pytest.raises(NotSignedIn):
        acting_as(live.hub, "police-officer")


def test_signing_out_is_at_once(live, ann):
    assert 0 == run(live, "sign-out").exit_code

    with pytest.raises(NotSignedIn):
        acting_as(live.hub, "police-officer")


def test_a_demonstration_needs_no_sign_in_and_has_none(desk):
    result = CliRunner().invoke(app, ["--data", str(desk.settings.data), "sign-in"])

    assert "needs no sign-in" in str(result.exception)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("people grant nobody ann --role police-officer --reason x", "no such provider"),
        ("people grant police ann --role nobody --reason x", "no such role"),
        ("people grant police ann --role school-lead --reason x", "vouches for police only"),
        ("people withdraw 00 --role police-officer --reason x", "not an id"),
        (f"people leave {'0' * 32} --reason x", "no practitioner under this id"),
    ],
)
def test_what_cannot_be_granted_is_said_in_one_line(live, lead, words, says):
    assert says in why(run(live, *words.split()))


@pytest.mark.parametrize("reason", ["", "   "])
def test_nothing_is_granted_or_taken_back_without_a_reason(live, lead, reason):
    person = live.grant("police", "police-officer")
    for words in (
        ("grant", "police", "ben", "--role", "police-officer"),
        ("withdraw", person.person, "--role", "police-officer"),
        ("leave", person.person),
    ):
        assert "a reason is needed" in why(run(live, "people", *words, "--reason", reason))


def test_a_practitioner_who_signed_in_is_the_one_to_whom_a_child_is_allocated(live, ann):
    assert By(ann.practitioner.hex, "police-officer", "police") == acting_as(live.hub, "police-officer")


def test_a_role_of_ones_own_is_needed_for_anything(live, ann):
    (person,) = live.people.everyone()
    live.people.withdraw(person.id, "police-officer", By("x", "operator", "hub"), "moved")

    with pytest.raises(NotAllowed):
        acting_as(live.hub, "police-officer")
    assert "no role" in why(run(live, "children"))


def test_a_lead_keeps_the_evidence_of_live_data_but_what_another_role_answers_for(live, lead, tmp_path):
    live.grant("police", "police-officer")
    done = run(live, "evidence", str(tmp_path / "packs"))
    (pack,) = (tmp_path / "packs").iterdir()
    people = json.loads((pack / "people.json").read_text())

    assert (1, "glass.json: Not permitted: You may not act in this role") == (
        done.exit_code,
        done.output.splitlines()[-1],
    )
    assert {"ann@example.invalid", "lead@example.invalid"} == {one["subject"] for one in people}
    assert "of a live hub" in (pack / "index.md").read_text()
