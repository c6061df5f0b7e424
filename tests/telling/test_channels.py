"""E-mail and webhook against real servers on this machine: what they carry, and what is refused."""

import json
import socket
from datetime import timedelta
from uuid import UUID

import pytest

from hub.telling.channel import NotTaken, Why
from hub.telling.channel_smtp import Mail
from hub.telling.channel_webhook import Post
from hub.telling.message import WORDS, Message
from hub.telling.settings import Kind, Smtp, Webhook
from tests.engines.kafka.certificates import Authority
from tests.hubs import NOW
from tests.telling.servers import ADDRESS, PASSWORD, SECRET, mail_server, webhook_server

ID = UUID("11111111-2222-4333-8444-555555555555")
MESSAGE = Message(
    ID, Kind.FLAG_RAISED, f"https://hub.example.invalid/told/{ID}", NOW + timedelta(hours=1), urgent=True
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def certified(authority):
    return authority.certify("server")


def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def file(tmp_path, text):
    written = tmp_path / text.replace("'", "")
    written.write_text(text + "\n")
    return written


def mail(port, **more):
    said = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "hub@example.invalid", **more}
    return Mail(Smtp(**{"patience": 5, **said}), [ADDRESS, "second@example.invalid"])


def post(url, secret, **more):
    return Post(Webhook(url=url, secret_file=secret, patience=5, **more))


def why(channel):
    with pytest.raises(NotTaken) as refused:
        channel.send(MESSAGE, NOW)
    return refused.value.why


@pytest.mark.parametrize("tls", [False, True], ids=["starttls", "tls"])
def test_a_mail_goes_signed_in_and_encrypted_to_all_addresses(authority, certified, tmp_path, tls):
    with mail_server(certified, tls=tls) as (box, port):
        more = {"security": "tls" if tls else "starttls", "ca": authority.file}
        more |= {} if tls else {"user": "hub", "password_file": file(tmp_path, PASSWORD)}
        mail(port, **more).send(MESSAGE, NOW)
    ((to, sent),) = box.mails

    assert (ADDRESS, "second@example.invalid") == to
    assert f"<{ID}@example.invalid>" == sent["Message-ID"]
    assert "auto-generated" == sent["Auto-Submitted"]
    assert MESSAGE.link in sent.get_content()
    assert "Please look by Fri 20 Nov 2026 10:00." in sent.get_content()


def test_a_mail_is_not_taken_by_a_server_that_cannot_be_trusted_reached_or_signed_in_to(
    authority, certified, tmp_path
):
    password = file(tmp_path, "wrong")
    with mail_server(certified) as (box, port):
        signing = {"security": "starttls", "user": "hub", "password_file": password}

        assert Why.SIGN_IN is why(mail(port, ca=authority.file, **signing))
        assert Why.NOT_TRUSTED is why(mail(port, **signing))
        assert Why.SECRET is why(
            mail(port, ca=authority.file, **{**signing, "password_file": tmp_path / "none"})
        )
    assert Why.AWAY is why(mail(closed_port()))
    assert [] == box.mails


def test_a_mail_server_that_refuses_says_no_more_than_why():
    with mail_server() as (box, port):
        box.refuses_rcpt = "550 no such mailbox front-door"
        assert Why.RECIPIENT is why(mail(port))
        box.refuses_rcpt, box.refuses_data = None, "451 try later"
        assert Why.REFUSED is why(mail(port))

    assert [] == box.mails


def test_a_webhook_is_signed_and_carries_a_reference_and_a_link_only(authority, certified, tmp_path):
    with webhook_server(certified) as (received, url):
        post(url, file(tmp_path, SECRET), ca=authority.file).send(MESSAGE, NOW)

    assert [str(ID)] == received.ids
    assert {
        "type": "hub.flag-raised",
        "reference": "11111111",
        "link": MESSAGE.link,
        "due": "2026-11-20T10:00:00+00:00",
        "urgent": True,
    } == json.loads(received.bodies[0])


def test_a_webhook_is_not_taken_by_a_receiver_that_refuses_is_away_or_is_not_trusted(
    certified, authority, tmp_path
):
    secret = file(tmp_path, SECRET)
    with webhook_server() as (received, url):
        received.answers = 503
        assert Why.REFUSED is why(post(url, secret))
        received.answers = 302
        assert Why.REFUSED is why(post(url, secret))
        received.answers = 204
        assert Why.SIGN_IN is why(post(url, file(tmp_path, "another-secret-of-24-characters")))
        assert Why.SECRET is why(post(url, file(tmp_path, "short")))
        assert Why.SECRET is why(post(url, tmp_path / "none"))
    with webhook_server(certified) as (_, url):
        assert Why.NOT_TRUSTED is why(post(url, secret))
    assert Why.AWAY is why(post(f"http://127.0.0.1:{closed_port()}/hook", secret))
    assert [] == received.bodies


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_words_of_its_own_and_they_ask_and_do_not_say(kind):
    message = MESSAGE._replace(kind=kind)

    assert WORDS[kind] in message.text
    assert "Reference 11111111" in message.text
    assert len(set(WORDS.values())) == len(Kind)
