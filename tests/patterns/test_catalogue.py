"""What a rule may read, and how it may speak."""

import ast
import re
from pathlib import Path

import pytest

import hub.patterns
from hub.patterns.catalogue import CATALOGUE
from hub.patterns.explain import OWN_EXPERIENCE, PROPOSALS, SEVERITIES, STANDING
from hub.patterns.rule import ALWAYS, SPEAK
from schemas.case_event import Characteristics, field_marks
from schemas.catalogue import EVENT_TYPES
from schemas.schools import SendSupport

FOLDER = Path(hub.patterns.__file__).parent
FORBIDDEN = re.compile(
    r"\b(perpetrator|offender|victim|abuser|suspect|indicates abuse|proves?|guilty|score|ranking)s?\b",
    re.IGNORECASE,
)
PERSONAL = {"name", "identifiers", "date_of_birth", "postcode", "address", "characteristics", "summary"}


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.code)
def test_every_signal_a_rule_reads_is_a_coded_signal_of_its_type(rule):
    for kind, signals in rule.reads.items():
        marks = field_marks(kind)

        assert kind in EVENT_TYPES
        assert all(marks[name].signal for name in (*ALWAYS, *signals)), kind


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.code)
def test_no_rule_sees_who_a_child_is(rule):
    read = {name for signals in rule.reads.values() for name in signals} | set(ALWAYS)

    assert not read & (PERSONAL | set(Characteristics.__annotations__))
    assert SendSupport not in rule.reads


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.code)
def test_a_rule_asks_a_question_and_names_its_source_and_what_would_answer_it(rule):
    assert rule.says.endswith("?")
    assert rule.source
    assert rule.cancels.endswith(".")
    assert rule.min_families >= 2


def test_the_words_of_the_rules_accuse_nobody():
    words = [STANDING, OWN_EXPERIENCE, PROPOSALS, SPEAK, *SEVERITIES.values()]
    for rule in CATALOGUE:
        words += [rule.name, rule.says, rule.cancels, rule.tells, rule.source, rule.rule.__doc__]

    assert [] == [text for text in words if FORBIDDEN.search(text)]


def test_a_rule_and_a_file_carry_the_same_code():
    files = {path.stem.partition("_")[0].upper() for path in FOLDER.glob("p[0-9]*.py")}

    assert {rule.code for rule in CATALOGUE} == files


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_no_module_of_the_patterns_reaches_for_a_clock_or_a_file_or_chance(path):
    tree = ast.parse(path.read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}

    assert not imported & {"time", "os", "random", "secrets", "sqlite3", "socket"}
    assert not called & {"now_utc", "utcnow", "today", "uuid4"}
    assert "datetime.now(" not in path.read_text()
