"""What no sharing agreement covers raises no flag: one that ended, a party that left, another purpose."""

import re
from datetime import timedelta

import pytest

from hub.casework.worklists import Whose
from hub.sharing.agreements import SHIPPED
from hub.sharing.look import Reader
from schemas.vocabulary import Agency
from tests.hubs import NOW
from tests.sharing.test_flags import COORDINATOR, HARMED, HARMING, KNOWN, codes, look

ENQUIRY = Reader(COORDINATOR.by, "section-47")


def without_the_police(text):
    return re.sub(r'^ *{ name = "[^"]*", agency = "police".*\n', "", text, flags=re.MULTILINE)


def ended(text, name):
    """One agreement, over the day before; the others run on."""
    before, said = text.split(f'value = "{name}"')
    return f'{before}value = "{name}"{said.replace("2036-12-31", "2026-11-19", 1)}'


class Agreed:
    """A child of whom the police, a school and social care each said something; and the agreements."""

    def __init__(self, desk, folder):
        self.file = folder / "agreements.toml"
        self.desk, self.text = desk, SHIPPED.read_text()
        self.put(self.text)
        desk.settings = desk.settings.model_copy(update={"agreements": self.file})
        desk.take_in(HARMING, HARMED, KNOWN, at=NOW)

    def put(self, text):
        self.file.write_text(text)

    def told(self, reader=COORDINATOR, *, follow=True):
        """Whose words this reader reads, which flags they are shown, and on what their list stands."""
        with self.desk.open(at=NOW + timedelta(hours=1)) as hub:
            child = look(hub) if follow else hub.records.children()[0]
            lines = hub.share.chronology(reader, child).lines
            police = {str(k.entry.id) for k in hub.records.child(child).entries.values()} - {
                str(line.id) for line in lines
            }
            items = [*hub.share.due(reader, child)]
            items += [w.item for w in hub.worklists.of(reader, Whose(agency=Agency.SOCIAL_CARE))]
            stands_on = {str(item.started_by) for item in items} & police
            return {line.agency for line in lines}, "P03" in codes(hub.share.flags(reader, child)), stands_on


@pytest.fixture
def agreed(desk, tmp_path):
    return Agreed(desk, tmp_path)


ALL, REST = {"police", "schools", "social-care"}, {"schools", "social-care"}


@pytest.mark.parametrize("follow", [True, False])
def test_where_a_party_has_left_its_words_raise_no_flag_and_nothing_is_due_by_them(agreed, follow):
    before = agreed.told()
    agreed.put(without_the_police(agreed.text))

    assert (ALL, True, set()) == before
    assert (REST, False, set()) == agreed.told(follow=follow)


def test_of_two_agreements_that_cover_the_same_one_ends_and_its_purposes_with_it(agreed):
    before = [agreed.told(reader) for reader in (COORDINATOR, ENQUIRY)]
    agreed.put(ended(agreed.text, "mash-2024"))

    assert [(ALL, True, set())] * 2 == before
    assert (({"social-care"}, False, set()), (ALL, True, set())) == (agreed.told(), agreed.told(ENQUIRY))


def test_what_one_agreement_covers_no_more_another_that_runs_on_does(agreed):
    again = agreed.text[agreed.text.index("[[agreement]]", agreed.text.index("mash-2024") - 200) :]
    again = again[: again.index("[[agreement]]", 20)].replace("mash-2024", "mash-2026")
    agreed.put(ended(agreed.text, "mash-2024") + "\n" + again)

    assert (ALL, True, set()) == agreed.told()
