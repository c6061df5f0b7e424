"""Under which keyed hash a key service's audit device writes a value down: to find again what a log holds."""

import hvac
import requests
from hvac import exceptions

from hub.confidentiality.vault_access import VaultAccess
from hub.errors import Unavailable


class AuditHash:
    """Asks HashiCorp Vault or OpenBao (`sys/audit-hash/DEVICE`); the hash's key stays there.

    The token's policy must let it `update` that path. Nothing is remembered here.
    """

    def __init__(self, access: VaultAccess, device: str) -> None:
        """Raises Unavailable where the token's file cannot be read."""
        try:
            token = access.token_file.read_text().strip()
        except OSError:
            raise Unavailable("the file with the key service's token cannot be read") from None
        verify = str(access.ca) if access.ca else True
        self._device, self._client = (
            device,
            hvac.Client(
                access.address, token, verify=verify, timeout=access.seconds, namespace=access.namespace
            ),
        )

    def __call__(self, value: str) -> str:
        """The hash, as the log has it. Raises Unavailable where the service does not say."""
        try:
            said = self._client.sys.calculate_hash(path=self._device, input_to_hash=value)
            return str(said["data"]["hash"])
        except (exceptions.VaultError, requests.RequestException, KeyError, TypeError, AttributeError) as why:
            what = f"of its audit device '{self._device}' ({type(why).__name__})"
            raise Unavailable(f"the key service does not say a hash {what}") from None
