"""The way to a database: an address without secrets, the password in a file."""

import os

import pytest

from hub.postgres.access import StoreAccess
from hub.settings import SettingsInvalid, load
from tests.warm import run

ADDRESS = "postgresql://hub_intake@db.example:5432/hub"


def test_an_address_chooses_the_store_and_its_password_is_read_late_from_a_file(tmp_path):
    secret = tmp_path / "password"
    said = {"HUB_STORE": ADDRESS, "HUB_STORE_PASSWORD_FILE": str(secret)}
    store = load(tmp_path, said).store
    secret.write_text("correct horse\n")

    assert ("hub", "correct horse") == (store.database, store.parameters()["password"])
    assert "read-write" == store.parameters()["target_session_attrs"]


def test_the_data_folders_settings_may_name_the_store_too(tmp_path):
    (tmp_path / "settings.toml").write_text(f'store = "{ADDRESS}"\nkeys = "{ADDRESS}_keys"\n')

    settings = load(tmp_path, {})

    assert ("hub", "hub_keys") == (settings.store.database, settings.keys.database)
    assert [settings.store, settings.keys] == list(settings.owners())


def test_the_owner_of_the_tables_is_another_sign_in(tmp_path):
    owner = "postgresql://hub_owner@db.example/hub"
    settings = load(tmp_path, {"HUB_STORE": ADDRESS, "HUB_STORE_OWNER": owner})

    assert (StoreAccess(address=owner),) == settings.owners()


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:secret-word@db/hub",
        "postgresql://u@db/hub?password=secret-word",
        "postgresql://u@db/hub?sslmode=require&sslp%61ssword=secret-word",
        "mysql://db/secret-word",
        "postgresql://secret-word@db",
        "secret-word",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_not_repeated(tmp_path, address):
    with pytest.raises(SettingsInvalid) as refused:
        load(tmp_path, {"HUB_STORE": address})

    assert "store" in str(refused.value)
    assert "secret-word" not in str(refused.value)


def test_neither_address_nor_password_is_in_a_text_of_it():
    access = StoreAccess(address="postgresql://someone@somewhere/hub")

    assert "somewhere" not in repr(access)


@pytest.mark.waits
def test_a_command_whose_database_is_away_says_so_in_one_line(tmp_path):
    away = {**os.environ, "HUB_STORE": "postgresql://someone@127.0.0.1:1/hub"}
    said = run("hub", "--data", str(tmp_path), "status", environment=away)

    assert (4, "Not available now: the database cannot be reached\n") == (said.returncode, said.stderr)
