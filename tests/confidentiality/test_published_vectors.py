"""Published vectors, through what the hub itself seals, opens, hashes, signs and encapsulates with.

NIST's for AES-256-GCM, those of RFC 4231, 5869, 7748 and 9180, of Ed25519's authors, of ML-KEM-768 and of
HPKE's draft with ML-KEM, out of the package `cryptography-vectors`. A test that reads none fails.
"""

import hashlib
import json
from datetime import UTC, datetime
from functools import cache
from importlib import resources

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from msgspec.structs import force_setattr

from adapters import seal as adapter
from hub.confidentiality import agency_keys, hub_keys, key_file, secret_file
from hub.confidentiality.blind_index import BlindIndex
from hub.confidentiality.bus_sessions import SUITE, SessionOpener, _session
from hub.confidentiality.child_keys import Wrapped
from hub.confidentiality.sealing import CannotUnseal, DataKey, seal_spine, unseal_spine

FOLDER = resources.files("cryptography_vectors")
TAG, PREFIX = 16, 5
REFUSED = "refused"


# ---------------------------------------------------------------- reading them


def lines_of(*path):
    return FOLDER.joinpath(*path).read_text().splitlines()


def blocks(*path):
    """What a file of lines `name = value` says, a block each time its first name comes again."""
    found, about, first = [], {}, None
    for line in lines_of(*path):
        name, equals, value = (part.strip() for part in line.partition("="))
        if line.startswith("["):
            about[name[1:]] = value.rstrip("]")
        elif equals and not line.startswith("#"):
            first = first or name
            if name == first:
                found.append({**about})
            found[-1][name] = value
        elif line == "FAIL":
            found[-1]["FAIL"] = True
    return found


def octets(vector, *names):
    return [bytes.fromhex(vector[name]) for name in names]


@cache
def gcm(file):
    """NIST's, of 256-bit keys and 96-bit nonces: the hub has no others. Whole tags, and shortened ones."""
    mine = [v for v in blocks("ciphers", "AES", "GCM", file) if (v["Keylen"], v["IVlen"]) == ("256", "96")]
    whole = [v for v in mine if v["Taglen"] == "128"]
    return whole, [v for v in mine if v["Taglen"] != "128"]


def sealed_of(vector):
    """Nonce, ciphertext and tag, one after another: as all the hub's bodies lie."""
    return b"".join(octets(vector, "IV", "CT", "Tag"))


# ---------------------------------------------------------------- AES-256-GCM


class OnTheBus:
    """A message of an agency, opened under its session's key."""

    def __init__(self, keys, _):
        self.opener, self.keys = SessionOpener({}, {}), keys

    def open(self, number, sealed, aad):
        self.opener._sessions["police", b"session"] = AESGCM(self.keys[number])
        return self.opener.open("police", b"session", aad, sealed)


class InTheKeyFile:
    """A child's key, unwrapped under a key-encryption key of the file."""

    def __init__(self, keys, folder):
        path = folder / "keys.json"
        made = key_file.create(path, ["police"], demo=True)
        secret_file.replace(path, {**made._body, "keks": {"police": [key.hex() for key in keys]}})
        self.file = key_file.load(path)

    def open(self, number, sealed, aad):
        return self.file.unwrap("police", aad, Wrapped(number + 1, sealed))


class Vectors(DataKey, frozen=True, kw_only=True):
    """A key under which everything begins as a vector says."""

    begins: bytes

    @property
    def prefix(self):
        return self.begins


class InTheStore:
    """A stored event's body. What is authenticated begins with five bytes of the hub's: here the vector's."""

    def __init__(self, keys, _):
        self.keys = keys

    def key(self, number, aad):
        key = Vectors(1, bytes(64), begins=aad[:PREFIX])
        force_setattr(key, "_aead", AESGCM(self.keys[number]))
        return key, aad[PREFIX:]

    def open(self, number, sealed, aad):
        key, place = self.key(number, aad)
        return unseal_spine(key, place, key.prefix + sealed)

    def seal(self, number, nonce, body, aad):
        key, place = self.key(number, aad)
        return seal_spine(key, place, body, iter([nonce])).removeprefix(key.prefix)


def opened(way, number, vector):
    (aad,) = octets(vector, "AAD")
    try:
        return way.open(number, sealed_of(vector), aad)
    except CannotUnseal:
        return REFUSED


def says(vector):
    return REFUSED if "FAIL" in vector else bytes.fromhex(vector["PT"])


