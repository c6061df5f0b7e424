"""PERMIT, DENY, REVIEW: what agreements and dates add to the table; and what changes between two policies."""

from collections import Counter
from datetime import UTC, date, datetime
from itertools import product

import pytest

from hub.errors import UnknownChild
from hub.sharing.agreements import SHIPPED, AgreementsInvalid, agreements_in
from hub.sharing.decision import Ruling, decide
from hub.sharing.policy import Situation, Tier, load, read
from hub.sharing.policy_changes import changes
from schemas.scope import Scope
from schemas.vocabulary import Agency
from tests.events import attendance, missing
from tests.hubs import NOW, POLICE_OFFICER, SOCIAL_WORKER
from tests.sharing.situations import POLICY

MOMENT = datetime(2026, 11, 25, 12, tzinfo=UTC)


def asked(role, purpose, scope, provider, related=True, moment=MOMENT, policy=POLICY, **more):
    return decide(policy, Situation(role, purpose, scope, related, **more), provider, moment)


def ending(day, *ids):
    """The policy with these agreements ending on a day."""
    agreed = tuple(a.model_copy(update={"end_date": day}) if a.id in ids else a for a in POLICY.agreements)
    return POLICY.model_copy(update={"agreements": agreed})


@pytest.mark.parametrize(
    ("role", "purpose", "scope", "provider", "related", "ruling", "tier", "agreement"),
    [
        ("social-worker", "section-47", "health", "health", True, "permit", "read", "section-47-duty"),
        ("social-worker", "section-17", "health", "health", True, "permit", "read", "mash-2024"),
        ("social-worker", "section-47", "social-care", "social-care", True, "permit", "read", ""),
        (
            "social-worker",
            "section-47",
            "health-confidential",
            "health",
            True,
            "review",
            "knows",
            "section-47-duty",
        ),
        ("social-worker", "section-47", "health", "health", False, "review", "nothing", ""),
        ("social-worker", "section-47", "informant", "police", False, "deny", "nothing", ""),
        ("social-worker", "investigation", "health", "health", True, "deny", "nothing", ""),
        ("named-doctor", "direct-care", "police", "police", True, "review", "nothing", ""),
        ("police-officer", "investigation", "health", "health", True, "review", "knows", "crime-2023"),
        ("police-officer", "investigation", "police", "probation", True, "permit", "read", "crime-2023"),
        ("stranger", "section-47", "health", "health", True, "deny", "nothing", ""),
    ],
)
def test_policy_and_agreement_decide_together(
    role, purpose, scope, provider, related, ruling, tier, agreement
):
    found = asked(role, purpose, scope, provider, related)

    assert (ruling, tier, agreement) == (found.ruling, found.tier, found.agreement)
    assert found.reason


def test_an_agreement_that_has_lapsed_denies_and_says_which():
    policy = ending(date(2026, 11, 24), "section-47-duty")
    found = asked("social-worker", "section-47", "health", "health", policy=policy)

    assert (Ruling.DENY, Tier.NOTHING) == (found.ruling, found.tier)
    assert "section-47-duty is not in force" in found.reason


def test_a_policy_past_its_day_denies_everything():
    stale = {
        asked(role, purpose, scope.value, agency.value, moment=datetime(2037, 1, 1, 12, tzinfo=UTC)).ruling
        for role, purpose, scope, agency in product(POLICY.roles, POLICY.purposes, Scope, Agency)
    }

    assert {Ruling.DENY} == stale


def test_how_many_of_all_sharings_are_permitted_denied_and_for_review(golden):
    counted = Counter(
        asked(role, purpose, scope.value, agency.value, related=related).ruling.value
        for role, purpose, scope, agency, related in product(
            POLICY.roles, POLICY.purposes, Scope, Agency, (False, True)
        )
    )

    golden("policy-decisions.txt", "".join(f"{name:<8} {n}\n" for name, n in sorted(counted.items())))


def test_what_no_agreement_covers_is_not_shown_though_the_table_has_it(desk, tmp_path):
    desk.take_in(missing(), attendance(day=1), at=NOW)
    file = tmp_path / "agreements.toml"
    file.write_text("")
    with desk.open(at=NOW) as hub:
        (child,) = hub.records.children()
        hub.records.append(child, [allocated(SOCIAL_WORKER.by)])
        covered = hub.share.chronology(SOCIAL_WORKER, child)
    desk.settings = desk.settings.model_copy(update={"agreements": file})
    with desk.open(at=NOW) as hub:
        own = hub.share.chronology(POLICE_OFFICER, child)
        uncovered = hub.share.chronology(SOCIAL_WORKER, child)

    assert ["police", "health"] == [line.agency for line in covered.lines]
    assert ["police"] == [line.agency for line in own.lines]
    assert () == uncovered.lines
    assert {} == uncovered.who


