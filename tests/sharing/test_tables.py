"""The two files of the policy, field by field: every bound on both sides, every way of not being complete."""

import tomllib
from copy import deepcopy
from datetime import date

import pytest
from pydantic import ValidationError

from hub.sharing import agreements
from hub.sharing.agreements import AgreementsInvalid, agreements_in
from hub.sharing.policy import SHIPPED, Policy, PolicyInvalid, Tier, load, read

POLICY_TEXT, AGREEMENTS_TEXT = SHIPPED.read_bytes(), agreements.SHIPPED.read_bytes()
WORDS = "permitted-use", "restrictions", "recipient-responsibilities", "security-measures", "legal-compliance"


def changed(table, place, value):
    """A copy of the table with one value another, or gone (None)."""
    copied = at = deepcopy(table)
    *way, last = place.split("/")
    for step in way:
        at = at[int(step) if step.isdigit() else step]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return copied


DOCUMENT = {"name": "x", "version": "1", "purposes": ["screening"], "read-at": "y"}


def refusal(table):
    """Why a policy of this table is none; empty where it is one."""
    try:
        Policy.model_validate(table)
    except ValidationError as error:
        return "; ".join(each["msg"] for each in error.errors())
    return ""


@pytest.mark.parametrize(
    ("place", "good", "bad"),
    [
        ("version", ["2026-11-25"], ["2026-11-2", "2026-11-255", "x2026-11-25", ""]),
        ("duty-to-share", ["x", "", None], [7]),
        ("validity/approved-by", ["x"], ["", None]),
        ("validity/until", [date(2020, 1, 1)], [date(2019, 12, 31), None]),
        ("break-glass/hours", [1, 24], [0, 25]),
        ("break-glass/review-working-days", [1], [0]),
        ("break-glass/reason-length", [20], [19]),
        ("break-glass/guardian", ["auditor"], ["nobody"]),
        ("break-glass/roles", [[]], [["nobody"]]),
        ("break-glass/opens", [["police"], []], [["gossip"]]),
        ("relationship/agency-months", [0], [-1]),
        ("relationship/grace-days", [0], [-1]),
        ("roles/auditor/told", [True, False], ["perhaps"]),
        ("roles/auditor/types", [{"police.missing-episode.v1": "knows"}], [{"police.gossip.v1": "knows"}]),
        ("contacts/police", ["x"], [None]),
        ("complaints", [None], [{}]),
        ("complaints/agencies/police", ["x"], ["", None]),
        ("complaints/regulator", ["x"], ["", None]),
        ("complaints/for-children", [["x"]], [[]]),
        ("policy-documents", [None, []], [[{**DOCUMENT, "purposes": ["gossip"]}], [DOCUMENT, DOCUMENT]]),
        ("policy-documents/0/address", ["https://x.example/a", ""], ["http://x.example", "javascript:x"]),
        ("policy-documents/0/purposes", [["screening"]], [[], ["audit"]]),
        ("no-policy-document", [None, {}], [{"gossip": "x"}, {"screening": "x"}]),
        ("scopes/police", ["x"], [None]),
    ],
)
def test_every_bound_of_the_policy_holds_on_both_sides(place, good, bad):
    table = tomllib.loads(POLICY_TEXT.decode())

    assert [""] * len(good) == [refusal(changed(table, place, value)) for value in good]
    assert all(refusal(changed(table, place, value)) for value in bad)


def test_a_role_decides_each_scope_once_and_it_is_said_which_it_does_not():
    table = tomllib.loads(POLICY_TEXT.decode())
    row = table["roles"]["social-worker"]
    twice = changed(table, "roles/social-worker/knows", [*row["knows"], "police"])
    missing = changed(table, "roles/social-worker/knows", [])

    assert "undecided scopes [], decided twice ['police']" in refusal(twice)
    assert "undecided scopes ['health-confidential'], decided twice []" in refusal(missing)
    with pytest.raises(PolicyInvalid, match="every scope must be described"):
        read((POLICY_TEXT.replace(b'account             = "', b'# account = "'), AGREEMENTS_TEXT))
    with pytest.raises(PolicyInvalid, match="every agency needs a contact"):
        read((POLICY_TEXT.replace(b'police        = "the', b'# police = "the'), AGREEMENTS_TEXT))


def test_a_role_covers_no_strand_of_another_and_coordinates_nothing_unless_its_row_says_so():
    table = tomllib.loads(POLICY_TEXT.decode())
    for name in ("coordinates", "both-strands", "told", "types"):
        table["roles"]["auditor"].pop(name, None)
    auditor = Policy.model_validate(table).roles["auditor"]

    assert (False, False, False, {}) == (
        auditor.coordinates,
        auditor.both_strands,
        auditor.told,
        auditor.types,
    )


def test_a_policy_is_called_by_its_version_and_sixteen_letters_of_both_files():
    policy = load()
    other = read((POLICY_TEXT, AGREEMENTS_TEXT + b"\n# read again"))

    assert (len("2026-11-25:") + 16, 64) == (len(policy.name), len(policy.digest))
    assert policy.name == f"{policy.version}:{policy.digest[:16]}" != other.name
    assert (policy.texts, "") == ((POLICY_TEXT, AGREEMENTS_TEXT), Policy.model_validate(_plain()).digest)


def _plain():
    return tomllib.loads(POLICY_TEXT.decode())


