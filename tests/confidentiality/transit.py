"""A double of HashiCorp Vault's transit engine, over HTTP: what its documentation says, with real ciphers.

Derived AES-256-GCM keys with versions, batches, rewrap, rotation, minimum versions, trimming, policies by
token, seal and the error bodies Vault gives. What it answers was compared with OpenBao 2.7, on which
`test_openbao.py` runs the same; the double counts what it was asked, and is there where no server is.
"""

import base64
import json
import os
import re
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

TOKEN = "s.a-token-for-tests"
STRINGS, MOST_STRINGS = 4, 1000
"""Strings an item has, names and values; and how many a request may have (OpenBao's own limit)."""


class Transit:
    """The engine's state, and what it was asked."""

    def __init__(self) -> None:
        self.keys: dict[str, dict] = {}
        self.tokens = {TOKEN}
        self.denied: set[str] = set()
        self.sealed = False
        self.asked: list[tuple[str, str]] = []
        self.bodies: list[bytes] = []

    def answer(self, method: str, path: str, token: str | None, body: dict) -> tuple[int, dict]:
        if self.sealed:
            return 503, {"errors": ["Vault is sealed"]}
        match = re.fullmatch(
            r"/v1/transit/(keys|encrypt|decrypt|rewrap)/([\w.-]+)(?:/(rotate|config|trim))?", path
        )
        if match is None:
            return 404, {"errors": []}
        what, name, then = match.groups()
        if token not in self.tokens or name in self.denied:
            return 403, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]}
        if what == "keys":
            return self._key(method, name, then, body)
        if name not in self.keys:
            return 400, {"errors": ["encryption key not found"]}
        return self._batch(what, self.keys[name], body)

    def _key(self, method: str, name: str, then: str | None, body: dict) -> tuple[int, dict]:
        key = self.keys.get(name)
        if key is None:
            if method != "POST" or then:
                return 404, {"errors": []}
            assert body == {"type": "aes256-gcm96", "derived": True}
            self.keys[name] = {"versions": {1: os.urandom(32)}, "latest": 1, "decrypt": 1, "encrypt": 0}
            return 200, {"data": {}}
        match then:
            case "rotate":
                key["latest"] += 1
                key["versions"][key["latest"]] = os.urandom(32)
            case "config":
                for part, field in (
                    ("decrypt", "min_decryption_version"),
                    ("encrypt", "min_encryption_version"),
                ):
                    if body.get(field, 0) > key["latest"]:
                        return 400, {"errors": [f"cannot set {field} past the latest version"]}
                    key[part] = body.get(field, key[part])
            case "trim":
                least = body["min_available_version"]
                if least > key["decrypt"] or not key["encrypt"] or least > key["encrypt"]:
                    return 400, {
                        "errors": ["minimum available version cannot be higher than minimum versions"]
                    }
                key["versions"] = {v: k for v, k in key["versions"].items() if v >= least}
            case None:
                return 200, {"data": {"name": name, "latest_version": key["latest"], "derived": True}}
        return 200, {"data": {}}

    def _batch(self, what: str, key: dict, body: dict) -> tuple[int, dict]:
        if len(body["batch_input"]) * STRINGS > MOST_STRINGS:
            return 400, {"errors": ["refused JSON input due to high complexity"]}
        empty = {"plaintext": ""} if what == "decrypt" else {}
        results = [empty | self._one(what, key, item) for item in body["batch_input"]]
        bad = any("error" in result for result in results)
        return (400 if bad else 200), {"data": {"batch_results": results}}

    def _one(self, what: str, key: dict, item: dict) -> dict:  # noqa: PLR0911 — one for each thing Vault says
        context = base64.b64decode(item.get("context", ""))
        if not context:
            return {"error": "missing 'context' for key derivation; the key was created using a derived key"}
        if what == "encrypt":
            return _sealed(key, context, base64.b64decode(item["plaintext"]))
        match = re.fullmatch(r"vault:v(\d+):(.+)", item["ciphertext"])
        if match is None:
            return {"error": "invalid ciphertext: no prefix"}
        version = int(match[1])
        if version < key["decrypt"]:
            return {"error": "ciphertext or signature version is disallowed by policy (too old)"}
        if version not in key["versions"]:
            return {"error": "invalid ciphertext: version not found"}
        try:
            raw = base64.b64decode(match[2], validate=True)
            plaintext = _cipher(key, version, context).decrypt(raw[:12], raw[12:], None)
        except (InvalidTag, ValueError):
            return {"error": "cipher: message authentication failed"}
        if what == "rewrap":
            return _sealed(key, context, plaintext)
        return {"plaintext": base64.b64encode(plaintext).decode()}


def _cipher(key: dict, version: int, context: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, context).derive(key["versions"][version]))


def _sealed(key: dict, context: bytes, plaintext: bytes) -> dict:
    version, nonce = key["latest"], os.urandom(12)
    raw = nonce + _cipher(key, version, context).encrypt(nonce, plaintext, None)
    return {"ciphertext": f"vault:v{version}:{base64.b64encode(raw).decode()}", "key_version": version}


@contextmanager
def serving(transit: Transit):
    """The engine on a port of its own: its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            transit.asked.append((self.command, self.path))
            transit.bodies.append(raw)
            token = self.headers.get("X-Vault-Token")
            status, said = transit.answer(self.command, self.path, token, json.loads(raw) if raw else {})
            body = b"" if said is None else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
