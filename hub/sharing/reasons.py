"""Opens the reasons that people gave, sealed under the child's own key in the scope of their agency."""

from uuid import UUID

from hub.confidentiality.keys import KeyRing
from hub.confidentiality.sealing import CannotUnseal, generation_of, unseal
from hub.domain.entry import Envelope


def opened_reason(
    keys: KeyRing, child: UUID, about: UUID, envelope: Envelope, *, remember: bool = True
) -> str:
    """Open a reason; empty where its key was destroyed. `remember=False`: its key stays in no memory."""
    scope = envelope.scope
    try:
        key = keys.for_opening(child, scope, generation_of(envelope.sealed), remember=remember)
        return unseal(key, child, about, scope, "reason", envelope.sealed).decode()
    except CannotUnseal:  # erased
        return ""
