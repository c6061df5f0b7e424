"""What a partner's system sends to be given a token."""

import secrets
import time
import warnings

from joserfc import jwk, jwt

from schemas.system_access import ASSERTION


def key_pair():
    return jwk.generate_key("OKP", "Ed25519", private=True)


def asked(key, name, audience, algorithm="Ed25519", form=(), **claims):
    """A token request; `claims` and `form` change what an honest one would say (None: left out)."""
    now = int(time.time())
    said = {"iss": name, "sub": name, "aud": audience, "exp": now + 60, "jti": secrets.token_urlsafe(16)}
    said = {k: v for k, v in (said | claims).items() if v is not None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of what is tried here is what the library warns of
        signed = jwt.encode({"alg": algorithm}, said, key, [algorithm])
    honest = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": signed,
    }
    return {k: v for k, v in (honest | dict(form)).items() if v is not None}
