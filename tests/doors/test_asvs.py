"""docs/asvs.md accounts for every item of OWASP ASVS 5.0, levels 1 and 2; and what no other test looks at."""

import importlib.util
import re
import ssl
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from hub.web.asking import routes_of
from schemas.tls import configured, of_a_door
from tests.doors.test_route_canaries import Caller, sown
from tests.identity.certificates import Authority
from tests.web.conftest import Asking

__all__ = ["sown"]

ROOT = Path(__file__).parents[2]
STATES = {"met", "host", "provider", "n/a", "gap"}
SECTIONS = {
    1: (2, 9, 11, 3, 2),
    2: (3, 3, 4, 1),
    3: (0, 2, 4, 6, 5, 0, 2),
    4: (3, 1, 2, 4),
    5: (1, 3, 2, 3),
    6: (3, 12, 4, 4, 5, 3, 0, 4),
    7: (3, 4, 2, 5, 2, 2),
    8: (2, 3, 1, 1),
    9: (3, 4),
    10: (2, 2, 4, 11, 5, 2, 3),
    11: (2, 3, 3, 4, 1, 1),
    12: (3, 2, 4),
    13: (1, 5, 2, 5),
    14: (2, 4, 3),
    15: (3, 3, 7),
    16: (1, 5, 4, 3, 3),
    17: (1, 4, 2),
}
"""How many items of levels 1 and 2 each section has, by chapter; within a section they come first."""
ITEMS = [
    f"{chapter}.{section}.{item}"
    for chapter, sizes in SECTIONS.items()
    for section, size in enumerate(sizes, 1)
    for item in range(1, size + 1)
]
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (ROOT / "docs/asvs.md").read_text().splitlines()
    if re.match(r"\| \d+\.\d+\.\d+ ", line)
]


def test_every_item_of_levels_1_and_2_is_accounted_for_and_twenty_of_level_3(counted):
    numbers = [row[0] for row in ROWS]
    states = Counter(row[1] for row in ROWS[:253])
    counted(15, "ASVS items of levels 1 and 2 accounted for", len(ITEMS))
    for state, number in states.items():
        counted(15, f"of them {state}", number)

    assert 253 == len(ITEMS)
    assert ITEMS == numbers[:253]
    assert len(set(numbers[253:])) == len(numbers[253:]) >= 20
    assert {row[1] for row in ROWS} <= STATES


def test_what_is_said_to_be_met_names_a_test_or_says_how_it_is_seen():
    for number, state, words, tests in ROWS:
        assert words, number
        assert state != "met" or tests != "" or number in SEEN_OTHERWISE, number


SEEN_OTHERWISE = {
    *("1.2.9", "1.3.2", "1.3.10", "1.4.1", "1.4.3", "4.1.2"),
    *("4.2.1", "11.4.1", "13.1.1", "13.2.4", "15.2.1", "15.3.5"),
}
"""By a linter, by the type checker, by what is not there, or by a page: its words say which."""


def answers(sown):
    caller = Caller(sown, "social-worker", "section-47", sown.ann)
    caller.browser.post(f"/children/{sown.ann}/open", data={"purpose": "section-47"})
    for method, path, _ in sown.routes():
        if not path.endswith("/pdf"):
            yield method, path, caller.ask(method, path)


def test_every_answer_with_a_body_says_its_type_and_lets_no_other_origin_read_it(sown):
    for _, path, answer in answers(sown):
        kind = answer.headers.get("content-type", "")
        assert bool(kind) == bool(answer.content), path
        assert not kind.startswith("text/") or "charset=utf-8" in kind, path
        assert not [name for name in answer.headers if name.startswith("access-control")], path
        assert "same-origin" == answer.headers["cross-origin-resource-policy"], path


