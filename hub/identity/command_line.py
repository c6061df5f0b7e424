"""Who signed in at the command line: a file of their own, which the hub's own key vouches for."""

import hmac
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from hub.confidentiality import secret_file
from hub.confidentiality.blind_index import BlindIndex
from hub.errors import HubError
from hub.records.clock import Clock

IDLE, LONGEST, FRESH = timedelta(minutes=15), timedelta(hours=10), timedelta(minutes=5)
SCHEME = "person"


class NotSignedIn(HubError):
    """Nobody signed in at this command line, or it was too long ago."""

    status, title, exit_code = 401, "Sign in first", 3


class SignedIn(NamedTuple):
    """Who signed in, by which provider, and when. `seen`: when a command was last used."""

    practitioner: UUID
    provider: str
    departures: int
    """How often they had left by then: whoever leaves and comes back signs in anew."""
    authenticated: datetime
    began: datetime
    seen: datetime


def write(path: Path, who: SignedIn, index: BlindIndex) -> None:
    """Note who signed in, in a file only its owner reads."""
    body = {
        "practitioner": who.practitioner.hex,
        "provider": who.provider,
        "departures": who.departures,
        **{name: getattr(who, name).isoformat() for name in ("authenticated", "began", "seen")},
    }
    secret_file.replace(path, {**body, "vouched": _vouch(body, index)})


def read(path: Path, index: BlindIndex, clock: Clock) -> SignedIn:
    """Who is signed in. Raises NotSignedIn; noting that they still are is the caller's."""
    if not path.exists():
        raise NotSignedIn("this hub holds live data: run 'hub sign-in'")
    body = secret_file.read(path)
    vouched = str(body.pop("vouched", ""))
    if not hmac.compare_digest(vouched, _vouch(body, index)):
        raise NotSignedIn("the sign-in was not made by this hub: run 'hub sign-in'")
    authenticated, began, seen = (
        datetime.fromisoformat(body[name]) for name in ("authenticated", "began", "seen")
    )
    now = clock()
    if not timedelta(0) <= now - seen <= IDLE or not timedelta(0) <= now - began <= LONGEST:
        raise NotSignedIn("your session has ended: run 'hub sign-in'")
    who = UUID(hex=body["practitioner"])
    return SignedIn(who, body["provider"], body["departures"], authenticated, began, seen)


def _vouch(body: dict[str, Any], index: BlindIndex) -> str:
    said = json.dumps(body, sort_keys=True)
    return index.index(SCHEME, f"command-line\x1f{said}").hex()
