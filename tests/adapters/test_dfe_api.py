# ruff: noqa: E501 — a line of a drawn table or of mark-up stands whole
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.format import Untranslatable
from adapters.social_care.dfe_api import FORMAT
from schemas.case_event import Identifier, Withdrawal, WithdrawalReason
from schemas.social_care import Assessment, LookedAfter, Plan, Referral
from schemas.vocabulary import Agency, Precision
from tests.adapters.drawn import counted, drawn, events, findings, said, sender, table
from tests.adapters.hostile import mutations, survives

SAMPLE = FORMAT.sample.read_bytes()
WORDS = ("Willow", "Marchbank", "TS-20417", "SYS-77120", "N999000001001", "TE5 7ST", "W-88")


def child(**changes: object) -> bytes:
    return json.dumps({"la_child_id": "TS-1", **changes}, indent=1).encode()


def episode(**changes: object) -> bytes:
    return child(
        social_care_episodes=[{"social_care_episode_id": "E1", "referral_date": "2026-01-05", **changes}]
    )


def test_the_sample_says_every_dated_thing_in_the_order_of_the_record() -> None:
    assert drawn(said(FORMAT, SAMPLE)) == table("""
        2026-08-12 assessment kind=other stage=completed
        2026-06-15 referral source_agency=police
        2026-06-16 allocation ongoing
        2026-06-17 assessment kind=child-and-family stage=started
        2026-08-05 assessment kind=child-and-family stage=completed factors=3B+10A
        2026-06-24 plan ongoing kind=cin-plan stage=started
        2026-06-24..2026-07-10 plan kind=cin-plan stage=ended
        2026-06-26 section-47 stage=started
        2026-07-07 section-47 stage=completed outcome=conference-required
        2026-07-10 conference kind=initial
        2026-11-23 withdrawal
        2026-07-10 plan ongoing kind=cp-plan stage=started
        2026-08-01 looked-after ongoing reason_code=S
        2026-09-03 placement-moved reason_code=CARPL
        2026-08-01..2026-10-20 looked-after reason_code=E4A
        refused document/Children/0/social_care_episodes/0/care_leavers unused-branch care_leavers
        2025-02-03 referral source_agency=schools outcome=no-further-action
        2025-02-10 closed reason_code=RC8
    """)


def test_the_child_is_who_the_record_says() -> None:
    referral = next(e for e in events(said(FORMAT, SAMPLE)) if isinstance(e, Referral))

    assert referral.identifiers == (
        Identifier("social-care:999", "TS-20417"),
        Identifier("upn", "N999000001001"),
        Identifier("social-care-system:999", "SYS-77120"),
    )
    assert referral.name is not None
    assert (referral.name.given, referral.name.family) == ("Willow", "Marchbank")
    assert referral.age == 14
    assert referral.postcode == "TE5 7ST"
    assert referral.precision == Precision.DAY
    assert referral.occurred_at.isoformat() == "2026-06-15T00:00:00+01:00"
    assert referral.characteristics is not None
    assert referral.characteristics.disabled is False
    assert referral.agency == Agency.SOCIAL_CARE
    assert referral.source is not None
    assert referral.source.place == "document/Children/0/social_care_episodes/0"


def test_no_source_id_holds_an_identifier_of_the_child() -> None:
    assert not [
        e for e in events(said(FORMAT, SAMPLE)) if any(word in e.source_event_id for word in WORDS[:4])
    ]


def test_the_same_file_twice_says_the_same() -> None:
    assert said(FORMAT, SAMPLE) == said(FORMAT, SAMPLE)


def test_a_plan_that_ends_later_says_its_start_again_unchanged_and_completes_it() -> None:
    plan = {"child_protection_plan_id": "CP1", "start_date": "2026-02-01"}
    first = events(said(FORMAT, episode(child_protection_plans=[plan])))
    later = events(said(FORMAT, episode(child_protection_plans=[{**plan, "end_date": "2026-05-01"}])))
    (open_plan,) = (e for e in first if isinstance(e, Plan))
    restated, ended = (e for e in later if isinstance(e, Plan))

    assert open_plan.ongoing
    assert restated.model_dump(exclude={"source"}) == open_plan.model_dump(exclude={"source"})
    assert ended.completes == open_plan.source_event_id
    assert ended.ended_at is not None
    assert ended.ended_at.date().isoformat() == "2026-05-01"


def test_leaving_care_completes_the_stay_that_the_first_placement_began() -> None:
    began, left = (e for e in events(said(FORMAT, SAMPLE)) if isinstance(e, LookedAfter))

    assert left.completes == began.source_event_id
    assert left.occurred_at == began.occurred_at


