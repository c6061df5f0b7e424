"""What was done about agencies' keys is kept for good, with who had it done."""

from hub.disposal.enrolling import note, noted
from hub.domain.by import By
from hub.domain.feed import AgencyKeyChanged, KeyChange

BY = By("op", "operator", "hub")


def test_what_was_done_about_an_agencys_key_is_told_the_oldest_first_after_the_hub_was_closed_too(desk):
    done = [("police", "k1", KeyChange.TAKEN_ON), ("health", "k2", KeyChange.STOLEN)]
    with desk.open() as hub:
        assert [] == noted(hub.records)
        for each in done:
            note(hub.records, *each, BY)
    with desk.open() as hub:
        told = noted(hub.records)

    assert [AgencyKeyChanged(agency=a, key=k, what=w, by=BY) for a, k, w in done] == [
        said for _, said in told
    ]
    assert sorted(at for at, _ in told) == [at for at, _ in told]