def test_nothing_is_shown_once_the_policy_is_past_its_day(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=datetime(2037, 1, 2, tzinfo=UTC)) as hub, pytest.raises(Exception, match="holds from"):
        hub.share.chronology(POLICE_OFFICER, hub.records.children()[0])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda t: t.replace('agency = "police"', 'agency = "polis"', 1), "agency"),
        (lambda t: t.replace("end-date   = 2036", "end-date   = 2019", 1), "ends before it begins"),
        (lambda t: t.replace('"mash-2024"', '"care-2022"', 1), "one identifier"),
        (lambda t: t.replace("contact ", "kontact ", 1), "agreement|contact"),
        (lambda t: t.replace("[[agreement]]", "[[agreement", 1), "Expected|line"),
        (lambda t: "other = 1\n" + t, "agreements alone"),
    ],
)
def test_a_file_of_agreements_that_is_not_one_is_refused_and_says_where(spoil, says):
    text = SHIPPED.read_text()

    assert text != spoil(text)
    with pytest.raises(AgreementsInvalid, match=says):
        agreements_in(spoil(text).encode())


def test_an_agreement_has_every_field_the_national_draft_asks_for():
    for agreement in agreements_in(SHIPPED.read_bytes()):
        said = agreement.model_dump(by_alias=True)

        assert all(said[name] for name in ("uri", "name", "contact", "data", "purposes", "permitted-use"))
        assert said["identifier"]["system"]
        assert all(party["catalogue-ids"] for party in said["parties"])
        assert said["start-date"] <= said["end-date"]


def changed(*replacements, agreements=None):
    text = SHIPPED_POLICY
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return read((text.encode(), agreements or POLICY.texts[1]))


SHIPPED_POLICY = POLICY.texts[0].decode()


def test_a_policy_compared_with_itself_changes_nothing():
    assert [] == changes(POLICY, load())


@pytest.mark.parametrize(
    ("old", "new", "about", "widens"),
    [
        (
            '["identity", "education"]\nknows   = ["social-care"]',
            '["identity", "education", "social-care"]\nknows   = []',
            "school-lead/social-care",
            True,
        ),
        (
            '"social-care.return-interview.v1" = "nothing"',
            '"social-care.return-interview.v1" = "knows"',
            "school-lead/social-care.return-interview.v1",
            True,
        ),
        ("hours   = 4", "hours   = 8", "break-glass: hours", True),
        ("hours   = 4", "hours   = 2", "break-glass: hours", False),
        ("agency-months = 24", "agency-months = 12", "relationship: agency months", False),
        ("until       = 2036-12-31", "until       = 2037-12-31", "validity: until", True),
        (
            "[restriction]",
            '[restriction]\ndirect-care = "consent"',
            "restricted entries read for direct-care",
            True,
        ),
        (
            'for     = ["direct-care", "section-47"]',
            'for     = ["section-47"]',
            "health-practitioner for direct-care",
            False,
        ),
        (
            'roles   = ["social-worker", "police-officer",',
            'roles   = ["social-worker", "school-lead",',
            "break-glass: roles",
            True,
        ),
        (
            'direct-care      = "Care of the child',
            'direct-care      = "Care of a child',
            "lawful basis of direct-care",
            False,
        ),
        ("[roles.operator]", "[roles.engineer]", "role engineer", True),
    ],
)
def test_a_difference_says_for_whom_and_whether_it_is_more(old, new, about, widens):
    found = {change.about: change.widens for change in changes(POLICY, changed((old, new)))}

    assert widens == found[about]


def test_an_agreement_that_is_dropped_or_changed_is_told():
    text = POLICY.texts[1].decode().replace("end-date   = 2036-12-31", "end-date   = 2030-01-01", 1)
    (change,) = changes(POLICY, changed(agreements=text.encode()))
    dropped = POLICY.model_copy(update={"agreements": POLICY.agreements[1:]})

    assert "agreement section-47-duty" == change.about
    assert [("agreement section-47-duty", False)] == [(c.about, c.widens) for c in changes(POLICY, dropped)]


def allocated(by):
    from hub.domain.child import PractitionerAllocated

    return PractitionerAllocated(practitioner=by, until=None, by=by)


def test_who_has_no_relationship_meets_the_same_unknown_child(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub, pytest.raises(UnknownChild):
        hub.share.chronology(SOCIAL_WORKER, hub.records.children()[0])
