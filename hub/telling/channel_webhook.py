"""Tells by a signed POST, as the Standard Webhooks specification has it (standardwebhooks.com, 1.0)."""

import base64
import hashlib
import hmac
import json
import ssl
from datetime import datetime
from functools import cache

from hub.telling.channel import NotTaken, Why
from hub.telling.message import Message
from hub.telling.settings import Webhook

SHORTEST = 24
"""Characters of a secret: 24 are the least the specification allows."""


class Post:
    """A POST to one recipient's address."""

    def __init__(self, hook: Webhook) -> None:
        self._hook = hook

    def send(self, message: Message, now: datetime) -> None:
        """Post it; only an answer of 2xx takes it over. Raises NotTaken."""
        import httpx  # noqa: PLC0415 — loaded only where a webhook is told something

        body = body_of(message)
        headers = {"content-type": "application/json", **signed(message, body, now, self._secret())}
        try:
            ca = self._hook.ca
            trust = ssl.create_default_context(cafile=str(ca)) if ca else _authorities()
            with httpx.Client(verify=trust, timeout=self._hook.patience, trust_env=False) as client:
                answer = client.post(self._hook.url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            trusted = "CERTIFICATE_VERIFY_FAILED" not in str(error)
            raise NotTaken(Why.AWAY if trusted else Why.NOT_TRUSTED) from None
        if not answer.is_success:
            raise NotTaken(Why.SIGN_IN if answer.status_code in (401, 403) else Why.REFUSED)

    def _secret(self) -> bytes:
        try:
            secret = self._hook.secret_file.read_text().strip().encode()
        except OSError:
            raise NotTaken(Why.SECRET) from None
        if len(secret) < SHORTEST:
            raise NotTaken(Why.SECRET)
        return secret


@cache
def _authorities() -> ssl.SSLContext:
    """Those whom this machine believes, read once; a recipient's own are read anew: they may be renewed."""
    return ssl.create_default_context()


def body_of(message: Message) -> bytes:
    """What is posted: kind, reference, link, times. Nothing of a child."""
    said = {
        "type": f"hub.{message.kind}",
        "reference": message.reference,
        "link": message.link,
        "due": message.due.isoformat() if message.due else None,
        "urgent": message.urgent,
    }
    return json.dumps(said, separators=(",", ":")).encode()


def signed(message: Message, body: bytes, now: datetime, secret: bytes) -> dict[str, str]:
    """The headers by which the receiver knows who sent it, when, and whether it came before."""
    at = str(int(now.timestamp()))
    mark = hmac.new(secret, f"{message.id}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": str(message.id),
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(mark).decode()}",
    }