def usable(way, vectors):
    """The store authenticates five bytes before all else: of a vector without as many it can say nothing."""
    return [v for v in vectors if way is not InTheStore or len(v["AAD"]) >= 2 * PREFIX]


WAYS = pytest.mark.parametrize("way", [OnTheBus, InTheKeyFile, InTheStore])


@WAYS
@pytest.mark.parametrize("file", ["gcmDecrypt256.rsp", "gcmEncryptExtIV256.rsp"])
def test_what_nist_sealed_opens_and_what_it_spoilt_is_refused(way, file, tmp_path, counted):
    vectors = usable(way, gcm(file)[0])
    held = way([bytes.fromhex(v["Key"]) for v in vectors], tmp_path)
    wrong = [n for n, vector in enumerate(vectors) if says(vector) != opened(held, n, vector)]
    counted(1, f"of NIST's AES-256-GCM opened or refused, {way.__name__}", len(vectors))

    assert (300 if way is InTheStore else 375) == len(vectors)
    assert ("Decrypt" in file) == any("FAIL" in v for v in vectors)
    assert [] == wrong


@WAYS
def test_a_tag_that_was_shortened_is_refused_whatever_it_was_shortened_to(way, tmp_path, counted):
    """NIST's ciphertexts, under tags of 4 to 15 bytes: a hub that took these could be guessed at."""
    vectors = usable(way, [v for v in gcm("gcmEncryptExtIV256.rsp")[1] if "FAIL" not in v])
    held = way([bytes.fromhex(v["Key"]) for v in vectors], tmp_path)
    taken = [n for n, vector in enumerate(vectors) if opened(held, n, vector) != REFUSED]
    counted(1, f"shortened tags refused, {way.__name__}", len(vectors))

    assert (1800 if way is InTheStore else 2250) == len(vectors)
    assert {len(v["Tag"]) // 2 for v in vectors} == {4, 8, 12, 13, 14, 15}
    assert [] == taken


def test_what_the_store_seals_is_what_nist_sealed(tmp_path, counted):
    vectors = usable(InTheStore, gcm("gcmEncryptExtIV256.rsp")[0])
    store = InTheStore([bytes.fromhex(v["Key"]) for v in vectors], tmp_path)
    wrong = [
        n
        for n, v in enumerate(vectors)
        if sealed_of(v) != store.seal(n, *(bytes.fromhex(v[name]) for name in ("IV", "PT", "AAD")))
    ]
    counted(1, "of NIST's AES-256-GCM sealed", len(vectors))

    assert 300 == len(vectors)
    assert [] == wrong


def test_an_agency_seals_as_the_hub_opens_it():
    """Its nonces are counted, so NIST's cannot be put in: what it seals opens by NIST's way of reading."""
    vector = gcm("gcmEncryptExtIV256.rsp")[0][-1]
    key, body, aad = octets(vector, "Key", "PT", "AAD")
    session = adapter.Session(b"session", key, datetime(2026, 11, 28, tzinfo=UTC), lambda *_: b"")
    sealed = session.seal(aad, body)

    assert (1).to_bytes(12, "big") == sealed[:12]
    assert body == AESGCM(key).decrypt(sealed[:12], sealed[12:], aad)


# ---------------------------------------------------------------- HMAC and HKDF


def test_hmac_512_under_a_data_key_is_rfc_4231s(counted):
    """A key of 64 bytes stands for each: RFC 2104 fills shorter ones with zeros, and hashes longer ones."""
    vectors = blocks("HMAC", "rfc-4231-sha512.txt")
    for vector in vectors:
        key, said, mac = octets(vector, "Key", "Msg", "MD")
        data_key = DataKey(1, (hashlib.sha512(key).digest() if len(key) > 128 else key).ljust(64, b"\0"))
        digest = data_key.keyed.copy()
        digest.update(said)

        assert mac == digest.finalize()
    counted(1, "of RFC 4231, HMAC-SHA-512", len(vectors))

    assert 6 == len(vectors)


def test_hmac_256_of_the_blind_index_is_rfc_4231s(counted):
    vectors = blocks("HMAC", "rfc-4231-sha256.txt")
    index = BlindIndex({"vectors": bytes(32)})
    for vector in vectors:
        key, said, mac = octets(vector, "Key", "Msg", "MD")
        index._keyed["vectors", None] = HMAC(key, SHA256())

        assert mac == index.digest("vectors", said)
    counted(1, "of RFC 4231, HMAC-SHA-256", len(vectors))

    assert 6 == len(vectors)


def test_hkdf_expand_is_rfc_5869s_and_peppers_and_data_keys_expand_by_it(counted):
    """Of SHA-512 the RFC has no vector: the formula that gives its own of SHA-256 is asked of data keys."""
    vectors = blocks("KDF", "rfc-5869-HKDF-SHA256.txt")
    for vector in vectors:
        prk, info, okm = octets(vector, "PRK", "info", "OKM")

        assert okm == expanded(prk, info, len(okm), "sha256")
        assert okm == HKDFExpand(SHA256(), len(okm), info).derive(prk)
    secret, scheme = bytes(range(32)), "incident"
    pepper = expanded(secret, b"hub/blind/incident", 32, "sha256")
    data_key = DataKey(3, bytes(range(64)))
    counted(1, "of RFC 5869, HKDF-SHA-256", len(vectors))

    assert 3 == len(vectors)
    assert hmac_of(pepper, b"AB/1", "sha256") == BlindIndex({scheme: secret}).digest(scheme, b"AB/1")
    for info in (b"", b"hub/spine", bytes(300)):  # first and later expansions go two ways
        assert expanded(data_key.secret, info, 64, "sha512") == data_key.expand(info)


def expanded(prk, info, length, named):
    """HKDF-Expand as RFC 5869 2.3 writes it."""
    made, block, counter = b"", b"", 1
    while len(made) < length:
        block = hmac_of(prk, block + info + bytes([counter]), named)
        made, counter = made + block, counter + 1
    return made[:length]


def hmac_of(key, said, named):
    import hmac

    return hmac.digest(key, said, named)


# ---------------------------------------------------------------- Ed25519

ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.fixture(scope="module")
def signatures():
    """Seed, public key, message and signature, of Ed25519's authors."""
    found = []
    for line in lines_of("asymmetric", "Ed25519", "sign.input"):
        secret, public, message, signed = map(bytes.fromhex, line.split(":")[:4])
        found.append((secret[:32], public, message, signed[:64]))
    return found


@pytest.fixture
def known(signatures, tmp_path):
    """The public keys as the hub reads them: those of so many agencies, from its file."""
    row = {"valid_from": datetime(2026, 1, 1, tzinfo=UTC).isoformat(), "agency": "police"}
    rows = [{**row, "key_id": str(n), "public": s[1].hex()} for n, s in enumerate(signatures)]
    path = tmp_path / "agency-keys.json"
    path.write_text(json.dumps(rows))
    path.chmod(0o644)
    keys = agency_keys.load_agency_keys(path)
    return [keys["police", str(n)].public for n in range(len(signatures))]


def holds(public, signature, message):
    try:
        public.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_an_agencys_signature_is_that_of_ed25519s_authors(signatures, tmp_path, counted):
    path, signed = tmp_path / "signing-key.json", []
    for secret, _, message, _ in signatures:
        kept = {"agency": "police", "key_id": "k", "signing": secret.hex(), "reference_secret": "00" * 32}
        path.write_text(json.dumps(kept))
        path.chmod(0o600)
        signed.append(adapter.load_agency_keys(path).signing.sign(message))
    counted(1, "of Ed25519's authors, signed", len(signed))

    assert 1024 == len(signed)
    assert [signature for *_, signature in signatures] == signed


def test_the_hub_believes_these_and_none_that_was_changed_or_has_a_second_spelling(
    signatures, known, counted
):
    """Of S and S + L only one is a signature (RFC 8032 5.1.7): else one could be passed off as two."""
    asked = 0
    for number, (public, (_, raw, message, signature)) in enumerate(zip(known, signatures, strict=True)):
        at = number % 64
        flipped = signature[:at] + bytes([signature[at] ^ 1 << number % 8]) + signature[at + 1 :]
        again = int.from_bytes(signature[32:], "little") + ORDER
        wrong = [
            (flipped, message),
            (signature[:63], message),
            (signature, message + b"\0"),
            (signature[:32] + again.to_bytes(32, "little"), message),
            (bytes(64), message),
        ]
        asked += 1 + len(wrong)

        assert raw == public.public_bytes_raw()
        assert holds(public, signature, message), number
        assert not any(holds(public, *each) for each in wrong), number
    counted(1, "of Ed25519's authors, believed; and changed ones, refused", asked)

    assert 6 * 1024 == asked


# ---------------------------------------------------------------- what agencies seal a session's key to


def halves(mlkem=bytes(64), x25519=bytes(range(32))):
    return hub_keys._halves({"mlkem768": mlkem.hex(), "x25519": x25519.hex()})


def test_x25519_is_rfc_7748s(counted):
    vectors = blocks("asymmetric", "X25519", "rfc7748.txt")
    for vector in vectors:
        scalar, point, shared = octets(vector, "INPUT_SCALAR", "INPUT_U", "OUTPUT_U")

        assert shared == halves(x25519=scalar)[1].exchange(X25519PublicKey.from_public_bytes(point))
    counted(1, "of RFC 7748, X25519", len(vectors))

    assert 3 == len(vectors)


def test_ml_kem_768_makes_the_public_keys_and_opens_or_rejects_what_fips_203_says(counted):
    """`ct_n` was encapsulated to nobody: it gives the secret that says nothing (`ss_n`), and no error."""
    vectors = blocks("asymmetric", "MLKEM", "kat_MLKEM_768.rsp")
    for vector in vectors:
        d, z, pk, ct, ss, ct_n, ss_n = octets(vector, "d", "z", "pk", "ct", "ss", "ct_n", "ss_n")
        private: MLKEM768PrivateKey = halves(mlkem=d + z)[0]

        assert pk == private.public_key().public_bytes_raw()
        assert (ss, ss_n) == (private.decapsulate(ct), private.decapsulate(ct_n))
    counted(1, "of FIPS 203, ML-KEM-768", len(vectors))

    assert 1000 == len(vectors)


BASE, HKDF_SHA256, AES_256_GCM, HYBRID = 0, 1, 2, 0x647A


def schedule(kem, shared, info):
    """Key and nonce of the first message, as RFC 9180 5.1 derives them in its base mode, written from it."""
    suite = b"HPKE" + b"".join(n.to_bytes(2, "big") for n in (kem, HKDF_SHA256, AES_256_GCM))

    def extract(salt, label, said):
        return hmac_of(salt or bytes(32), b"HPKE-v1" + suite + label + said, "sha256")

    context = bytes([BASE]) + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    return tuple(
        expanded(secret, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context, size, "sha256")
        for label, size in ((b"key", 32), (b"base_nonce", 12))
    )


def test_the_schedule_written_here_is_rfc_9180s(counted):
    suite = (BASE, HKDF_SHA256, AES_256_GCM)
    every = json.loads(FOLDER.joinpath("HPKE", "test-vectors.json").read_text())
    vectors = [v for v in every if (v["mode"], v["kdf_id"], v["aead_id"]) == suite]
    for vector in vectors:
        shared, info, key, nonce = octets(vector, "shared_secret", "info", "key", "base_nonce")

        assert (key, nonce) == schedule(vector["kem_id"], shared, info)
    counted(1, "of RFC 9180, HKDF-SHA256 and AES-256-GCM", len(vectors))

    assert 4 == len(vectors)


def test_the_hub_opens_a_session_that_was_encapsulated_by_the_drafts_vectors(counted):
    """The hub's suite has no vector of its own: its KEM has two, and the schedule above is the RFC's."""
    every = json.loads(FOLDER.joinpath("HPKE", "hpke-pq-test-vectors.json").read_text())
    vectors = [v for v in every if v["kem_id"] == HYBRID]
    session_key = bytes(range(100, 132))
    for vector in vectors:
        seed, public, shared, enc, info = octets(vector, "skRm", "pkRm", "shared_secret", "enc", "info")
        both = hashlib.shake_256(seed).digest(96)
        parts = {"mlkem768": both[:64].hex(), "x25519": both[64:].hex()}
        key, nonce = schedule(HYBRID, shared, info)
        sent = enc + AESGCM(key).encrypt(nonce, session_key, b"")
        private = hub_keys.private(parts)
        opener = _session(sent, private, info)
        body = AESGCM(session_key).encrypt(nonce, b"a message", b"aad")

        assert public == b"".join(hub_keys.public(parts)[half] for half in ("mlkem768", "x25519"))
        assert session_key == SUITE.decrypt(sent, private, info)
        assert b"a message" == opener.decrypt(nonce, body, b"aad")
        with pytest.raises(CannotUnseal, match="damaged"):
            _session(sent, private, info + b"\0")
        with pytest.raises(CannotUnseal, match="damaged"):  # a shorter key would be a weaker cipher
            _session(enc + AESGCM(key).encrypt(nonce, session_key[:16], b""), private, info)
    counted(1, "of the draft's KEM, a session opened", len(vectors))

    assert 2 == len(vectors)
