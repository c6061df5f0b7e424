"""Every way to sign in to a real broker: a message goes through, and one without the right is refused."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

from adapters import bus_kafka
from adapters.bus_kafka import KafkaProducing
from adapters.publish import BusUnavailable
from hub.compose import open_topics
from hub.errors import Unavailable
from hub.intake.deliveries_kafka import KafkaDeliveries
from hub.intake.topics import Wish, plan
from schemas.bus_access import BusAccess, BusMisdescribed
from schemas.wire import Message
from tests.engines.kafka.certificates import Authority

SENT = Message("safeguarding.police.v1", b"key", (("ce_id", b"1"),), b"sealed")


@pytest.fixture(params=["scram", "token", "certificate"])
def signed(request, broker, kafka_admin, tmp_path) -> Callable[[str], tuple[str, BusAccess]]:
    """For a name: the principal it is to the broker, and the access it signs in with."""
    if "SIGNED" not in broker:
        pytest.skip("the broker named by HUB_TEST_KAFKA is known in clear only")
    namespace = f"t{uuid4().hex[:12]}"

    def scram(name):
        file = tmp_path / f"{name}.password"
        file.write_text(uuid4().hex)
        said = UserScramCredentialUpsertion(
            name, ScramMechanism.SCRAM_SHA_512, file.read_text(), iterations=4096
        )
        kafka_admin.alter_user_scram_credentials([said])
        return f"User:{name}", {"user": name, "password_file": file}

    def token(name):
        file = tmp_path / f"{name}.token"
        file.write_text(unsecured(name))
        return f"User:{name}", {"token_file": file}

    def certificate(name):
        authority = Authority(Path(broker["folder"]))
        files = authority.certify(name)
        return f"User:CN={name}", {"ca": authority.file, "cert": files.certificate, "key": files.key}

    way = {"scram": scram, "token": token, "certificate": certificate}[request.param]
    listener = "TLS" if request.param == "certificate" else "SIGNED"

    def signed_in(who):
        principal, said = way(f"{namespace}-{who}")
        address = f"kafka://{broker[listener]}/{namespace}"
        return principal, BusAccess(address=address, patience=5, **said)

    return signed_in


def unsecured(name):
    """A token as a broker without a key of its issuer takes it: for tests of the way it travels."""

    def part(said):
        return urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")

    now = int(time.time())
    return f"{part({'alg': 'none'})}.{part({'sub': name, 'iat': now, 'exp': now + 600})}."


def test_who_signs_in_is_known_to_the_broker_and_may_what_its_rules_say(signed, broker):
    (police, sends), (reader, reads), (_, stranger) = signed("police"), signed("hub"), signed("stranger")
    clear = BusAccess(address=f"kafka://{broker['PLAIN']}/{sends.namespace}")
    wish = Wish(clear, replicas=1, principals={"police": police, "hub": reader})
    with open_topics(clear) as topics:
        topics.apply(plan(wish, topics.standing(wish)))

    with closing(KafkaProducing(sends)) as producing:
        producing.send([SENT])
    with closing(KafkaDeliveries(reads)) as deliveries:
        read = deliveries.poll(10, 0.0)

    assert [SENT] == [Message(d.topic, d.key, d.headers, d.value) for d in read]
    with closing(KafkaProducing(stranger)) as producing, pytest.raises(BusUnavailable, match="Authorization"):
        producing.send([SENT])
    with pytest.raises(Unavailable, match="not on the bus, or not for the hub to read"):
        KafkaDeliveries(stranger)


def test_a_broker_that_asks_for_a_certificate_gets_none_and_it_is_one_line(broker):
    if "TLS" not in broker:
        pytest.skip("the broker named by HUB_TEST_KAFKA is known in clear only")
    ca = Path(broker["folder"]) / "authority.pem"
    access = BusAccess(address=f"kafka://{broker['TLS']}", ca=ca, patience=1)

    with pytest.raises(BusUnavailable) as refused:
        KafkaProducing(access).send([SENT])

    assert 1 == len(str(refused.value).splitlines())


def test_a_broker_of_another_authority_is_not_spoken_to(broker, tmp_path):
    if "TLS" not in broker:
        pytest.skip("the broker named by HUB_TEST_KAFKA is known in clear only")
    other = Authority(tmp_path)
    files = other.certify("police")
    access = BusAccess(
        address=f"kafka://{broker['TLS']}", ca=other.file, cert=files.certificate, key=files.key, patience=1
    )

    with pytest.raises(Unavailable) as refused:
        KafkaDeliveries(access)

    assert 1 == len(str(refused.value).splitlines())


def test_a_client_that_would_count_checksums_in_python_is_refused_before_anything_is_sent(monkeypatch):
    monkeypatch.setitem(bus_kafka.NEEDED, "crc32c_that_is_not_there", "crc32c")

    with pytest.raises(BusMisdescribed, match=r"missing: crc32c; install safeguarding-hub\[kafka\]"):
        KafkaProducing(BusAccess(address="kafka://localhost"))
