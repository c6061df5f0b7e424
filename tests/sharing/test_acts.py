"""Who may record what in the hub itself: the table that is shipped, and tables that cannot be used."""

import pytest

from hub.protocol.commands import COMMANDS
from hub.sharing import acts
from hub.sharing.acts import Acts
from hub.sharing.policy import PolicyInvalid

SHIPPED = acts.SHIPPED.read_text()
TABLE = acts.load()
BY_NAME = {command.name: command for command in COMMANDS}


def groups(commands):
    return {command.group for command in commands}


def test_a_role_records_the_acts_of_its_groups_and_no_others():
    mine = TABLE.roles["youth-justice-worker"]

    assert {"concerns", "release-and-moves", "custody"} == mine == groups(TABLE.of("youth-justice-worker"))
    assert [c for c in COMMANDS if c.group in mine] == list(TABLE.of("youth-justice-worker"))
    for command in COMMANDS:
        assert (command.group in mine) is TABLE.may("youth-justice-worker", command)


def test_a_role_that_is_not_in_the_table_records_nothing():
    assert ((), ()) == (TABLE.of("auditor"), TABLE.first("auditor"))
    assert not any(TABLE.may("auditor", command) for command in COMMANDS)


def test_what_may_be_the_first_that_is_heard_of_a_child_is_some_of_what_a_role_records():
    first, every = TABLE.first("social-worker"), TABLE.of("social-worker")

    assert [c for c in every if c.begins] == list(first)
    assert 0 < len(first) < len(every)


def test_every_act_there_is_can_be_recorded_by_somebody():
    assert groups(COMMANDS) == {group for role in TABLE.roles for group in groups(TABLE.of(role))}


def test_the_table_is_not_changed_once_it_is_read():
    with pytest.raises(ValueError, match="frozen"):
        TABLE.roles = {"auditor": TABLE.roles["social-worker"]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SHIPPED.replace('["concerns"]', '["concerns", "baking"]', 1), "not described: ['baking']"),
        (SHIPPED.replace("custody           =", "kustody           =").replace('"custody"', '"kustody"'),
         "commands of groups that are not there: ['custody']"),
        (SHIPPED + "\n[more]\n", "acts.toml: more: Extra inputs are not permitted"),
        (SHIPPED.replace('["concerns"]', '[["concerns"]]', 1), "acts.toml: roles.health-practitioner.0: "),
        ("no table", "acts.toml: Expected '='"),
        ("", "acts.toml: groups: Field required"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_used_is_refused_with_what_is_wrong_first(tmp_path, text, says):
    file = tmp_path / "acts.toml"
    file.write_text(text)
    with pytest.raises(PolicyInvalid) as refused:
        acts.load(file)

    assert says in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_table_that_is_not_there_or_no_text_is_refused(tmp_path):
    with pytest.raises(PolicyInvalid, match=r"^acts\.toml: .*No such file"):
        acts.load(tmp_path / "acts.toml")
    (tmp_path / "acts.toml").write_bytes(b"\xff")
    with pytest.raises(PolicyInvalid, match=r"^acts\.toml: 'utf-8'"):
        acts.load(tmp_path / "acts.toml")


def test_what_is_wrong_is_said_without_what_stands_there():
    with pytest.raises(ValueError, match="Field required") as refused:
        Acts.model_validate({"groups": {"secret-group": "x"}})

    assert "secret-group" not in str(refused.value)
