"""A system posts case events by HTTP, and they go the way of every file: spool, seal, bus, intake."""

import os
import signal
import ssl

import httpx
import pytest

from tests.events import attendance, missing
from tests.hubs import take_all
from tests.identity.assertions import asked, key_pair
from tests.identity.certificates import Authority
from tests.journeys.workers import until
from tests.warm import Started, run

KEY = key_pair()
ADDRESS = "https://post.police.example"
AUDIENCE = f"{ADDRESS}/v1/token"
NAME = "custody"


def line(event):
    return event.model_dump_json(exclude_none=True, exclude={"age"}).encode()


class Posting:
    """The real command, serving over TLS, and clients of it."""

    def __init__(self, desk, folder):
        self.authority = Authority(folder / "ca")
        cert, key, _ = self.authority.issue("server")
        self.ours, self.anothers = self.authority.issue("custody"), self.authority.issue("gatehouse")
        agency = desk.settings.data / "agencies" / "police"
        (agency / "custody.pem").write_bytes(KEY.as_pem(private=False))
        (agency / "door.toml").write_text(
            f'address = "{ADDRESS}"\nport = 0\ntls_cert = "{cert}"\ntls_key = "{key}"\n'
            f'client_ca = "{self.authority.file}"\n[[system]]\nname = "{NAME}"\nsystem = "niche"\n'
            f'organisation = "Durham"\nkey_file = "custody.pem"\n'
            f'certificate_sha256 = "{self.ours[2].hex()}"\n'
        )
        command = ("adapters", "--listen", "police", "--data", str(desk.settings.data))
        self.running = Started(*command, environment=os.environ)
        until(lambda: "\n" in self.running.complaint(), "it says where it listens")
        self.port = int(self.running.complaint().split("port ")[1].split()[0])

    def client(self, with_=None):
        context = ssl.create_default_context(cafile=self.authority.file)
        if with_:
            context.load_cert_chain(with_[0], with_[1])
        return httpx.Client(
            base_url=f"https://127.0.0.1:{self.port}", verify=context, trust_env=False, timeout=60
        )

    def post(self, client, held, *lines):
        headers = {"authorization": f"Bearer {held}", "content-type": "application/x-ndjson"}
        return client.post("/v1/events", content=b"\n".join(lines), headers=headers)

    def close(self):
        os.kill(self.running.pid, signal.SIGINT)
        return self.running.communicate(timeout=60)[1]


@pytest.fixture
def posting(desk, tmp_path):
    door = Posting(desk, tmp_path)
    yield door
    door.close()


@pytest.mark.slow
def test_what_a_system_posts_is_spooled_sealed_sent_and_taken_in_and_what_is_bad_is_named(desk, posting):
    with posting.client(posting.ours) as client:
        held = client.post("/v1/token", data=asked(KEY, NAME, AUDIENCE)).json()["access_token"]
        answer = posting.post(
            client,
            held,
            line(missing("m1", 0, summary="zqposted")),
            b"{not json zqbroken",
            line(missing("m2", 1)),
            line(missing("m3", 2, system="custody-of-another")),
            line(attendance("a1", 3, system="niche")),
            line(missing("m4", 3)).replace(b'"part":"subject"', b'"part":"zqbroken"'),
        )
        resent = posting.post(client, held, line(missing("m1", 0, summary="zqposted")))
        nothing = posting.post(client, held, b"[]")
    with desk.open() as hub:
        tally = take_all(hub)
    folder = [p.read_bytes() for p in desk.settings.data.rglob("*") if p.is_file()]

    assert (200, 2, 4) == (answer.status_code, answer.json()["taken"], answer.json()["refused"])
    assert [
        ("line 2", "json-invalid", None),
        ("line 4", "system-of-another", "system"),
        ("document", "agency-of-another-format", "agency"),
        ("line 6", "enum", "part"),
    ] == [(f["place"], f["code"], f["field"]) for f in answer.json()["findings"]]
    assert "zqbroken" not in answer.text
    assert (200, 422) == (resent.status_code, nothing.status_code)
    assert (2, 1) == (tally.recorded, tally.resent)
    assert not any(b"zqposted" in held for held in folder)


@pytest.mark.slow
def test_nobody_posts_without_key_certificate_and_token(posting):
    with (
        posting.client(posting.ours) as ours,
        posting.client(posting.anothers) as anothers,
        posting.client() as bare,
    ):
        request = asked(KEY, NAME, AUDIENCE)
        assert 200 == ours.post("/v1/token", data=request).status_code
        refused = [
            ours.post("/v1/token", data=request),  # used before
            ours.post("/v1/token", data=asked(key_pair(), NAME, AUDIENCE)),
            ours.post("/v1/token", data=asked(KEY, "gatehouse", AUDIENCE)),
            ours.post("/v1/token", content=b"\xff" * 100),
            anothers.post("/v1/token", data=asked(KEY, NAME, AUDIENCE)),
            bare.post("/v1/token", data=asked(KEY, NAME, AUDIENCE)),
            ours.post("/v1/events", content=line(missing())),
            posting.post(ours, "guessed", line(missing())),
        ]
        held = ours.post("/v1/token", data=asked(KEY, NAME, AUDIENCE)).json()["access_token"]
        refused += [posting.post(c, held, line(missing())) for c in (anothers, bare)]
        large = posting.post(ours, held, b"x" * 4_000_001)

    assert {401} == {a.status_code for a in refused}
    assert 413 == large.status_code


WRONG = {
    "reached by others without TLS": 'host = "0.0.0.0"',
    "a certificate without an authority": "",
    "an address that is none": 'address = "post.police.example"',
    "something unknown": 'password = "s3cret-word"',
}


@pytest.mark.parametrize("what", WRONG)
def test_a_door_that_is_described_wrongly_does_not_open(desk, what):
    agency = desk.settings.data / "agencies" / "police"
    (agency / "custody.pem").write_bytes(KEY.as_pem(private=False))
    bound = f'certificate_sha256 = "{"a" * 64}"\n' if "authority" in what else ""
    address = "" if "address" in WRONG[what] else f'address = "{ADDRESS}"\n'
    (agency / "door.toml").write_text(
        f'{address}{WRONG[what]}\n[[system]]\nname = "{NAME}"\nsystem = "niche"\norganisation = "Durham"\n'
        f'key_file = "custody.pem"\n{bound}'
    )
    ran = run("adapters", "--listen", "police", "--data", str(desk.settings.data), environment=os.environ)

    assert 2 == ran.returncode
    assert ran.stderr.startswith("hub-publish: door.toml: ")
    assert "s3cret-word" not in ran.stderr
    assert 1 == ran.stderr.count("\n")
