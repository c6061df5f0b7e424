"""Forms: every act that people record has one, drawn from the act itself; nothing typed is ever lost."""

import pytest

from hub.protocol.command import Kind
from hub.protocol.commands import COMMANDS
from tests.web.test_pages import opened, text, tree

WRITTEN = "  He said:\n“no”, & <went> home.  "
ROLES = ("social-worker", "police-officer", "school-lead", "mash-coordinator")


def role_of(served, command):
    return next(
        role for role in served.hub.recorder.acts.roles if served.hub.recorder.acts.may(role, command)
    )


def filled(command):
    """Something in every field of a form, as a browser sends it."""
    said = []
    for q in command.questions:
        match q.kind:
            case Kind.CHOICE | Kind.CHOICES:
                said += [(q.name, q.choices[0])]
            case Kind.YES_NO:
                said += [(q.name, "yes")]
            case Kind.DAY | Kind.MOMENT:
                said += [(f"{q.name}-{n}", v) for n, v in (("day", "3"), ("month", "11"), ("year", "2026"))]
                said += [(f"{q.name}-time", "9.05")] if q.kind is Kind.MOMENT else []
            case Kind.WORDS if q.name != "corrects":
                said += [(q.name, WRITTEN)]
            case Kind.CHILDREN:
                said += [(f"{q.name}-1-{n}", v) for n, v in (("relation", "sibling"), ("system", "upn"))]
                said += [(f"{q.name}-1-value", "A1")]
            case Kind.LINE | Kind.REFERENCE | Kind.CODES:
                said += [(q.name, f"of-{q.name.replace('_', '-')}")]
            case Kind.NUMBER:
                said += [(q.name, "7")]
            case Kind.CODE if q.name != "act":
                said += [(q.name, "code")]
    return said


def shown(page):
    """What stands in the fields of the form that came back, as a browser would send it again."""
    form = tree(page).cssselect("main form")[0]
    areas = {area.name for area in form.cssselect("textarea")}  # their first newline is the markup's own
    values = [(n, v.removeprefix("\n") if n in areas else v) for n, v in form.form_values()]
    return sorted((name, value) for name, value in values if value)


def send(served, command, said):
    role = role_of(served, command)
    purposes = served.hub.policy.roles[role].purposes
    browser = opened(served, role, purpose="section-47" if "section-47" in purposes else min(purposes))
    return browser.post(f"/children/{served.ann}/record/{command.name}", data=multi(said))


def multi(said):
    found = {}
    for name, value in said:
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_a_form_that_is_wrong_comes_back_with_all_that_was_typed_and_says_where_it_is_wrong(served, command):
    said = [(n, v) for n, v in filled(command) if not n.startswith("at-")]
    said += [("at-day", "31"), ("at-month", "2"), ("at-year", "2026"), ("act", "the-same")]
    page = send(served, command, said)
    root = tree(page)
    links = [a.get("href") for a in root.cssselect(".govuk-error-summary a")]
    ids = {f"#{e.get('id')}" for e in root.cssselect("[id]")}

    assert 422 == page.status_code
    assert "#at-day" in links
    assert set(links) <= ids
    assert "must be a real date and time" in text(page)
    came_back = [(n, v) for n, v in shown(page) if not n.endswith(("-2-relation", "-2-system"))]
    came_back = [(n, v) for n, v in came_back if not n.endswith(("-3-relation", "-3-system"))]
    assert sorted(said) == came_back


OF_ANN = [c for c in COMMANDS if c.name != "record-release"]  # youth justice does not work with Ann


@pytest.mark.parametrize("command", OF_ANN, ids=lambda c: c.name)
def test_an_act_is_recorded_by_its_form_once_however_often_it_is_sent(served, command):
    said = [*filled(command), ("act", f"form-{command.name}"), ("reason_later", "yes")]
    said = [(n, v) for n, v in said if n != "corrects"]
    before = len(served.hub.records.child(served.ann).entries)
    answers = [send(served, command, said) for _ in range(2)]

    assert [303, 303] == [a.status_code for a in answers], text(answers[0])
    assert f"/children/{served.ann}/protocol?recorded={command.name}" == answers[0].headers["location"]
    assert before + 1 == len(served.hub.records.child(served.ann).entries)


def test_the_words_of_an_account_stand_exactly_as_they_were_written(served):
    browser = opened(served)
    (act,) = [c for c in COMMANDS if c.name == "record-account"]
    said = [(n, v) for n, v in filled(act) if n != "corrects"]
    browser.post(f"/children/{served.ann}/record/record-account", data=multi([*said, ("act", "exactly")]))
    page = browser.get(f"/children/{served.ann}/chronology", params={"detail": "everything"})

    assert "“  He said:\n“no”, & <went> home.  ”" in tree(page).text_content()


def test_an_act_that_departs_from_the_guidance_is_asked_why_and_never_refused(served):
    (act,) = [c for c in COMMANDS if c.name == "consider-separate-meeting"]
    browser = opened(served)
    path = f"/children/{served.ann}/record/{act.name}"
    asked = browser.post(path, data={"decision": "not-proportionate", "risk_still_present": "yes"})

    assert 422 == asked.status_code
    assert tree(asked).cssselect(".govuk-error-summary a")
    assert "not-proportionate" == dict(tree(asked).cssselect("main form")[0].form_values())["decision"]


def test_a_share_somebody_objected_to_is_asked_what_was_made_of_it(served):
    says = {
        "recipient": "football-club",
        "decision": "share",
        "how_far": "headline",
        "grounds": "He trains there.",
    }
    says |= {"purpose": "keep-other-children-safe", "objection_of": "child", "family_told": "no"}
    asked = opened(served).post(f"/children/{served.ann}/record/consider-disclosure", data=says)
    links = [a.get("href") for a in tree(asked).cssselect(".govuk-error-summary a")]

    assert 422 == asked.status_code
    assert {"#objection", "#objection_answer", "#not_told_because"} == set(links)
    assert "R131 asks for it where somebody objected" in text(asked)


def test_an_act_of_another_role_is_refused_and_one_there_is_not_is_unknown(served):
    browser = opened(served, "school-lead")

    assert 403 == browser.get(f"/children/{served.ann}/record/open-police-enquiry").status_code
    assert 404 == browser.get(f"/children/{served.ann}/record/close-the-case").status_code


def test_each_role_is_offered_what_it_may_record_and_nothing_else(served):
    offered = {}
    for role in (*ROLES, "health-practitioner"):
        page = opened(served, role, purpose="direct-care" if role == "health-practitioner" else "section-47")
        links = tree(page.get(f"/children/{served.ann}/record")).cssselect("main li a")
        offered[role] = [link.get("href").rpartition("/")[2] for link in links]
        acts = [c.name for c in served.hub.recorder.acts.of(role)]
        assert sorted(acts) == sorted(offered[role])

    assert offered["social-worker"] != offered["police-officer"]
