"""What a key service unwrapped, by its own log, is laid beside what was recorded; differences are named."""

import base64
import json
from datetime import timedelta
from hashlib import sha256

import pytest

from hub.audit import desk as auditors
from hub.audit.inspection import PURPOSE
from hub.audit.unwraps import paths_of
from hub.commands.auditing import hall_of
from hub.compose import SCOPES
from hub.confidentiality.child_keys import context_of
from hub.confidentiality.vault_access import VaultAccess
from hub.domain.access import Closing, Interest
from hub.domain.child import By
from hub.errors import NotAllowed, Refused
from hub.sharing.look import Reader
from tests.events import BEN, attendance, missing
from tests.hubs import NOW, POLICE_OFFICER, Desk
from tests.sharing.test_access import LEAD

NURSE = Reader(By("hp", "health-practitioner", "health"), "section-47")
AUDITOR = Reader(By("aud", "auditor", "social-care"), PURPOSE)
PATHS = paths_of({"": VaultAccess(address="https://vault.invalid", token_file="token")}, SCOPES)
DAY = NOW + timedelta(days=1)


def call(at, scope, *keys, verb="decrypt", policy="hub-work", **more):
    """A line as OpenBao 2.7 writes it, of what is asked; HashiCorp's is documented the same."""
    items = [{"ciphertext": f"hmac-sha256:c{key}", "context": f"hmac-sha256:{key}"} for key in keys]
    return {
        "time": f"{at:%Y-%m-%dT%H:%M:%S}.445525891Z",
        "type": "request",
        "auth": {"client_token": "hmac-sha256:t", "policies": ["default", policy]},
        "request": {
            "operation": "update",
            "path": f"transit/{verb}/hub-{scope}",
            "data": {"batch_input": items},
        },
    } | more


def lines(*calls):
    return [json.dumps(said).encode() + b"\n" for said in calls]


def ann_and_ben(hub):
    return sorted(hub.records.children(), key=lambda child: -len(hub.records.child(child).entries))


@pytest.fixture
def shown(tmp_path):
    """A child's record taken in one day, and shown to somebody the next."""
    desk = Desk(tmp_path / "data")
    desk.take_in(missing(), attendance(), missing("m2", who=BEN), at=NOW)
    with desk.open(at=DAY) as hub:
        for reader in (POLICE_OFFICER, NURSE):
            hub.share.chronology(reader, ann_and_ben(hub)[0])
        yield hub


def compared(hub, *calls):
    found = auditors.unwrapped(hall_of(hub), AUDITOR, lambda: lines(*calls), PATHS)
    return found, {(one.hour.hour, one.scope): one.says for one in found.hours if one.says}


def test_what_was_recorded_accounts_for_what_was_opened_and_anything_more_is_named(shown):
    start, far = call(NOW, "house", 0, policy="hub-follow"), DAY + timedelta(hours=3)
    answered = call(DAY, "health", 9) | {"type": "response"}
    good, none = compared(
        shown, start, call(DAY, "police", 1), call(DAY, "police", 1), call(DAY, "health", 2), answered
    )
    _, many = compared(
        shown,
        start,
        call(DAY, "police", 1, 2),
        call(DAY, "health", 3),
        call(DAY, "identity", 7),
        call(far, "identity", 4, 5, policy="stolen"),
        call(far, "spine", *range(99)),
        call(far, "health", 6, error="1 error occurred: permission denied"),
    )
    _, silent = compared(shown, start, call(NOW, "health", 1), call(far, "police"))
    other, _ = compared(
        shown, start, {**start, "request": {"path": "transit/export/encryption-key/hub-health"}}
    )

    assert (False, {}) == (good.differs, none)
    assert [(1, 2, 1, ("hub-work",))] == [
        (o.shown, o.calls, o.keys, o.policies) for o in good.hours if o.scope == "police"
    ]
    assert {(DAY.hour, "police"), (far.hour, "identity"), (far.hour, "health")} == many.keys()
    assert "2 keys were asked for; what is recorded accounts for 1" == many[DAY.hour, "police"]
    assert "2 keys were asked for; what is recorded accounts for 0" == many[far.hour, "identity"]
    assert "1 times a token asked for what it may not open" == many[far.hour, "health"]
    assert {(DAY.hour, "health"), (DAY.hour, "police")} == silent.keys()
    assert "is the log whole?" in silent[DAY.hour, "health"]
    assert (True, {"export": 1}) == (other.differs, other.otherwise)


