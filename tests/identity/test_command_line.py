"""At the command line of a live hub nobody acts as a role but who signed in and was given it."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from typer.testing import CliRunner

from hub.__main__ import app
from hub.commands.acting import acting_as
from hub.confidentiality import secret_file
from hub.domain.child import By
from hub.errors import HubError, NotAllowed
from hub.identity import command_line
from hub.identity.command_line import FRESH, IDLE, LONGEST, NotSignedIn, SignedIn


def run(live, *words):
    return CliRunner().invoke(app, ["--data", str(live.hub.settings.data), *words])


def why(result):
    assert isinstance(result.exception, HubError), result.output
    return str(result.exception)


def by_browser(live, *words):
    """Run `hub sign-in` as a process of its own, and be the browser it asks for."""
    env = {**os.environ, "HUB_PUBLIC_URL": "https://hub.example"}
    command = [sys.executable, "-m", "hub", "--data", str(live.hub.settings.data), "sign-in", *words]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    try:
        running.stderr.readline()
        url = running.stderr.readline().strip()
        page = httpx.get(url, follow_redirects=True)
        out, err = running.communicate(timeout=20)
    finally:
        running.kill()
    return page, running.returncode, out, err


@pytest.mark.slow
def test_who_signed_in_acts_in_their_own_role_and_in_no_other(live):
    granted = run(
        live,
        *[
            "people",
            "grant",
            "police",
            "ann@example.invalid",
            "--role",
            "police-officer",
            "--reason",
            "joined",
        ],
    )
    assert 0 == granted.exit_code, granted.output
    assert "run 'hub sign-in'" in why(run(live, "children"))

    page, code, out, err = by_browser(live, "--provider", "police")
    assert (0, "signed in; you may act as police-officer\n") == (code, out), err
    assert "close this window" in page.text
    assert 0 == run(live, "children").exit_code
    assert "may not act" in why(run(live, "flags", "--as", "mash-coordinator"))
    assert 0 == run(live, "flags", "--as", "police-officer").exit_code
    assert "may not act" in why(run(live, "history", "00000000-0000-0000-0000-000000000001"))

    listed = json.loads(run(live, "people", "list", "--json").output)
    assert [(["police-officer"], "ann@example.invalid")] == [(p["roles"], p["subject"]) for p in listed]
    (person,) = [p["person"] for p in listed]
    assert 0 == run(live, "people", "leave", person, "--reason", "left the force").exit_code
    assert "ended" in why(run(live, "children"))
    _, code, _, err = by_browser(live, "--provider", "police")
    assert 3 == code
    assert "You have no role here" in err


@pytest.fixture
def ann(live):
    """She signed in at the command line a moment ago."""
    who, now = live.grant("police", "police-officer"), datetime.now(UTC)
    session = SignedIn(who.id, "police", 0, now, now, now)
    command_line.write(live.hub.settings.signed_in, session, live.hub.records.index)
    return session


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
def test_what_cannot_be_granted_is_said_in_one_line(live, words, says):
    assert says in why(run(live, *words.split()))


@pytest.mark.parametrize("reason", ["", "   "])
def test_nothing_is_granted_or_taken_back_without_a_reason(live, reason):
    live.grant("police", "police-officer")
    (person,) = live.people.everyone()
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
