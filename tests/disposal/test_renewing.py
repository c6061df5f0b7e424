"""A child's keys made anew on suspicion: what is sealed next is under them, and all that was sealed opens."""

import pytest

from hub.audit.history import history_of
from hub.confidentiality.sealing import generation_of
from hub.disposal.renewing import renew
from hub.domain.by import By
from hub.domain.child import KeysRenewed
from hub.errors import Refused
from tests.events import concern, missing
from tests.hubs import NOW, POLICE_OFFICER, Desk, only_child
from tests.intake.test_matching import said_to_be_one, who
from tests.journeys.commands import hub as command

BY = By("op", "operator", "hub")
WHY = "A laptop with a copy of the window's memory was lost"


def generations(hub, child, scope="police"):
    kept = hub.records.child(child).entries.values()
    return [generation_of(e.sealed) for k in kept for e in k.entry.envelopes if e.scope == scope]


def test_what_comes_after_a_renewal_is_sealed_under_a_new_key_and_all_is_read(desk):
    desk.take_in(missing(found_where="By the river"), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only_child(hub)
        done = renew(hub.records, child, (), WHY, BY)
        live = {(k.scope, k.generation) for k in hub.keys.standing(child)}
        renewed = {scope for scope, generation in live if generation == 2}
    desk.take_in(missing("later", 2, found_where="By the sea"), at=NOW)
    with desk.open(at=NOW) as hub:
        shown = hub.share.chronology(POLICE_OFFICER, child).lines
        (told,) = (line for line in history_of(hub.records, child) if line.what == "keys-renewed")

        assert {1, 2} == set(generations(hub, child))
        assert {"identity", "police", "spine"} <= renewed == {scope for scope, _ in live}
        assert done >= len(renewed)
        assert all("police" in line.fields for line in shown)
        assert ("police" in told.detail, "op (operator, hub)" in told.detail) == (True, True)
        assert WHY not in told.detail


def test_only_the_named_scope_is_renewed_and_what_cannot_be_is_refused(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only_child(hub)
        renew(hub.records, child, ("police",), WHY, BY)

        assert {"police"} == {k.scope for k in hub.keys.standing(child) if k.generation == 2}
        for scopes, reason in ((("health-confidential",), WHY), ((), " ")):
            before = hub.records.child(child).version
            with pytest.raises(Refused):
                renew(hub.records, child, scopes, reason, BY)
            assert before == hub.records.child(child).version


def test_of_two_records_of_a_child_the_one_whose_key_lives_says_it_was_renewed(desk):
    desk.take_in(missing(who=who("A1")), concern(who=who("B2")), at=NOW)
    with desk.open(at=NOW) as hub:
        asked, ann = said_to_be_one(hub, BY)
        other = asked.opened.provisional
        hub.keys.destroy(other, ("police",))
        done = renew(hub.records, ann, ("police",), WHY, BY)
        said = [
            [event.body for event in hub.records.history(record) if isinstance(event.body, KeysRenewed)]
            for record in (ann, other)
        ]

    assert 1 == done
    assert [[KeysRenewed(scopes=("police",), reason=WHY, by=BY)], []] == said


def test_a_destroyed_key_is_not_made_anew(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only_child(hub)
        hub.keys.destroy(child, ("police",))
        renew(hub.records, child, (), WHY, BY)

        assert [True] == [k.destroyed_at > 0 for k in hub.keys.standing(child) if k.scope == "police"]
        with pytest.raises(Refused):
            renew(hub.records, child, ("police",), WHY, BY)


def test_it_is_typed_with_a_reason(tmp_path, monkeypatch, capsys):
    desk = Desk(tmp_path / "hub")
    desk.take_in(missing())
    with desk.open() as hub:
        child = str(only_child(hub))

    def typed(*words):
        return command(monkeypatch, capsys, "keys", "renew", child, *words, data=desk.settings.data)

    done = typed("--scope", "police", "--reason", WHY)
    unsaid = typed("--scope", "police")
    unknown = typed("--scope", "nothing", "--reason", WHY)

    assert (0, 2, 1) == (done.code, unsaid.code, unknown.code)
    assert "1 data keys are renewed; other processes seal with them within 5 minutes\n" == done.out
    assert "no such scope" in unknown.err