def test_how_the_hub_uses_its_keys_is_nothing_else_and_a_key_may_be_in_memory_from_the_hour_before(shown):
    start, before = call(NOW, "house", 0), DAY - timedelta(hours=1)
    read = {"path": "transit/keys/hub-health", "data": None}
    used = [call(DAY, "health", 2, verb=verb) for verb in ("encrypt", "rewrap")] + [start | {"request": read}]
    opened = [call(before, scope) for scope in ("identity", "health", "police")]
    found, differ = compared(shown, start, *used, *opened, call(DAY, "quarantine", *range(50)))
    early, _ = compared(shown, *[call(DAY - timedelta(minutes=4), s) for s in ("identity", "police")])

    assert (False, {}) == (found.differs, differ)
    assert not early.differs  # what was shown within five minutes of the log's beginning is not asked for


def test_where_the_service_says_hashes_keys_are_matched_one_by_one_and_it_is_said_whose_was_opened(shown):
    """As many keys as are accounted for, and another child's in the place of one: counts do not see it."""

    def context(child, scope):
        return base64.b64encode(context_of(child, scope, 1)).decode()

    def hashed(value):
        return f"hmac-sha256:{value}"

    ann, ben = ann_and_ben(shown)
    start, good = call(NOW, "house", 0), [call(DAY, s, context(ann, s)) for s in ("identity", "health")]
    other, strange = (
        call(DAY, "police", context(ben, "police")),
        call(DAY, "police", context(ann, "police"), "x"),
    )

    def told(*calls):
        asked = (hall_of(shown), AUDITOR, lambda: lines(start, *good, *calls), PATHS, hashed)
        return [(one.says, one.strays) for one in auditors.unwrapped(*asked).hours if one.says]

    assert {} == compared(shown, start, *good, other)[1]
    assert [] == told(call(DAY, "police", context(ann, "police")))
    assert [("1 keys were asked for of whom nothing was recorded", (ben,))] == told(other)
    assert [("1 keys were asked for of whom nothing was recorded, 1 of nobody here", ())] == told(strange)
    shown.gates.close(LEAD, ben, Closing.BARRED, "His aunt", named=[AUDITOR.by], interest=Interest.RELATIVE)
    later = call(DAY + timedelta(hours=3), "police", context(ben, "police"))
    assert [("1 keys were asked for of whom nothing was recorded", ())] == told(later)[-1:]


def test_it_is_told_to_auditors_alone_recorded_first_and_says_nothing_of_a_child(shown):
    found, _ = compared(
        shown, call(DAY, "police", 1), {"time": "yesterday", "type": "request", "request": {}}
    )
    with pytest.raises(NotAllowed):
        auditors.unwrapped(hall_of(shown), NURSE, lambda: lines(call(DAY, "police", 1)), PATHS)
    with pytest.raises(Refused, match="no line of this"):
        auditors.unwrapped(hall_of(shown), AUDITOR, lambda: [b"not json\n"], PATHS)
    with pytest.raises(Refused, match="in a file here"):
        paths_of({}, SCOPES)

    assert (2, 1) == (found.lines, found.unreadable)
    assert ["unwrapped"] == [told.question for told in auditors.inspections(hall_of(shown), AUDITOR)]
    assert shown.records.children()[0].hex not in str(found)


def asked_as(said, **request):
    """A line of the log with other words in what is asked."""
    return said | {"request": said["request"] | request}


def test_a_log_is_named_by_the_digest_of_all_of_it_and_a_line_with_nothing_in_it_is_none(shown):
    log = [*lines(call(DAY, "police", 1)), b"\n", b"  \n", b"not json\n"]
    found = auditors.unwrapped(hall_of(shown), AUDITOR, lambda: log, PATHS)

    assert sha256(b"".join(log)).hexdigest() == found.log
    assert (2, 1) == (found.lines, found.unreadable)


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        ({"ciphertext": "c", "context": "x"}, 1),  # one alone, not in a batch
        ({"batch_input": "hmac-sha256:whole"}, 1),  # a service set up to hash what is in a batch, too
        ({"batch_input": ["hmac-sha256:a", "hmac-sha256:b", "hmac-sha256:a"]}, 2),
        ({"batch_input": [{"context": "x"}, {"context": "y"}]}, 2),
        ({}, 1),
        (None, 1),
    ],
)
def test_however_a_service_writes_what_it_was_asked_each_key_is_counted_once(shown, data, keys):
    found, _ = compared(shown, call(NOW, "house", 0), asked_as(call(DAY, "police"), data=data))

    assert [(1, keys)] == [(one.calls, one.keys) for one in found.hours if one.scope == "police"]


