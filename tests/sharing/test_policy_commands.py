"""`hub policy`: what a governance lead types, and what they are told."""

import json

import pytest
from typer.testing import CliRunner

from hub.__main__ import app
from hub.errors import HubError
from hub.sharing.policy import SHIPPED, load
from schemas.scope import Scope
from tests.events import missing
from tests.hubs import NOW, POLICE_OFFICER


def hub(desk, *words):
    return CliRunner().invoke(app, ["--data", str(desk.settings.data), *words])


def test_check_says_that_all_is_decided_and_until_when_it_holds(desk):
    done = hub(desk, "policy", "check")

    assert 0 == done.exit_code
    assert "16 roles, 13 scopes, all 208 decided" in done.stdout
    assert "agreement mash-2024: 2020-01-01 to 2036-12-31, in force" in done.stdout
    assert "law enforcement, version: draft: for investigation" in done.stdout
    assert "NO POLICY DOCUMENT" not in done.stdout
    assert "NOBODY NAMED" not in done.stdout


def test_check_asks_for_the_policy_document_of_a_purpose_and_for_who_takes_complaints(desk, tmp_path):
    file = tmp_path / "before.toml"
    kept, _, rest = SHIPPED.read_text().partition("[no-policy-document]")
    file.write_text(kept + "[contacts]" + rest.partition("[contacts]")[2])
    checked = hub(desk, "policy", "check", "--file", str(file)).stdout
    shown = hub(desk, "policy", "show", "--role", "named-doctor", "--file", str(file)).stdout

    assert "NO POLICY DOCUMENT, nor why none is needed: direct-care, audit\nNOBODY NAMED" in checked
    assert "direct-care: Care of the child: UK GDPR 9(2)(h) · NO POLICY DOCUMENT\n" in shown
    assert "DPA 2018 Sch 1 para 18 · Appropriate policy document for safeguarding children" in shown
    assert "audit: " not in shown
    assert "NOTHING NAMED by which a closed case narrows: [archive]" in checked
    assessed = hub(desk, "policy", "assess", "--file", str(file)).stdout
    assert "How a closed case narrows is not said." in assessed
    assert "90 days after a case is closed it is read for" in hub(desk, "policy", "assess").stdout
    whole = hub(desk, "policy", "show").stdout
    assert "365 days after a case is closed: read for investigation, practice-review, section-47\n" in whole
    assert "the front door reads it for screening too" in whole


def test_check_refuses_a_policy_that_is_none(desk, tmp_path):
    file = tmp_path / "other.toml"
    file.write_text("[roles]")
    done = hub(desk, "policy", "check", "--file", str(file))

    assert isinstance(done.exception, HubError)
    assert 2 == done.exception.exit_code


def test_show_tells_a_row_and_a_column(desk):
    row = json.loads(hub(desk, "policy", "show", "--role", "school-lead", "--json").stdout)
    column = hub(desk, "policy", "show", "--scope", "informant").stdout

    assert ("read", "knows", "nothing") == tuple(
        row["school-lead"][scope] for scope in ("education", "social-care", "police")
    )
    assert ["intelligence-officer"] == [line.split()[0] for line in column.splitlines() if " read" in line]


@pytest.mark.parametrize(("option", "says"), [("--role", "no such role"), ("--scope", "no such scope")])
def test_show_names_what_there_is_where_it_is_asked_for_something_else(desk, option, says):
    assert says in str(hub(desk, "policy", "show", option, "gossip").exception)


