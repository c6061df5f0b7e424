"""Where a key service stands and who signs in to it; the token is in a file of its own, never here."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class VaultAccess(BaseModel):
    """HashiCorp Vault's transit engine: one transit key a scope, named by the prefix and the scope.

    `token_file` is read whenever Vault is asked anew, so that an agent may renew it there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    address: str
    token_file: Path
    mount: str = "transit"
    prefix: str = "hub-"
    namespace: str | None = None
    ca: Path | None = None
    """Who signed the certificate of the address; None: whom this machine trusts."""
    seconds: float = 5.0
    """How long an answer is waited for."""
