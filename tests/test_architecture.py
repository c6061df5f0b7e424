"""The core records and does not interpret: it names no event type, agency, pattern, obligation or role."""

import re
from pathlib import Path

import pytest

from hub.sharing.policy import load
from schemas.catalogue import TYPE_BY_NAME
from schemas.vocabulary import Agency

ROOT = Path(__file__).parents[1]
CORE = [p for room in ("domain", "records", "intake") for p in (ROOT / "hub" / room).rglob("*.py")]
# A withdrawal is the one type whose meaning is the record's own; `Plan` here is what matching plans to write.
OWN = {"Withdrawal", "Plan"}


@pytest.mark.parametrize("module", CORE, ids=lambda p: p.name)
def test_the_core_names_no_event_type_agency_pattern_or_role(module):
    text = module.read_text()
    code = re.sub(r'"""(?s:.*?)"""', "", text)
    classes = {cls.__name__ for cls in TYPE_BY_NAME.values()} - OWN
    words = set(re.findall(r"\w+", code)) & (classes | {a.name for a in Agency})
    quoted = set(re.findall(r'"([^"\n]*)"', code)) & ({a.value for a in Agency} | set(load().roles))
    imports = re.findall(r"from schemas\.(police|health|schools|social_care|youth_justice|protocol)", code)

    assert (set(), set(), []) == (words, quoted, imports)
