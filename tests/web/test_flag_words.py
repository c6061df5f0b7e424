"""Every line of a flag stands under the heading it belongs to, whatever its rule says; none is lost."""

import pytest

from hub.patterns.catalogue import CATALOGUE
from hub.patterns.explain import explain
from hub.patterns.settings import SHIPPED, load
from hub.sharing.flagging import UNNAMED
from hub.web.flag_words import ALONE, ANSWER, EVIDENCE, PROTECTS, RULE, WITHHELD, parts
from tests.casework.test_flag_work import flagged
from tests.hubs import NOW
from tests.sharing.test_flags import HARMED, HARMING, KNOWN

RING = "police holds an entry that belongs here; ring the police safeguarding unit"


@pytest.fixture
def firing(desk):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        yield flagged(hub)[1].firing


def test_each_line_of_every_rule_stands_where_it_belongs(firing):
    for rule in CATALOGUE:
        told = explain(firing, rule, load(CATALOGUE, SHIPPED))
        found = dict(parts((*told.lines, RING, UNNAMED)))

        assert (*told.evidence, told.completed, told.earlier) == found[EVIDENCE], rule.code
        assert told.alone == found[ALONE], rule.code
        assert told.protects == found.get(PROTECTS, ()), rule.code
        assert (f"It would be answered by: {told.cancels}",) == found[ANSWER], rule.code
        assert (told.severity, told.source, *told.numbers, *told.notes) == found[RULE], rule.code
        assert (RING, UNNAMED) == found[WITHHELD], rule.code


def test_a_flag_that_says_its_fixed_words_alone_has_no_headings():
    assert [] == parts(())
