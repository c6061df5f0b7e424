"""Who vouches for whoever asks: the port behind which a demonstration and a live hub differ."""

from collections.abc import Callable
from typing import Protocol

from fastapi import APIRouter

from hub.domain.child import By
from hub.web.sessions import NotSignedIn, Session, Sessions


class Vouching(Protocol):
    """One way of signing in. `demo_sign_in` and `sign_in` each have one; an app has exactly one of them."""

    cookie: str
    """The name of the cookie that holds a browser's session."""
    secure: bool
    """Whether it is sent over TLS only, and stays this very host's."""
    router: APIRouter
    structs: tuple[type, ...]
    """What its answers to programs are made of."""

    def still(self, session: Session) -> bool:
        """Whether a session may go on: its issuer vouches here, and the person may still act in the role."""

    def program(self, token: str, certificate: bytes | None, sessions: Sessions) -> By:
        """Who a program with this token is. Raises NotSignedIn."""


def standing(id_: str, sessions: Sessions, still: Callable[[Session], bool]) -> Session:
    """The session of an id, if it may go on. Raises NotSignedIn, SessionEnded."""
    session = sessions.of(id_)
    if not still(session):
        sessions.end(id_)
        raise NotSignedIn("your access has ended")
    return session


def goes_on(id_: str, sessions: Sessions, still: Callable[[Session], bool]) -> bool:
    """Whether the session of an id may go on; asking does not lengthen it."""
    session = sessions.last_of(id_)
    return session is not None and sessions.left(id_) > 0 and still(session)
