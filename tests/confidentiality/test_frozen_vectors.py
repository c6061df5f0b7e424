"""Envelope version 1, frozen: what was sealed once must open for ever: `envelope_v1.json` never changes."""

import hashlib
import json
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from hub.confidentiality.sealing import DataKey, seal, unseal
from tests.confidentiality.envelopes import salted

FILE = Path(__file__).with_name("envelope_v1.json")
DIGEST = "e5f1349e66cc0298150701363fce1a6c995e3f0548db5e80b2dccbfa70e95deb"
VECTORS = json.loads(FILE.read_text())


def test_the_vectors_themselves_are_unchanged():
    assert 8 == len(VECTORS)
    assert DIGEST == hashlib.sha256(FILE.read_bytes()).hexdigest()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["schema"])
def test_what_version_one_sealed_still_opens(vector):
    assert vector["body"] == unseal(*_place(vector), bytes.fromhex(vector["envelope"])).hex()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["schema"])
def test_version_one_still_seals_the_same_bytes(vector):
    body = bytes.fromhex(vector["body"])

    assert vector["envelope"] == seal(*_place(vector), body, random=salted(vector["salt_seed"])).hex()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["schema"])
def test_a_reader_written_from_the_design_alone_opens_it(vector):
    envelope = bytes.fromhex(vector["envelope"])
    place = b"hub/seal" + bytes.fromhex(vector["child"]) + bytes.fromhex(vector["event"])
    place += vector["generation"].to_bytes(4, "big")
    for text in (vector["scope"].encode(), vector["schema"].encode()):
        place += len(text).to_bytes(2, "big") + text
    derived = HKDFExpand(SHA512(), 64, envelope[5:29] + place).derive(bytes.fromhex(vector["secret"]))
    padded = AESGCM(derived[:32]).decrypt(bytes(12), envelope[61:], None)
    length = int.from_bytes(padded[:4], "big")

    assert b"\x01" + vector["generation"].to_bytes(4, "big") == envelope[:5]
    assert derived[32:] == envelope[29:61]
    assert vector["body"] == padded[4 : 4 + length].hex()
    assert not any(padded[4 + length :])


def _place(vector):
    key = DataKey(vector["generation"], bytes.fromhex(vector["secret"]))
    return key, UUID(vector["child"]), UUID(vector["event"]), vector["scope"], vector["schema"]
