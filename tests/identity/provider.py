"""A small OpenID provider on this machine, conforming and strict: it checks what a real one checks.

Written here because oidc-provider-mock (which the tests run as well) knows neither PKCE, `auth_time`,
`max_age`, `acr` nor private_key_jwt. `spoil` lets a test have it lie.
"""

import base64
import hashlib
import json
import secrets
import ssl
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwk, jwt

CLIENT = "hub"
IN_CLEAR = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""To ask in clear: else each question reads every authority there is."""
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class ProviderRefuses(Exception):
    """What a conforming provider answers with 400."""


class ARealProvider:
    """Signs in whoever `who` names, at once: there is no page to click on."""

    def __init__(self):
        self.who, self.acr, self.authenticated_at = "ann@example.invalid", None, None
        self.key = jwk.generate_key("EC", "P-256", {"kid": "one", "use": "sig"}, private=True)
        self.published = [self.key]
        self.client_secret, self.client_key = None, None
        self.spoil = lambda claims, header: (claims, header, self.key)
        self.answers = {}
        self.codes, self.used, self.asked = {}, set(), []
        self.fetched_keys = 0
        self.issuer = ""

    # -------------------------------------------------------- endpoints

    def description(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/end",
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        } | self.answers

    def keys(self):
        self.fetched_keys += 1
        return {"keys": [key.as_dict(private=False) for key in self.published]}

    def authorize(self, asked):
        self.asked.append(asked)
        wanted = {"response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256"}
        if any(asked.get(name) != value for name, value in wanted.items()):
            raise ProviderRefuses("not a code flow with PKCE")
        if "openid" not in asked["scope"].split() or len(asked["state"]) < 43 or len(asked["nonce"]) < 43:
            raise ProviderRefuses("openid, state and nonce are needed")
        code = secrets.token_urlsafe(32)
        fresh = asked.get("prompt") == "login" or asked.get("max_age") == "0"
        at = int(time.time()) if fresh or self.authenticated_at is None else self.authenticated_at
        self.codes[code] = asked | {"sub": self.who, "auth_time": at}
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def token(self, form, authorization):
        if (form.get("grant_type"), form.get("client_id")) != ("authorization_code", CLIENT):
            raise ProviderRefuses("unsupported_grant_type")
        self._known_client(form, authorization)
        asked = self.codes.pop(form.get("code"), None)
        if asked is None or form["code"] in self.used:
            raise ProviderRefuses("no such code")
        self.used.add(form["code"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
        if challenge.rstrip(b"=").decode() != asked["code_challenge"]:
            raise ProviderRefuses("the verifier is another's")
        if form["redirect_uri"] != asked["redirect_uri"]:
            raise ProviderRefuses("another redirect_uri")
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": asked["sub"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "auth_time": asked["auth_time"],
            **({"acr": self.acr} if self.acr else {}),
        }
        claims, header, key = self.spoil(claims, {"alg": "ES256", "kid": "one"})
        token = key if isinstance(key, str) else jwt.encode(header, claims, key, [header["alg"]])
        return {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": token}

    def _known_client(self, form, authorization):
        if self.client_secret:
            said = base64.b64decode((authorization or "Basic ").split()[1]).decode()
            if said != f"{CLIENT}:{self.client_secret}":
                raise ProviderRefuses("invalid_client")
        if self.client_key:
            token = jwt.decode(form["client_assertion"], self.client_key, ["ES256", "PS256", "Ed25519"])
            signed, now = token.claims, time.time()
            if form["client_assertion_type"] != JWT_BEARER or signed["jti"] in self.used:
                raise ProviderRefuses("invalid_client")
            if (signed["iss"], signed["sub"], signed["aud"]) != (CLIENT, CLIENT, f"{self.issuer}/token"):
                raise ProviderRefuses("invalid_client")
            if not now - 60 < signed["iat"] <= now < signed["exp"] <= signed["iat"] + 60:
                raise ProviderRefuses("invalid_client")
            if token.header.get("kid") != self.client_key.kid:
                raise ProviderRefuses("invalid_client")
            self.used.add(signed["jti"])


@contextmanager
def running():
    """One provider, listening on this machine."""
    provider = ARealProvider()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self):
            there = urlsplit(self.path)
            asked = dict(parse_qsl(there.query))
            match there.path:
                case "/.well-known/openid-configuration":
                    self.say(provider.description)
                case "/keys":
                    self.say(provider.keys)
                case "/authorize":
                    self.say(lambda: provider.authorize(asked), lead=True)
                case _:
                    self.send_error(404)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self.say(lambda: provider.token(dict(parse_qsl(body)), self.headers.get("authorization")))

        def say(self, answer, lead=False):
            try:
                said, status = answer(), 302 if lead else 200
            except (ProviderRefuses, KeyError) as refused:
                said, status, lead = {"error": str(refused)}, 400, False
            body = b"" if lead else json.dumps(said).encode()
            self.send_response(status)
            if lead:
                self.send_header("Location", said)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=lambda: server.serve_forever(0.02))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