def test_what_was_asked_without_a_token_or_elsewhere_in_the_service_is_read(shown):
    without = call(DAY, "police", 1) | {"auth": None}
    elsewhere = [asked_as(without, path=path) for path in ("kv/hub-health", "kv/data/hub-health", "sys/seal")]
    found, _ = compared(shown, call(NOW, "house", 0), without, *elsewhere)

    assert [(1, ())] == [(one.calls, one.policies) for one in found.hours if one.scope == "police"]
    assert {} == found.otherwise


def test_a_key_that_the_hub_has_elsewhere_now_is_asked_for_where_it_was_by_nobody_of_the_hubs(shown):
    """A scope that was given a key service of its own: who unwraps under the old key has an old copy."""
    here = VaultAccess(address="https://vault.invalid", token_file="token")
    own = VaultAccess(address="https://police.invalid", token_file="token", mount="police")
    paths = paths_of({"": here, "police": own}, SCOPES)
    old, new = (
        asked_as(call(DAY, "police", 1), path=f"{at}/decrypt/hub-police") for at in ("transit", "police")
    )
    found = auditors.unwrapped(hall_of(shown), AUDITOR, lambda: lines(old, new), paths)

    assert {"police/decrypt/hub-police": "police"} == paths_of({"police": own}, SCOPES)
    assert {"decrypt": 1} == found.otherwise
    assert [(1, 1)] == [(one.calls, one.keys) for one in found.hours if one.scope == "police"]


TEN = DAY.replace(hour=10)
AN_HOUR, FIVE, A_SECOND = timedelta(hours=1), timedelta(minutes=5), timedelta(seconds=1)


@pytest.fixture
def shown_at(tmp_path):
    """Show a child to the police at a moment, and tell what is found of a log with these calls."""
    desk = Desk(tmp_path / "data")
    desk.take_in(missing(), at=NOW)
    with desk.open(at=DAY) as hub:

        def found(at, *calls):
            hub.records.clock = lambda: at
            (ann,) = hub.records.children()
            hub.share.chronology(POLICE_OFFICER, ann)
            asked = (hall_of(hub), AUDITOR, lambda: lines(*calls), PATHS)
            return {one.hour: one for one in auditors.unwrapped(*asked).hours if one.scope == "police"}

        yield found


@pytest.mark.parametrize(
    ("at", "asked", "accounted"),
    [
        (TEN + FIVE - A_SECOND, TEN - A_SECOND, 1),  # a key may be asked for before what it is for stands
        (TEN + FIVE, TEN - A_SECOND, 0),
        (TEN - FIVE, TEN, 1),  # or after, where clocks differ
        (TEN - FIVE - A_SECOND, TEN, 0),
    ],
)
def test_a_key_is_accounted_for_by_what_was_recorded_within_five_minutes_of_its_hour(
    shown_at, at, asked, accounted
):
    all_day = call(TEN - 2 * AN_HOUR, "house", 0), call(TEN + 2 * AN_HOUR, "house", 0)
    found = shown_at(at, all_day[0], call(asked, "police", 1), all_day[1])

    assert accounted == found[asked.replace(minute=0, second=0)].accounted


@pytest.mark.parametrize(
    ("at", "asked", "accounted"),
    [
        (TEN, TEN + FIVE, 1),  # a log of one moment: what was recorded five minutes before it, or after
        (TEN - A_SECOND, TEN - A_SECOND + FIVE + A_SECOND, 0),
        (TEN + FIVE, TEN, 1),
        (TEN + FIVE + A_SECOND, TEN, 0),
    ],
)
def test_what_was_recorded_long_before_a_log_begins_or_after_it_ends_accounts_for_nothing_in_it(
    shown_at, at, asked, accounted
):
    found = shown_at(at, call(asked, "police", 1))

    assert accounted == found[TEN].accounted


@pytest.mark.parametrize(("begins", "shown"), [(TEN, 1), (TEN + A_SECOND, 0)])
def test_what_was_shown_just_after_a_log_begins_may_have_had_its_keys_in_memory(shown_at, begins, shown):
    found = shown_at(
        TEN + FIVE, call(begins, "house", 0), call(TEN + 3 * AN_HOUR, "police", 1), call(DAY, "spine")
    )
    assert 1 == found[TEN].shown  # the log begins at nine

    later = shown_at(TEN + FIVE, call(begins, "house", 0), call(TEN + 3 * AN_HOUR, "police", 1))
    assert 2 * shown == (later[TEN].shown if TEN in later else 0)


def test_as_many_calls_in_one_hour_as_in_the_one_before_are_calls(shown_at):
    found = shown_at(
        TEN + FIVE, *(call(TEN - AN_HOUR * at, "police", 1) for at in (1, 0)), call(TEN, "house")
    )

    assert (1, 1, "") == (found[TEN].shown, found[TEN].calls, found[TEN].says)