def test_leaving_care_without_a_start_is_named() -> None:
    placement = {
        "child_looked_after_placement_id": "P",
        "start_date": "2026-02-01",
        "start_reason": "P",
        "end_date": "2026-03-01",
        "end_reason": "E8",
    }

    assert drawn(said(FORMAT, episode(child_looked_after_placements=[placement]))) == table("""
        2026-01-05 referral
        2026-02-01 placement-moved reason_code=P
        refused document/social_care_episodes/0/child_looked_after_placements/0 no-start-of-care end_reason
    """)


def test_a_change_of_legal_status_alone_is_no_move() -> None:
    placement = {"child_looked_after_placement_id": "P", "start_date": "2026-02-01", "start_reason": "L"}

    assert "refused document/social_care_episodes/0/child_looked_after_placements/0 no-move-in-it" in drawn(
        said(FORMAT, episode(child_looked_after_placements=[placement]))
    )


def test_a_strengths_and_difficulties_score_is_kept_in_words() -> None:
    score = next(e for e in events(said(FORMAT, SAMPLE)) if isinstance(e, Assessment))

    assert score.analysis == "Strengths and Difficulties Questionnaire, score 19"


def test_a_purged_branch_withdraws_what_it_said_under_the_same_id() -> None:
    plan = {"child_in_need_plan_id": "C1", "start_date": "2026-02-01", "end_date": "2026-03-01"}
    before = events(said(FORMAT, episode(child_in_need_plans=[plan])))[1:]
    after = events(said(FORMAT, episode(child_in_need_plans=[{**plan, "purge": True}])))[1:]

    assert [e.source_event_id for e in before] == [e.target for e in after]
    assert all(isinstance(e, Withdrawal) and e.reason == WithdrawalReason.PURGED_AT_SOURCE for e in after)


def test_a_purged_branch_is_withdrawn_however_wrong_the_rest_of_it_is() -> None:
    plan = {"child_in_need_plan_id": "C1", "start_date": 7, "end_date": "never", "purge": "perhaps"}

    assert drawn(said(FORMAT, episode(child_in_need_plans=[plan]))) == table("""
        2026-01-05 referral
        2026-11-23 withdrawal
        2026-11-23 withdrawal
    """)


@pytest.mark.parametrize("where", ["child", "episode"])
def test_a_purge_above_withdraws_everything_below(where: str) -> None:
    document = json.loads(SAMPLE)
    record = document["Children"][0]
    spoken = [e for e in events(said(FORMAT, SAMPLE)) if not isinstance(e, Withdrawal)]
    if where == "child":
        record["purge"] = True
    else:
        record["social_care_episodes"][0]["purge"] = True
        spoken = [e for e in spoken if e.source is not None and "/social_care_episodes/0" in e.source.place]
    withdrawn = {e.target for e in events(said(FORMAT, json.dumps(document).encode()))}

    assert {e.source_event_id for e in spoken} <= withdrawn


@pytest.mark.parametrize("record", [{"purge": True}, {"health_and_wellbeing": {"purge": True}}])
def test_a_purge_that_names_nothing_to_take_back_is_refused_and_never_silent(
    record: dict[str, object],
) -> None:
    assert "purge-names-no-record" in {f.code for f in findings(said(FORMAT, child(**record)))}


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (
            {"referral_date": "2027-01-01"},
            "refused document/social_care_episodes/0 future-date referral_date",
        ),
        (
            {"referral_date": "1989-12-31"},
            "refused document/social_care_episodes/0 implausible-date referral_date",
        ),
        ({"referral_date": "2026-02-30"}, "refused document/social_care_episodes/0 not-a-date referral_date"),
        ({"referral_date": None}, "refused document/social_care_episodes/0 no-date referral_date"),
        ({"referral_date": ["x"]}, "refused document/social_care_episodes/0 not-text referral_date"),
        ({"social_care_episode_id": ""}, "refused document/social_care_episodes/0 no-natural-key"),
        ({"social_care_episode_id": "x" * 400}, "refused document/social_care_episodes/0 key-too-long"),
        ({"referral_source": "ZZ"}, "warning document/social_care_episodes/0 unknown-code referral_source"),
        (
            {"referral_no_further_action_flag": "no"},
            "refused document/social_care_episodes/0 not-true-or-false referral_no_further_action_flag",
        ),
        (
            {"child_in_need_plans": {}},
            "refused document/social_care_episodes/0 not-a-list child_in_need_plans",
        ),
        (
            {"child_in_need_plans": ["plan"]},
            "refused document/social_care_episodes/0/child_in_need_plans not-an-object child_in_need_plans",
        ),
    ],
)
def test_what_is_wrong_is_named_by_place_and_field(record: dict[str, object], line: str) -> None:
    assert line in drawn(said(FORMAT, episode(**record))).splitlines()


def test_an_assessment_authorised_before_it_started_keeps_its_start_only() -> None:
    wrong = {
        "child_and_family_assessment_id": "A",
        "start_date": "2026-03-01",
        "authorisation_date": "2026-02-01",
    }

    assert drawn(said(FORMAT, episode(child_and_family_assessments=[wrong]))) == table("""
        2026-01-05 referral
        2026-03-01 assessment kind=child-and-family stage=started
        refused document/social_care_episodes/0/child_and_family_assessments/0 ends-before-it-starts authorisation_date
    """)


