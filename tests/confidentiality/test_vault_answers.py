"""What a key service may answer, and what the hub makes of it: no key it was not given, and no crash."""

import pytest

from hub.confidentiality.child_keys import Wrapped
from hub.confidentiality.keys import ScopeWithdrawn
from hub.confidentiality.vault import TransitKeys
from hub.errors import Refused, Unavailable
from tests.confidentiality.rings import Clock
from tests.confidentiality.test_vault import SCOPES, Service
from tests.confidentiality.transit import Transit, serving

SECRET = b"s" * 64


class Answering(Transit):
    """The engine, but for one kind of request, which is answered as the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.instead = {}

    def answer(self, method, path, token, body):
        for what, said in self.instead.items():
            if f"/{what}/" in path:
                return said(super().answer(method, path, token, body)) if callable(said) else said
        return super().answer(method, path, token, body)


@pytest.fixture
def service(tmp_path):
    transit = Answering()
    with serving(transit) as address:
        yield Service(address, transit, tmp_path)


def results(said):
    """Of an answer to a batch."""
    return said[1]["data"]["batch_results"]


def asked(service):
    """What was asked since the last time."""
    said, service.transit.asked = service.transit.asked, []
    return [f"{method} {path.removeprefix('/v1/transit/')}" for method, path in said]


def test_the_services_certificate_is_always_checked_against_the_machines_authorities_or_the_one_named(
    service, tmp_path
):
    named = TransitKeys(service.access.model_copy(update={"ca": tmp_path / "ca.pem"}), SCOPES, Clock())

    assert service.store._client.adapter._kwargs["verify"] is True
    assert str(tmp_path / "ca.pem") == named._client.adapter._kwargs["verify"]


def test_who_has_no_token_is_told_at_once_and_who_has_one_signs_in_without_being_refused_first(
    service, tmp_path
):
    with pytest.raises(Unavailable, match="token cannot be read"):
        TransitKeys(service.access.model_copy(update={"token_file": tmp_path / "none"}), SCOPES, Clock())
    asked(service)
    TransitKeys(service.access, SCOPES, Clock()).wrap("police", b"here", SECRET)

    assert ["POST encrypt/hub-police"] == asked(service)


def test_the_newest_versions_are_asked_for_once_a_minute(service):
    asked(service)
    assert dict.fromkeys(SCOPES, 1) == service.store.scopes() == service.store.scopes()
    assert 3 == len(asked(service))
    service.clock.now += 59.9
    service.store.scopes()
    assert [] == asked(service)
    service.clock.now += 0.1
    service.store.scopes()
    assert 3 == len(asked(service))


def test_a_rotation_is_known_at_once_to_who_made_it_and_another_finds_it_before_it_destroys(service):
    other = TransitKeys(service.access, SCOPES, service.clock)
    assert 1 == other.scopes()["police"]

    assert [2, 3] == [service.store.rotate("police"), service.store.rotate("police")]
    assert 3 == service.store.scopes()["police"]
    for never in (-1, 0, 3, 4):
        with pytest.raises(Refused, match="not an older key"):
            service.store.destroy_version("police", never)
    other.destroy_version("police", 2)
    assert {3} == set(service.transit.keys["hub-police"]["versions"])


def test_a_scope_that_is_refused_has_no_version_and_is_withdrawn_for_a_minute(service):
    service.transit.denied.add("hub-health")

    assert 0 == service.store.scopes()["health"]
    assert {"health"} == set(service.store.withdrawn())
    service.clock.now += 59.9
    assert {"health"} == set(service.store.withdrawn())
    service.clock.now += 0.1
    assert set() == set(service.store.withdrawn())


def test_a_scope_the_service_has_no_key_of_is_withdrawn_too(service):
    with pytest.raises(ScopeWithdrawn, match="scope gardening"):
        service.store.wrap("gardening", b"here", SECRET)

    assert {"gardening"} == set(service.store.withdrawn())
    assert service.store.wrap("police", b"here", SECRET)


@pytest.mark.parametrize("error", [None, {"errors": None}, {"errors": ["too complex"]}, {"data": None}])
def test_a_request_that_is_not_taken_is_no_withdrawal(service, error):
    service.transit.instead["encrypt"] = (400, error)
    with pytest.raises(Unavailable, match="would not take what the hub asked"):
        service.store.wrap("police", b"here", SECRET)

    assert set() == set(service.store.withdrawn())


@pytest.mark.parametrize("status", [400, 403, 500])
def test_an_error_that_is_not_said_as_a_key_service_says_it_is_waited_for_and_no_crash(service, status):
    """A proxy in front of it may say anything."""
    service.transit.instead["encrypt"] = (status, ["no"])

    with pytest.raises(Unavailable, match="not an answer"):
        service.store.wrap("police", b"here", SECRET)


def test_an_item_that_is_refused_in_a_scope_that_is_not_withdrawn_is_no_answer(service):
    with pytest.raises(Unavailable, match="not an answer"):
        service.store.wrap("police", b"", SECRET)


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [{"ciphertext": "vault:v1:a"}] * 2,
        [{"ciphertext": "vault:v1"}],
        [{"ciphertext": "vault:v1:a:b"}],
        [{"ciphertext": "other:v1:a"}],
        [{"ciphertext": "vault:vx:a"}],
        [{"ciphertext": "vault:v:a"}],
    ],
)
def test_too_few_answers_too_many_or_what_is_no_ciphertext_is_no_answer(service, answers):
    service.transit.instead["encrypt"] = (200, {"data": {"batch_results": answers}})

    with pytest.raises(Unavailable, match="not an answer"):
        service.store.wrap("police", b"here", SECRET)


def test_a_key_is_not_taken_for_the_answer_of_another_where_one_is_missing(service):
    items = [("police", bytes([n]), SECRET) for n in range(1, 4)]
    wrapped = [
        (scope, at, held) for (scope, at, _), held in zip(items, service.store.wrap_many(items), strict=True)
    ]
    service.transit.instead["decrypt"] = lambda said: (200, {"data": {"batch_results": results(said)[1:]}})

    with pytest.raises(Unavailable, match="not an answer"):
        service.store.unwrap_many(wrapped)


def test_an_answer_counts_whatever_kind_of_success_it_is_and_none_at_all_where_none_is_wanted(service):
    service.transit.instead["encrypt"] = lambda said: (202, said[1])
    wrapped = service.store.wrap("police", b"here", SECRET)
    service.transit.instead["keys"] = (204, None)
    service.store.add_scopes(("education",))

    assert SECRET == service.store.unwrap("police", b"here", wrapped)
    assert 0 == TransitKeys(service.access, SCOPES, Clock()).scopes()["police"]


def test_what_is_wrapped_keeps_the_version_it_says(service):
    service.transit.instead["encrypt"] = (200, {"data": {"batch_results": [{"ciphertext": "vault:v12:a"}]}})

    assert Wrapped(12, b"vault:v12:a") == service.store.wrap("police", b"here", SECRET)
