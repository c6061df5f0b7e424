"""Checks that an agency signed what came: one signature for a batch, and a few hashes for each event."""

from collections import OrderedDict
from collections.abc import Container

from cryptography.exceptions import InvalidSignature

from hub.confidentiality.agency_keys import AgencyKeys
from hub.confidentiality.sealing import CannotUnseal
from schemas.vouching import HASH, Voucher, batch_statement, node_of, read_batch

REMEMBERED = 256
"""Signed roots, with the nodes known to lead to them: at 500 events about 100 kB each."""
LEVEL = 32


class Vouchers:
    """Believes what a key of an agency signed for this hub. Roots are remembered, and what led to them."""

    def __init__(self, agencies: AgencyKeys, audiences: Container[str], remembered: int = REMEMBERED) -> None:
        self._agencies, self._audiences, self._at_most = agencies, audiences, remembered
        self._known: OrderedDict[tuple[str, bytes], tuple[int, dict[int, bytes]]] = OrderedDict()

    def check(self, agency: str, voucher: Voucher, leaf: bytes) -> None:
        """Whether the leaf is under a root that this agency signed for this hub.

        Raises CannotUnseal: `unsigned`, `wrong-agency`, `unknown-agency-key`, `wrong-audience`,
        `bad-signature`, `not-as-signed`.
        """
        size, known = self._known.get((agency, voucher.batch)) or self._signed(agency, voucher.batch)
        index, width, at, found = voucher.place, size, 0, leaf
        if not 0 <= index < size:
            raise CannotUnseal("not-as-signed")
        trail: list[tuple[int, bytes]] = []
        level = 0
        while known.get(level << LEVEL | index) != found:
            other = index ^ 1
            if width <= 1:
                raise CannotUnseal("not-as-signed")
            trail.append((level << LEVEL | index, found))
            if other < width:
                node, at = voucher.path[at : at + HASH], at + HASH
                trail.append((level << LEVEL | other, node))
                found = node_of(node, found) if index & 1 else node_of(found, node)
            index, width, level = index >> 1, width + 1 >> 1, level + 1
        known.update(trail)

    def _signed(self, agency: str, packed: bytes) -> tuple[int, dict[int, bytes]]:
        try:
            batch = read_batch(packed)
        except ValueError:
            raise CannotUnseal("unsigned") from None
        if batch.agency != agency:
            raise CannotUnseal("wrong-agency")
        signer = self._agencies.get((agency, batch.key_id))
        if signer is None or not signer.valid_at(batch.at):
            raise CannotUnseal("unknown-agency-key")
        if batch.audience not in self._audiences:
            raise CannotUnseal("wrong-audience")
        try:
            signer.public.verify(batch.signature, batch_statement(*batch[:6]))
        except InvalidSignature:
            raise CannotUnseal("bad-signature") from None
        top = max(batch.size - 1, 0).bit_length()
        known = batch.size, {top << LEVEL: batch.root}
        self._known[agency, packed] = known
        if len(self._known) > self._at_most:
            self._known.popitem(last=False)
        return known
