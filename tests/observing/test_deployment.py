"""What runs in containers is held to the code: every command, setting, secret and figure is there."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from prometheus_client import generate_latest

from hub.observing.measures import Measures
from hub.observing.windows import WindowMeasures
from hub.settings import Settings, load
from schemas.bus_access import BusAccess
from tests.warm import run

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if one.get("image") == "safeguarding-hub"}
WATCHING = ROOT / "docs" / "operating"


@pytest.mark.parametrize("name", OURS)
def test_every_command_is_one_the_hub_knows_with_these_options(name):
    command = OURS[name]["command"]
    options = [word.partition("=")[0] for word in command if word.startswith("--")]
    words = [word for word in command if not word.startswith("-") and not re.fullmatch(r"[\d.]+", word)]
    said = run("hub", *words, "--help", environment=os.environ).stdout

    assert [] == [option for option in options if option not in said]


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting_the_code_reads(name, tmp_path):
    said = {k: str(v) for k, v in OURS[name]["environment"].items()}
    bus = {f"HUB_BUS_{field.upper()}" for field in BusAccess.model_fields}
    plain = {f"HUB_{field.upper()}" for field in Settings.model_fields} | {"HUB_STORE_PASSWORD_FILE"}
    settings = load(tmp_path, said)

    assert set(said) <= bus | plain | {"HUB_BUS", "HUB_DATA"}
    assert "kafka+tls://kafka:9093" == settings.bus.address
    assert "json" == settings.log


@pytest.mark.parametrize("name", SERVICES)
def test_every_secret_that_is_read_is_mounted_and_every_one_mounted_is_there(name):
    service = SERVICES[name]
    mounted = set(service.get("secrets", ()))
    own = {k: v for k, v in service.get("environment", {}).items() if k not in unread(name)}
    read = set(re.findall(r"/run/secrets/([\w-]+)", json.dumps(own)))

    assert read <= mounted
    assert mounted <= set(COMPOSE["secrets"])


def unread(name):
    """What a service is told and does not use: only those that reach the bus read its certificates."""
    return {"HUB_BUS_CA", "HUB_BUS_CERT", "HUB_BUS_KEY"} if name in ("migrations", "founded") else set()


def test_no_secret_stands_in_the_files_themselves():
    text = (ROOT / "docker-compose.yml").read_text() + (ROOT / "Dockerfile").read_text()

    assert [] == re.findall(r"(?i)(?:password|secret|key)\s*[:=]\s*[A-Za-z0-9+]{12,}", text)
    assert not re.search(r"(?i)\b(?:ARG|ENV)\b.*(?:PASSWORD|SECRET)", (ROOT / "Dockerfile").read_text())


@pytest.mark.parametrize("name", OURS)
def test_our_containers_run_as_nobody_and_write_to_their_volume_only(name):
    service = OURS[name]

    assert ("10001:10001", True, ["ALL"]) == (service["user"], service["read_only"], service["cap_drop"])
    assert ["hub-data:/srv/hub"] == service["volumes"]


def test_what_runs_is_restarted_and_asked_how_it_is():
    once = ("migrations", "topics", "founded")
    running = {name: one for name, one in SERVICES.items() if name not in once}

    assert [] == [name for name, one in running.items() if one["restart"] != "unless-stopped"]
    assert [] == [name for name, one in running.items() if "healthcheck" not in one]


def test_only_the_pages_leave_the_inner_network():
    outside = [name for name, one in SERVICES.items() if one["networks"] != ["inside"]]

    assert ["serve"] == outside
    assert COMPOSE["networks"]["inside"]["internal"]


def test_the_image_is_built_from_what_the_build_may_see():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    allowed = set(re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE))

    assert {name for line in copied for name in line.split()} == allowed
    assert all((ROOT / name).exists() for name in allowed)


def test_the_image_is_built_without_the_published_test_vectors():
    (these,) = re.findall(r"sed -i '(.+)' requirements.lock", (ROOT / "Dockerfile").read_text())
    left_out = re.findall(r"/\^([\w-]+)==/d", these)
    locked = re.findall(r"^([\w-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)

    assert ["cryptography-vectors", "pycryptodome-test-vectors"] == left_out
    assert [1, 1] == [locked.count(name) for name in left_out]


def known_figures():
    text = (generate_latest(Measures().registry) + generate_latest(WindowMeasures().registry)).decode()
    return set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE)) | set(
        re.findall(r"^(hub_\w+) ", text, re.MULTILINE)
    )


def named_figures(text):
    return set(re.findall(r"\bhub_[a-z_]+", text))


def test_every_figure_of_the_alerts_and_the_dashboard_is_one_we_serve():
    alerts = yaml.safe_load((WATCHING / "alerts.yml").read_text())
    expressions = [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    board = json.loads((WATCHING / "dashboard.json").read_text())
    expressions += [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    known = known_figures()
    served = known | {f"{name}_total" for name in known}

    assert [] == sorted(named_figures(" ".join(expressions)) - served)
    assert all(rule["annotations"]["summary"] for group in alerts["groups"] for rule in group["rules"])


def test_the_ports_that_are_scraped_are_the_ports_that_are_served():
    scraped = yaml.safe_load((WATCHING / "prometheus.yml").read_text())["scrape_configs"][0][
        "dns_sd_configs"
    ][0]

    assert ["intake", "follow", "serve"] == scraped["names"]
    for name in scraped["names"]:
        command = SERVICES[name]["command"]
        assert str(scraped["port"]) == command[command.index("--metrics-port") + 1]


def test_figures_leave_a_container_over_tls_and_the_authority_is_asked_for(tmp_path):
    scraped = yaml.safe_load((WATCHING / "prometheus.yml").read_text())["scrape_configs"][0]
    asked = [SERVICES[name]["healthcheck"]["test"] for name in ("intake", "follow")]

    assert ("https", "workers") == (scraped["scheme"], scraped["tls_config"]["server_name"])
    assert [["https://localhost:9100/health/ready", "--ca", "/run/secrets/bus-ca"]] * 2 == [
        words[3:] for words in asked
    ]
    for name in ("intake", "follow", "serve"):
        said = load(tmp_path, {k: str(v) for k, v in SERVICES[name]["environment"].items()})
        assert Path("/run/secrets/workers-cert") == said.metrics_cert
        assert Path("/run/secrets/workers-key") == said.metrics_key


def test_secrets_are_made_by_the_script_that_the_files_name(tmp_path):
    subprocess.run(["sh", str(WATCHING / "secrets.sh")], cwd=tmp_path, check=True)
    wanted = {Path(one["file"]).name for one in COMPOSE["secrets"].values()}
    workers = x509.load_pem_x509_certificate((tmp_path / "secrets" / "workers.crt").read_bytes())
    names = workers.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert ["workers", "localhost"] == names.get_values_for_type(x509.DNSName)
    assert set() == wanted - {file.name for file in (tmp_path / "secrets").iterdir()}
