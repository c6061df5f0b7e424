"""Opens what agencies sealed to the hub, after checking that the agency itself opened the session."""

from collections import OrderedDict
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite

from hub.confidentiality.agency_keys import AgencyKey, AgencyKeys, add_agency_key, load_agency_keys
from hub.confidentiality.sealing import CannotUnseal
from hub.confidentiality.vouchers import Vouchers
from schemas.sealing import read_token, session_info, session_statement

__all__ = ["AgencyKey", "AgencyKeys", "SessionOpener", "add_agency_key", "load_agency_keys"]

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
REMEMBERED = 1000
KEY, NONCE = 32, 12


class SessionOpener:
    """Opens messages; a session is unwrapped and its signature checked once, then remembered."""

    def __init__(
        self,
        hub_keys: Mapping[str, MLKEM768X25519PrivateKey],
        agencies: AgencyKeys,
        remembered: int = REMEMBERED,
    ) -> None:
        self._hub_keys, self._agencies, self._at_most = hub_keys, agencies, remembered
        self._sessions: OrderedDict[tuple[str, bytes], AESGCM] = OrderedDict()
        self.vouchers = Vouchers(agencies, hub_keys)
        """What checks the agencies' signatures over what they say."""

    def __repr__(self) -> str:
        return f"SessionOpener({sorted({agency for agency, _ in self._agencies})})"

    def open(self, agency: str, token: bytes, aad: bytes, sealed: bytes) -> bytes:
        """Open one message that came on an agency's topic.

        Raises CannotUnseal: `damaged`, `wrong-agency`, `unknown-agency-key`, `bad-signature`,
        `unknown-hub-key`.
        """
        session = self._sessions.get((agency, token))
        if session is None:
            session = self._open_session(agency, token)
            self._sessions[agency, token] = session
            if len(self._sessions) > self._at_most:
                self._sessions.popitem(last=False)
        try:
            return session.decrypt(sealed[:NONCE], sealed[NONCE:], aad)
        except (InvalidTag, ValueError):
            raise CannotUnseal("damaged") from None

    def _open_session(self, agency: str, token: bytes) -> AESGCM:
        try:
            said, key_id, kid, opened_at, encapsulated, signature = read_token(token)
        except ValueError:
            raise CannotUnseal("damaged") from None
        if said != agency:
            raise CannotUnseal("wrong-agency")
        signer = self._agencies.get((agency, key_id))
        if signer is None or not signer.valid_at(opened_at):
            raise CannotUnseal("unknown-agency-key")
        try:
            signer.public.verify(signature, session_statement(said, key_id, kid, opened_at, encapsulated))
        except InvalidSignature:
            raise CannotUnseal("bad-signature") from None
        private = self._hub_keys.get(kid)
        if private is None:
            raise CannotUnseal("unknown-hub-key")
        return _session(encapsulated, private, session_info(said, key_id, kid, opened_at))


def _session(encapsulated: bytes, private: MLKEM768X25519PrivateKey, info: bytes) -> AESGCM:
    try:
        key = SUITE.decrypt(encapsulated, private, info)
    except (InvalidTag, ValueError):
        raise CannotUnseal("damaged") from None
    if len(key) != KEY:  # a shorter one would be a weaker cipher
        raise CannotUnseal("damaged")
    return AESGCM(key)
