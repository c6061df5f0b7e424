"""What a key service lets each kind of process do: policies for HashiCorp Vault or OpenBao, written out.

Each names its keys one by one. None may `create` by encrypting: a key that is gone would be made anew.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Literal, get_args

from hub.confidentiality.holder import HOUSE
from hub.confidentiality.vault_access import VaultAccess

Process = Literal["work", "follow", "keys"]
PROCESSES: tuple[Process, ...] = get_args(Process)
"""`work`: intake, pages, telling, commands that read or record. `follow`: flags, due dates, ledger.
`keys`: an operator's, for `hub keys`, erasure and founding."""
FOLLOWED = ("signals", "spine", "house")
"""All that `hub follow` opens, and it seals nothing: no word of an agency's that is not a signal."""
VERBS: dict[Process, tuple[str, ...]] = {
    "work": ("encrypt", "decrypt"),
    "follow": ("decrypt",),
    "keys": ("encrypt", "decrypt", "rewrap"),
}


def policy(process: Process, access: VaultAccess, scopes: Collection[str], *, rotates: bool = False) -> str:
    """The policy, in HCL, of a process's token at a service that keeps these scopes; empty: it needs none.

    `rotates`: `work` may rotate and rewrap besides, as intake does by itself; it destroys no version.
    """
    paths = [*_paths(process, access, scopes), *(_rotating(access, scopes) if rotates else ())]
    return "".join(f'path "{path}" {{ capabilities = [{may}] }}\n' for path, may in paths)


def _rotating(access: VaultAccess, scopes: Iterable[str]) -> Iterator[tuple[str, str]]:
    for scope in scopes:
        if scope != HOUSE:  # what that seals is sealed anew
            yield f"{access.mount}/rewrap/{access.prefix}{scope}", '"update"'
        yield f"{access.mount}/keys/{access.prefix}{scope}/rotate", '"update"'


def _paths(process: Process, access: VaultAccess, scopes: Iterable[str]) -> Iterator[tuple[str, str]]:
    for scope in scopes:
        if process == "follow" and scope not in FOLLOWED:
            continue
        key = f"{access.prefix}{scope}"
        for verb in VERBS[process]:
            yield f"{access.mount}/{verb}/{key}", '"update"'
        if process == "work":
            yield f"{access.mount}/keys/{key}", '"read"'
        if process == "keys":
            yield f"{access.mount}/keys/{key}", '"create", "read", "update"'
            for change in ("rotate", "config", "trim"):
                yield f"{access.mount}/keys/{key}/{change}", '"update"'