def test_nothing_happened_300_days_before_birth() -> None:
    record = child(
        child_details={"date_of_birth": "2026-01-01"},
        social_care_episodes=[
            {"social_care_episode_id": "A", "referral_date": "2025-03-08"},
            {"social_care_episode_id": "B", "referral_date": "2025-03-07"},
        ],
    )

    assert drawn(said(FORMAT, record)) == table("""
        2025-03-08 referral
        refused document/social_care_episodes/1 before-birth referral_date
    """)


def test_wrong_details_of_the_child_are_left_out_and_spoil_no_event() -> None:
    details = {
        "unique_pupil_number": "A999000001001",
        "surname": 3,
        "date_of_birth": "2031-01-01",
        "postcode": "x" * 13,
    }
    things = said(
        FORMAT,
        child(
            child_details=details,
            social_care_episodes=[{"social_care_episode_id": "E", "referral_date": "2026-01-05"}],
        ),
    )

    assert drawn(things) == table("""
        warning document/child_details future-date date_of_birth
        warning document/child_details cin:1510 unique_pupil_number
        warning document/child_details not-text surname
        warning document/child_details too-long postcode
        2026-01-05 referral
    """)
    assert events(things)[0].identifiers == (Identifier("social-care:testshire", "TS-1"),)


def test_an_id_used_twice_is_refused_the_second_time() -> None:
    twice = {"social_care_episode_id": "E", "referral_date": "2026-01-05"}

    assert counted(said(FORMAT, child(social_care_episodes=[twice, twice]))) == {
        "referral": 1,
        "refused repeated-key": 1,
    }


@pytest.mark.parametrize("layout", ["array", "lines", "wrapped-one"])
def test_many_children_may_come_as_an_array_or_a_child_a_line(layout: str) -> None:
    children = [
        {
            "la_child_id": f"C{n}",
            "social_care_episodes": [{"social_care_episode_id": "E", "referral_date": "2026-01-05"}],
        }
        for n in range(3)
    ]
    if layout == "array":
        raw = json.dumps(children).encode()
    elif layout == "lines":
        raw = b"\n".join(json.dumps(one).encode() for one in children)
    else:
        children = children[:1]
        raw = json.dumps({"la_code": 999, "Children": children[0]}).encode()

    assert counted(said(FORMAT, raw)) == {"referral": len(children)}


def test_one_bad_line_does_not_spoil_the_others() -> None:
    good = json.dumps(json.loads(episode())).encode()
    raw = b'{"la_child_id": "TS-0"}\nnot json\n' + good + b'\n{"la_child_id": 5}\n[]\n'

    assert drawn(said(FORMAT, raw)) == table("""
        refused line 2 not-json
        2026-01-05 referral
        refused line 4 not-text la_child_id
        refused line 5 not-an-object
    """)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty-file"),
        (SAMPLE[:200], "not-json"),
        (b"\xff\xfe{\x00}\x00", "not-utf-8"),
        (b'{"la_child_id": NaN}', None),
        (b'"text"', "not-an-object"),
        (b"[" * 100_000, "not-json"),
    ],
)
def test_a_file_that_is_no_json_is_refused_whole(raw: bytes, code: str | None) -> None:
    if code is None:
        assert findings(said(FORMAT, raw))[0].refused
        return
    with pytest.raises(Untranslatable) as refused:
        said(FORMAT, raw)

    assert refused.value.finding.code == code


def test_the_departments_own_example_is_taken_in_whole(shared_data: Path) -> None:
    raw = (shared_data / "dfe-csc-api" / "sample_child_record.json").read_bytes()

    assert counted(said(FORMAT, raw)) == {
        "warning cin:1510 unique_pupil_number": 1,
        "warning cin:1510 former_unique_pupil_number": 1,
        "referral": 1,
        "closed": 1,
        "assessment": 3,
        "plan": 4,
        "section-47": 2,
        "conference": 1,
        "looked-after": 2,
        "allocation": 2,
        "refused unused-branch adoption": 1,
        "refused unused-branch care_leavers": 1,
    }


def test_the_departments_own_example_with_purge_is_all_withdrawn(shared_data: Path) -> None:
    raw = (shared_data / "dfe-csc-api" / "sample_child_record.json").read_bytes()
    purged = json.loads(raw) | {"purge": True}
    spoken = {e.source_event_id for e in events(said(FORMAT, raw))}

    assert spoken == {e.target for e in events(said(FORMAT, json.dumps(purged).encode()))}


@given(data=st.data())
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
def test_no_mutation_of_the_sample_is_raised_or_repeated(data: st.DataObject) -> None:
    survives(FORMAT, data.draw(mutations(SAMPLE)), sender(), WORDS)
