"""What several readers look at together is what the least of them may read, and who the child is no more."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec

from hub.sharing.least import least_of
from hub.sharing.view import Dispute, Gap, Restriction, SharedChronology, ShownEntry, Withheld
from schemas.scope import Scope
from tests.sharing.situations import POLICY

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
RAW = msgspec.Raw(b"{}")
WHO = {"name": {"given": "Ann"}, "postcode": "AB1", "address": "a street"}


def line(type_, agency, *scopes, ending=()):
    return ShownEntry(
        UUID(int=1),
        agency,
        type_,
        AT,
        "minute",
        AT,
        RAW,
        dict.fromkeys(scopes, RAW),
        ending=dict.fromkeys(ending, RAW),
        withheld=(Withheld("informant", agency, "somebody"),),
    )


CARE = line("social-care.contact.v1", "social-care", "social-care", "third-party")
SCHOOL = line(
    "schools.concern-logged.v1",
    "schools",
    "education",
    "identity",
    "informant",
    ending=("education", "informant"),
)
STRENGTH = line("schools.strength-noted.v1", "schools", "education")
SHARED = SharedChronology(
    UUID(int=2),
    "social-worker",
    "section-47",
    "",
    "",
    AT,
    WHO,
    (Gap(AT, "police", "x"), CARE, SCHOOL, STRENGTH),
)


def test_for_no_role_it_is_what_the_reader_is_shown():
    assert SHARED is least_of(SHARED, POLICY, [])


def test_of_each_line_the_scopes_that_every_role_reads_are_left_and_nobody_is_named_to_ring():
    lines = least_of(SHARED, POLICY, ["social-worker", "school-lead"]).lines

    assert ["schools", "schools"] == [line.agency for line in lines]
    assert [{"education", "identity"}, {"education"}] == [set(line.fields) for line in lines]
    assert [{"education"}, set()] == [set(line.ending) for line in lines]
    assert [(), ()] == [line.withheld for line in lines]


def test_who_and_where_the_child_is_stands_where_every_role_may_read_it():
    def who(*without):
        row = POLICY.roles["school-lead"]
        row = row.model_copy(
            update={"reads": (row.reads | {Scope.IDENTITY, Scope.WHEREABOUTS}) - set(without)}
        )
        policy = POLICY.model_copy(update={"roles": {**POLICY.roles, "school-lead": row}})
        return least_of(SHARED, policy, ["school-lead"]).who

    assert WHO == who()
    assert {"name": {"given": "Ann"}} == who("whereabouts")
    assert {} == who("identity") == who("identity", "whereabouts")


def test_why_an_entry_is_marked_stays_only_where_they_all_read_what_that_agency_writes():
    said = {
        "dispute": Dispute(AT, "police", "words"),
        "restriction": Restriction(AT, "x", "schools", "", "words"),
    }
    marked = msgspec.structs.replace(SCHOOL, **said)
    shared = msgspec.structs.replace(SHARED, lines=(marked,))
    (found,) = least_of(shared, POLICY, ["social-worker", "school-lead"]).lines

    assert ("", "words") == (found.dispute.reason, found.restriction.reason)
