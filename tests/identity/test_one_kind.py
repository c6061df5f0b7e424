"""Sign-in, store, keys and address are all of a demonstration, or none is: of 16 combinations three start."""

import itertools
import json
import shutil

import pytest

from hub import compose
from hub.confidentiality import secret_file
from hub.confidentiality.sealing import CannotUnseal
from hub.errors import Unavailable, WrongKind
from hub.identity.providers import DEMO_ISSUER
from hub.settings import Settings
from hub.web.serving import create_app, listening
from tests.identity.conftest import PUBLIC, providers_file

KINDS = ("demo", "live")
ALL = list(itertools.product(KINDS, KINDS, KINDS, ("loopback", "network")))
STARTS = {
    ("demo", "demo", "demo", "loopback"),
    ("live", "live", "live", "loopback"),
    ("live", "live", "live", "network"),
}


@pytest.fixture(scope="module")
def founded(tmp_path_factory):
    """A real hub of each kind."""
    folders = {}
    for kind in KINDS:
        folders[kind] = tmp_path_factory.mktemp(kind) / "hub"
        compose.found(Settings(data=folders[kind]), demo=kind == "demo")
    return folders


def put_together(founded, folder, issuer, store, kek):
    """Real files: one kind's store, one kind's key file, and sign-in as each kind has it.

    The keys are the store's own, named for the other kind: others could not open it at all. A demonstration's
    own sign-in needs no file, so that in a live store its issuer can only be named in one.
    """
    shutil.copytree(founded[store], folder)
    keys = json.loads((folder / "keys.json").read_text())
    secret_file.replace(folder / "keys.json", {**keys, "id": f"{kek}:{keys['id'].partition(':')[2]}"})
    if issuer == "live":
        providers_file(folder, police="https://login.police.example")
    elif store == "live":
        providers_file(folder, police=DEMO_ISSUER)


def start(folder, bind):
    """As `hub serve` starts, up to listening."""
    host = "127.0.0.1" if bind == "loopback" else "0.0.0.0"
    settings = Settings(data=folder, host=host, port=0, public_url=PUBLIC)
    with compose.open_hub(settings) as hub:
        create_app(hub)
        listening(hub).close()


@pytest.mark.parametrize(("issuer", "store", "kek", "bind"), ALL, ids=["-".join(each) for each in ALL])
def test_only_what_is_of_one_kind_starts(founded, tmp_path, issuer, store, kek, bind):
    folder = tmp_path / "hub"
    put_together(founded, folder, issuer, store, kek)

    if (issuer, store, kek, bind) in STARTS:
        start(folder, bind)
    else:
        with pytest.raises(WrongKind):
            start(folder, bind)


def test_three_of_sixteen_start():
    assert (16, 3) == (len(ALL), len(STARTS))


def test_the_other_kinds_own_key_file_opens_nothing(founded, tmp_path):
    shutil.copytree(founded["live"], tmp_path / "hub")
    shutil.copy(founded["demo"] / "keys.json", tmp_path / "hub" / "keys.json")

    with pytest.raises(CannotUnseal):
        start(tmp_path / "hub", "loopback")


def test_a_live_store_without_providers_starts_no_sign_in_at_all(founded, tmp_path):
    shutil.copytree(founded["live"], tmp_path / "hub")

    with pytest.raises(Unavailable, match="nobody can sign in"):
        start(tmp_path / "hub", "loopback")


def test_a_process_that_serves_live_data_never_loads_the_demonstrations_sign_in(founded, tmp_path):
    import subprocess
    import sys

    put_together(founded, tmp_path / "hub", "live", "live", "live")
    code = (
        "import sys\nfrom pathlib import Path\nfrom hub import compose\nfrom hub.settings import Settings\n"
        "from hub.web.app import create_app\n"
        f"settings = Settings(data=Path(sys.argv[1]), public_url={PUBLIC!r})\n"
        "with compose.open_hub(settings) as hub:\n    create_app(hub)\n"
        "sys.exit('hub.web.demo_sign_in' in sys.modules)\n"
    )

    assert 0 == subprocess.run([sys.executable, "-c", code, str(tmp_path / "hub")], check=False).returncode
