"""Tokens for partners' systems: client credentials by a signed assertion, bound to a certificate."""

from collections.abc import Callable, Mapping
from typing import Annotated, cast

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from hub.domain.child import By
from hub.domain.system import OF_SYSTEMS, System
from hub.errors import Refused
from hub.identity.systems import Systems
from hub.web import documents
from hub.web.asking import Question, asks
from hub.web.forms import form
from hub.web.served import Window
from hub.web.sessions import NotSignedIn
from hub.web.signed_in import TheAllowance, address_of
from schemas.system_access import TOKEN_LASTS, Assertions, NotAdmitted, Tokens
from schemas.tls import certificate_of

router = APIRouter(tags=["sign-in"])
TOKEN = "/v1/token"  # noqa: S105 — an address


class Token(msgspec.Struct, frozen=True):
    """What a system sends as `Authorization: Bearer` (RFC 6749, 5.1)."""

    access_token: str
    token_type: str
    expires_in: int


class NoToken(Refused):
    """The system did not prove who it is; which check failed is not told."""

    status, title, exit_code = 401, "Not a system that is admitted here", 3


class SystemTokens:
    """Gives tokens to admitted systems, and knows their holders."""

    def __init__(
        self,
        window: Window,
        systems: Systems,
        public_url: str,
        wall: Callable[[], float],
        monotonic: Callable[[], float],
        new_secret: Callable[[], str],
    ) -> None:
        self._window, self._systems = window, systems
        self._assertions = Assertions(public_url + TOKEN, wall)
        self._tokens = Tokens(monotonic, new_secret)

    def give(self, said: Mapping[str, str], certificate: bytes | None) -> str:
        """Give a token to the system that signed the request. Raises NoToken."""
        try:
            name = self._assertions.believe(said, self._key)
        except NotAdmitted:
            raise NoToken from None
        system = self._standing(name)
        admitted = system.admitted if system else None
        if (
            system is None
            or admitted is None
            or (admitted.certificate and admitted.certificate != certificate)
        ):
            raise NoToken
        return self._tokens.give(name, system.grant, certificate)

    def holder(self, token: str, certificate: bytes | None) -> By:
        """Which system holds a token, and as what it acts. Raises NotSignedIn: also once it is dismissed."""
        try:
            held = self._tokens.holder(token, certificate)
        except NotAdmitted:
            raise NotSignedIn from None
        system = self._standing(held.name)
        if system is None or system.admitted is None or system.grant != held.grant:
            raise NotSignedIn
        return By(f"{OF_SYSTEMS}{held.name}", system.admitted.role, system.admitted.agency)

    def _key(self, name: str) -> str | None:
        system = self._standing(name)
        return system.admitted.key if system and system.admitted else None

    def _standing(self, name: str) -> System | None:
        with self._window.open() as hub:
            system = self._systems.named(name)
            admitted = system.standing(hub.clock())
            return system if admitted and hub.policy.role_at(admitted.role, admitted.agency) else None


@router.post(
    TOKEN,
    responses={
        200: {
            "description": "A token for five minutes.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Token"}}},
        },
        **documents.problems(401, 403, 413, 415, 429),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {
                        "type": "object",
                        "required": ["grant_type", "client_assertion_type", "client_assertion"],
                        "properties": {
                            "grant_type": {"const": "client_credentials"},
                            "client_assertion_type": {
                                "const": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
                            },
                            "client_assertion": {"type": "string"},
                            "client_id": {"type": "string"},
                        },
                    }
                }
            },
        }
    },
)
@asks(Question.NOTHING)
def token(
    request: Request, allowance: TheAllowance, said: Annotated[Mapping[str, str], Depends(form)]
) -> Response:
    """Give a system a token: client credentials with `private_key_jwt` (RFC 7523)."""
    allowance.take_stranger(address_of(request))
    systems = cast("SystemTokens", request.app.state.vouching.systems)
    given = systems.give(said, certificate_of(request.scope))
    return documents.json(Token(given, "Bearer", int(TOKEN_LASTS)))