def test_a_table_cannot_be_changed_nor_say_what_nobody_asked_for():
    policy = load()
    with pytest.raises(ValidationError):
        policy.version = "2027-01-01"
    with pytest.raises(ValidationError):
        policy.agreements[0].uri = "urn:x"
    with pytest.raises(PolicyInvalid, match="policy: gossip: Extra inputs are not permitted"):
        read((b'gossip = "the words"\n' + POLICY_TEXT, AGREEMENTS_TEXT))


def test_no_value_of_a_table_is_said_where_it_is_refused():
    for text in (
        POLICY_TEXT.replace(b"2026-11-28", b"canary-word"),
        POLICY_TEXT + b'\n[canary]\nx="canary-word"',
    ):
        with pytest.raises(PolicyInvalid) as caught:
            read((text, AGREEMENTS_TEXT))
        assert "canary-word" not in str(caught.value)
    table = changed(_plain(), "version", "canary-word")
    with pytest.raises(ValidationError) as said:
        Policy.model_validate(table)
    assert "canary-word" not in str(said.value)


def test_the_least_of_row_and_type_is_what_a_role_gets():
    role = load().roles["social-worker"]
    less = role.model_copy(update={"types": {"a": Tier.KNOWS, "b": Tier.READ, "c": Tier.NOTHING}})

    assert [Tier.READ, Tier.KNOWS, Tier.READ, Tier.NOTHING, Tier.READ] == [
        less.tier("police", type_) for type_ in (None, "a", "b", "c", "d")
    ]
    assert [Tier.KNOWS, Tier.KNOWS, Tier.NOTHING] == [
        less.tier("health-confidential", type_) for type_ in ("b", "a", "c")
    ]


def test_files_that_cannot_be_read_are_named_and_a_text_that_is_none(tmp_path):
    with pytest.raises(PolicyInvalid, match=r"none.toml, agreements.toml: No such file"):
        load(tmp_path / "none.toml")
    with pytest.raises(PolicyInvalid, match="agreements: "):
        read((POLICY_TEXT, b"\xff"))
    with pytest.raises(PolicyInvalid, match="policy: "):
        read((b"\xff", AGREEMENTS_TEXT))


# ---------------------------------------------------------------- agreements


def agreement(**how):
    table = tomllib.loads(AGREEMENTS_TEXT.decode())["agreement"][0]
    for place, value in how.items():
        table = changed(table, place, value)
    return table


def refused(table):
    try:
        agreements.Agreement.model_validate(table)
    except ValidationError as error:
        return "; ".join(each["msg"] for each in error.errors())
    return ""


@pytest.mark.parametrize(
    ("place", "good", "bad"),
    [
        ("uri", ["urn:x", "http://x", "https://x"], ["", "ftp://x", "urn:", "urn:a b", "x urn:a"]),
        ("identifier/value", ["x", "x" * 100], ["", "x" * 101]),
        ("identifier/system", ["x", "x" * 300], ["", "x" * 301]),
        ("name", ["x"], ["", None]),
        ("contact", ["x"], ["", None]),
        ("parties", [], [[]]),
        ("parties/0/name", ["x", "x" * 200], ["", "x" * 201]),
        ("parties/0/agency", ["health"], ["gossip"]),
        ("parties/0/catalogue-ids", [["x"], ["x"] * 50], [[], ["x"] * 51]),
        ("data", [["police"]], [[], ["gossip"]]),
        ("purposes", [["x"]], [[]]),
        ("end-date", [date(2020, 1, 1)], [date(2019, 12, 31)]),
        ("permitted-use", [["x"] * 50], [[], ["x"] * 51, None]),
        *((words, [[], ["x"] * 50, None], [["x"] * 51]) for words in WORDS[1:]),
    ],
)
def test_every_bound_of_an_agreement_holds_on_both_sides(place, good, bad):
    assert [""] * len(good) == [refused(agreement(**{place: value})) for value in good]
    assert all(refused(agreement(**{place: value})) for value in bad)


def test_what_is_no_file_of_agreements_is_refused_by_its_place_and_never_its_value():
    for text, says in [
        (b"\xff", "utf-8"),
        (b"[[agreement]", "Expected"),
        (b'zeta = 1\nalpha = "canary-word"\n' + AGREEMENTS_TEXT, "alpha: the file holds agreements alone"),
        (AGREEMENTS_TEXT.replace(b'"section-47-duty", system', b'"mash-2024", system'), "two agreements"),
        (AGREEMENTS_TEXT.replace(b'agency = "police"', b'agency = "canary-word"'), r"parties\.0\.agency: "),
        (AGREEMENTS_TEXT.replace(b"2036-12-31", b"2019-12-31"), "ends before it begins"),
    ]:
        assert text != AGREEMENTS_TEXT
        with pytest.raises(AgreementsInvalid, match=says) as caught:
            agreements_in(text)
        assert "canary-word" not in str(caught.value)
    assert () == agreements_in(b"")


def test_an_agreement_covers_its_parties_scopes_and_purposes_together_only():
    (covers,) = (each for each in agreements_in(AGREEMENTS_TEXT) if each.id == "section-47-duty")
    asked = agreements.Asked("police", "health", "police", "section-47")

    assert [True, False, False, False, False] == [
        covers.covers(each)
        for each in (
            asked,
            asked._replace(provider="gossip"),
            asked._replace(recipient="gossip"),
            asked._replace(scope="gossip"),
            asked._replace(purpose="gossip"),
        )
    ]