def test_what_a_get_reaches_records_that_it_was_looked_at_and_nothing_else(sown):
    caller = Caller(sown, "social-worker", "section-47", sown.ann)
    caller.browser.post(f"/children/{sown.ann}/open", data={"purpose": "section-47"})
    seen = set()
    for method, path, _ in sown.routes():
        if method == "GET" and not path.endswith("/pdf"):
            told = len(list(sown.hub.records.history(sown.ann)))
            caller.ask(method, path)
            seen |= {type(e.body).__name__ for e in list(sown.hub.records.history(sown.ann))[told:]}

    assert {"Disclosed"} == seen


def test_what_a_proxy_would_say_changes_nothing(sown):
    said = {"x-forwarded-host": "127.0.0.1", "x-forwarded-for": "127.0.0.1", "forwarded": "host=127.0.0.1"}

    assert 421 == Asking(sown.app, host="evil.example", **said).get("/sign-in").status_code
    assert not configured(sown.app, None, None, None).proxy_headers


def test_the_hubs_own_tls_is_of_today(tmp_path):
    certificate, key, _ = Authority(tmp_path).issue("hub")
    context = of_a_door(certificate, key)

    assert ssl.TLSVersion.TLSv1_2 == context.minimum_version
    assert {"AESGCM", "CHACHA20"} >= {
        "CHACHA20" if "CHACHA20" in cipher["name"] else "AESGCM"
        for cipher in context.get_ciphers()
        if cipher["protocol"] == "TLSv1.3"
    }
    assert [] == [c["name"] for c in context.get_ciphers() if re.search("NULL|RC4|3DES|MD5|EXP", c["name"])]


def test_a_name_that_is_sent_in_two_places_counts_where_it_belongs(sown):
    caller = Caller(sown, "social-worker", "section-47", sown.ann)
    opened = f"/children/{sown.ann}/open"
    nowhere = caller.browser.post(opened, params={"purpose": "section-47"}, data={"to": "chronology"})
    last = caller.browser.post(opened, content="purpose=section-47&purpose=audit", headers=FORM)

    assert [403, 403] == [nowhere.status_code, last.status_code]


FORM = {"content-type": "application/x-www-form-urlencoded"}


def test_every_dependency_is_locked_to_one_version():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    named = [line for line in lines if line and not line.startswith((" ", "#"))]

    assert len(named) > 80
    assert [] == [line for line in named if "==" not in line]


def faults():
    spec = importlib.util.spec_from_file_location("faults", ROOT / ".ci/faults.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LINE = """[[fault]]
id = "CVE-1"
gravity = "high"
since = 2026-11-01
why = "no path to it"
by = "maintainer"
"""


def test_a_known_fault_stops_a_build_unless_it_is_judged_and_until_its_days_are_over():
    terms = faults()
    judged = terms.registered(LINE)
    last = date(2026, 11, 15)

    assert [] == list(terms.late(judged, [{"GHSA-1", "CVE-1"}], last))
    assert "was to be mended by 2026-11-15" in next(terms.late(judged, [], last + timedelta(days=1)))
    assert "CVE-2: in no line" in next(terms.late(judged, [{"CVE-2"}], last))
    assert () == terms.registered((ROOT / ".ci/faults.toml").read_text())


@pytest.mark.parametrize(
    ("said", "instead"),
    [("high", "middling"), ("no path to it", " "), ("2026-11-01", '"soon"'), ("why", "for")],
)
def test_a_line_about_a_fault_that_is_not_whole_is_refused(said, instead):
    with pytest.raises(ValueError, match=r"gravity|nothing else"):
        faults().registered(LINE.replace(said, instead))


def test_the_days_a_fault_may_wait_are_those_that_are_stated():
    page = (ROOT / "docs/operating.md").read_text().partition("## Faults in libraries")[2]
    stated = {
        name: int(days)
        for line in page.splitlines()
        if (days := "".join(re.findall(r"^\|.*?\| (\d+) days", line)))
        for name in re.findall(r"`([a-z-]+)`", line)
    }

    assert faults().DAYS == stated


def test_no_route_is_there_that_the_app_does_not_declare(sown):
    assert all(route.asks is not None for route in routes_of(sown.app.routes))
