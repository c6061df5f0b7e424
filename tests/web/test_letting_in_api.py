"""The API of who is let near a child: by whom, on which strand, until when; what is answered to others."""

from tests.web.test_gates_api import PO, REASON, ask, near

__all__ = ["near"]
LEAD = "information-governance-lead"


def test_agencies_and_meetings_are_let_in_listed_and_ended(near):
    path = f"children/{near.ann}/let-in"
    acts = [
        ask(near, LEAD, f"{path}/agencies", agency="health", strand="both", days=30, reason=REASON),
        ask(near, LEAD, f"{path}/meetings", members=[PO], strand="both", days=1, reason=REASON),
        ask(near, LEAD, f"{path}/other-child", other=str(near.ben), days=3, reason=REASON),
    ]
    listed = ask(near, LEAD, path, purpose="audit").json()["data"]
    ended = ask(near, LEAD, f"{path}/agencies/health/end", reason=REASON)
    after = ask(near, LEAD, path, purpose="audit").json()["data"]
    early = [
        ask(near, LEAD, f"{path}/meetings/{after[0]['meeting']}/end", reason=REASON),
        ask(near, LEAD, f"{path}/other-child/end", other=str(near.ben), reason=REASON),
    ]

    assert [201, 201, 201, 200] == [answer.status_code for answer in (*acts, ended)]
    assert [200, 200] == [answer.status_code for answer in early]
    assert [] == ask(near, LEAD, path, purpose="audit").json()["data"]
    assert ["agency", "meeting", "other-child"] == [one["what"] for one in listed]
    assert ["meeting", "other-child"] == [one["what"] for one in after]
    assert [{"data": {"item": str(near.ann)}}] * 6 == [answer.json() for answer in (*acts, ended, *early)]


def test_who_may_not_let_anybody_in_is_told_so_and_a_strand_must_be_said(near):
    path = f"children/{near.ann}/let-in/meetings"
    asked = {"members": [PO], "days": 3, "reason": "canary-words of a reason"}
    worker = ask(near, "social-worker", path, strand="both", **asked)
    unsaid = ask(near, LEAD, path, **asked)

    assert (403, 422) == (worker.status_code, unsaid.status_code)
    assert "canary" not in worker.text + unsaid.text