def test_who_adopted_a_policy_stands_recorded_with_the_one_before_and_is_shown(desk, tmp_path):
    with desk.open(at=NOW) as opened:
        first = opened.policy.name
    before, done, again = (
        hub(desk, "policy", "show"),
        hub(desk, "policy", "adopt", "--name", " spring review "),
        hub(desk, "policy", "adopt"),
    )
    named = hub(desk, "policy", "show").stdout.splitlines()[0]
    file = tmp_path / "next.toml"
    file.write_text(SHIPPED.read_text().replace('version  = "2026', 'version  = "2027'))
    words = ["--data", str(desk.settings.data), "policy"]
    new = {"HUB_POLICY": str(file)}
    unadopted = CliRunner().invoke(app, [*words, "show"], env=new).stdout
    later = CliRunner().invoke(app, [*words, "adopt"], env=new)
    shown = CliRunner().invoke(app, [*words, "show", "--role", "auditor"], env=new).stdout.splitlines()[0]
    with desk.open(at=NOW) as opened:
        names = first, shown.split()[1].rstrip(",")
        adopted = [one for name in names for _, one in opened.share.disclosures.adopted(name)]

    assert "adopted by nobody" in before.stdout
    assert unadopted.startswith("policy 2027")  # a demonstration goes by the file, whatever was adopted
    assert (0, 0) == (done.exit_code, later.exit_code)
    assert "(operator) as “spring review”; before it: none" in done.stdout
    assert named.endswith(" as “spring review”")
    assert " as “" not in shown
    assert "adopted already" in str(again.exception)
    assert [(first, ""), (adopted[1].name, first)] == [(one.name, one.before) for one in adopted]
    assert adopted[1].name.startswith("2027")
    assert shown.startswith(f"policy {adopted[1].name}, adopted by {adopted[1].by.person} (operator) on ")
    assert ["operator"] * 2 == [one.by.role for one in adopted]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("n" * 61, "has 60 characters at most"),
        ("two\nlines", "one line"),
        ("\x1b[2Jgone", "control characters"),
        ("spr\u202egni", "one line"),
        ("a\u2028b", "one line"),
    ],
)
def test_a_name_that_is_none_is_refused_and_nothing_is_adopted(desk, name, says):
    refused = hub(desk, "policy", "adopt", "--name", name)

    assert says in str(refused.exception)
    assert "adopted by nobody" in hub(desk, "policy", "show").stdout
    assert 0 == hub(desk, "policy", "adopt", "--name", name[:1] * 60).exit_code or not name[:1].isprintable()


def test_explain_says_why_something_was_shown_by_the_policy_of_then(desk, tmp_path):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as opened:
        (child,) = opened.records.children()
        opened.share.chronology(POLICE_OFFICER, child)
        number = opened.records.child(child).version
    file = tmp_path / "stricter.toml"
    file.write_text(
        SHIPPED.read_text()
        .replace('version  = "2026', 'version  = "2027')
        .replace(
            'reads   = ["identity", "whereabouts", "police", "third',
            'reads   = ["identity", "police", "third',
        )
        .replace(
            'nothing = ["police-intelligence", "health-confidential", "informant"]',
            'nothing = ["whereabouts", "police-intelligence", "health-confidential", "informant"]',
        )
    )
    done = CliRunner().invoke(
        app,
        ["--data", str(desk.settings.data), "policy", "explain", f"{child}@{number}", "--json"],
        env={"HUB_POLICY": str(file)},
    )
    found = json.loads(done.stdout)
    answers = {a["scope"]: (a["tier"], a["reason"]) for a in found["answers"]}

    assert found["policy"].startswith("2026-11-28:")
    assert ("read", "police-officer reads whereabouts for section-47") == answers["whereabouts"]
    assert "nothing" == answers["health-confidential"][0]
    assert "not a disclosure" in str(hub(desk, "policy", "explain", f"{child}@1").exception)
    assert "CHILD@NUMBER" in str(hub(desk, "policy", "explain", str(child)).exception)


def test_diff_ends_with_one_where_anybody_gets_more(desk, tmp_path):
    wider, narrower = tmp_path / "wider.toml", tmp_path / "narrower.toml"
    wider.write_text(SHIPPED.read_text().replace("hours   = 4", "hours   = 8"))
    narrower.write_text(SHIPPED.read_text().replace("hours   = 4", "hours   = 2"))
    more, less = (hub(desk, "policy", "diff", str(SHIPPED), str(file)) for file in (wider, narrower))

    assert (1, "+ break-glass: hours: 4 → 8\n") == (more.exit_code, more.stdout)
    assert (0, "  break-glass: hours: 4 → 2\n") == (less.exit_code, less.stdout)
    assert "nothing changes" in hub(desk, "policy", "diff", str(SHIPPED), str(SHIPPED)).stdout


def test_an_impact_assessment_begins_with_all_that_the_policy_says_and_leaves_the_rest_to_people(desk):
    said = hub(desk, "policy", "assess").stdout
    policy = load(SHIPPED)
    rows = {line.split(" |")[0].removeprefix("| "): line for line in said.splitlines() if line[:2] == "| "}
    cells = {
        f"{name} ({role.agency})": [
            {"read": "R", "knows": "K", "nothing": ""}[role.tier(scope)] for scope in Scope
        ]
        for name, role in policy.roles.items()
    }

    assert cells == {name: [c.strip() for c in rows[name].split("|")[3:-1]] for name in cells}
    assert all(f"| {name} | {basis} | " in said for name, basis in policy.purposes.items())
    assert all(agreement.name in rows for agreement in policy.agreements)
    assert all(contact in said for contact in policy.contacts.values())
    assert policy.name in said
    assert 4 <= said.count("To be written by the controllers")
