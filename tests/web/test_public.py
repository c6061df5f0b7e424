"""What everybody may read: how information is shared here, and how to complain, by the policy in force."""

from hub.domain.child import By
from hub.sharing.policy import SHIPPED, read
from hub.sharing.policy_file import PolicyFile

PAGES = "/complaints", "/how-information-is-shared"


def words(answer):
    assert 200 == answer.status_code
    return " ".join(answer.text.split())


def test_from_the_foot_of_every_page_anybody_reads_how_to_complain_and_how_information_is_shared(served):
    nobody, lead = served.browser(), served.browser("school-lead")
    pages = [nobody.get("/sign-in"), nobody.get("/nowhere"), lead.get("/children/find"), lead.get(PAGES[0])]

    assert all(
        f'href="{path}"' in page.text for page in pages for path in (*PAGES, "/complaints#for-children")
    )
    assert all("Signed in as" not in words(nobody.get(path)) for path in PAGES)
    assert all("Signed in as <strong>School lead" in words(lead.get(path)) for path in PAGES)


def test_whom_to_complain_to_and_who_adopted_the_policy_is_what_its_file_says(served):
    policy, to = served.hub.policy, served.hub.policy.complaints
    complaints, how = (words(served.browser().get(path)) for path in PAGES)

    named = (
        *to.agencies.values(),
        to.controllers,
        to.data_protection_officer,
        to.regulator,
        *to.for_children,
    )
    assert [] == [each for each in named if each not in complaints]
    assert [] == [basis for basis in policy.purposes.values() if basis not in how]
    adopted = policy.name, "nobody yet: a draft", to.data_protection_officer, "Wed 31 Dec 2036"
    assert [] == [each for each in adopted if each not in how]
    assert "words are read for investigation, practice review, screening, section 47 alone" in how
    assert 4 == how.count("Appropriate policy document for safeguarding children, version: draft")
    assert "None is needed: health or social care" in how
    assert "<dt>Adopted</dt> <dd>by nobody here yet</dd>" in how
    lead = By("ada", "information-governance-lead", "social-care")
    served.hub.share.disclosures.adopt(policy, lead, "<b>spring</b> review")
    how = served.browser().get(PAGES[1]).text
    assert "as “&lt;b&gt;spring&lt;/b&gt; review”, by a person in the role" in how
    how = words(served.browser().get(PAGES[1]))
    assert "by a person in the role information governance lead" in how
    assert "ada" not in how.split()


def test_a_policy_of_before_names_nobody_and_the_pages_say_so(served, monkeypatch):
    texts = served.hub.policy.texts
    kept, _, rest = SHIPPED.read_text().partition("[[policy-documents]]")
    before = read(((kept + "[contacts]" + rest.partition("[contacts]")[2]).encode(), texts[1]))
    monkeypatch.setattr(PolicyFile, "__call__", lambda _: before)
    complaints, how = (words(served.browser().get(path)) for path in PAGES)

    assert "names nobody yet" in complaints
    assert 7 == how.count("None is named yet")


def test_wherever_a_basis_stands_so_does_the_policy_document(served):
    worker = served.browser("social-worker")
    worker.post(f"/children/{served.ann}/open", data={"purpose": "section-47"})
    of_child = [
        words(worker.get(f"/children/{served.ann}/{page}")) for page in ("chronology", "flags", "access")
    ]
    printed = words(worker.get(f"/children/{served.ann}/pack/print"))
    told = served.program("social-worker").post(
        f"/v1/children/{served.ann}/chronology", json={"purpose": "section-47"}
    )
    document = "Appropriate policy document for safeguarding children, version: draft"

    assert [True] * 3 == [f'#documents">{document}</a>' in page for page in of_child]
    assert document in printed
    assert document == told.json()["data"]["policy_document"]
