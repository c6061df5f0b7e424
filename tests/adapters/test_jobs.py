"""One `hub-publish` process that answers job after job, and an agency's own keys."""

import json
import subprocess
import sys

from typer.testing import CliRunner

from adapters.__main__ import app
from adapters.jobs import answers
from adapters.seal import load_agency_keys

run = CliRunner().invoke


def test_every_job_is_answered_in_order_with_its_exit_code():
    def command(arguments):
        sys.stdout.write(" ".join(["said", *arguments]))
        return len(arguments)

    told = [json.loads(answer) for answer in answers(['["a"]\n', '["b", "c"]\n'], command)]

    assert [{"code": 1, "out": "said a", "err": ""}, {"code": 2, "out": "said b c", "err": ""}] == told


def test_what_is_no_job_is_answered_as_wrong_usage_and_the_next_is_done():
    bad = ["not json\n", '{"a": 1}\n', "[1]\n"]
    told = [json.loads(answer) for answer in answers([*bad, "[]\n"], lambda _: 0)]

    assert [2, 2, 2, 0] == [answer["code"] for answer in told]
    assert all("a job is a JSON list" in answer["err"] for answer in told[:3])


def test_a_process_works_job_after_job_until_its_input_ends():
    jobs = "\n".join(json.dumps(job) for job in (["--list", "--json"], ["no.such-format", "file"]))
    done = subprocess.run(
        [sys.executable, "-m", "adapters", "--jobs"], input=jobs, capture_output=True, text=True, check=False
    )
    listed, unknown = map(json.loads, done.stdout.splitlines())

    assert 0 == done.returncode
    assert "police.custodian" in {one["name"] for one in json.loads(listed["out"])}
    assert (2, 1) == (unknown["code"], len(unknown["err"].strip().splitlines()))


def test_an_agency_makes_its_own_keys_once_and_gives_the_public_one(tmp_path):
    first = run(app, ["--enrol", "police", "--data", str(tmp_path)])
    again = run(app, ["--enrol", "police", "--data", str(tmp_path)])
    folder = tmp_path / "agencies" / "police"
    card = json.loads((folder / "public-key.json").read_text())

    assert (0, 4) == (first.exit_code, again.exit_code)
    assert {"agency", "key_id", "public"} == card.keys()
    assert load_agency_keys(folder / "signing-key.json").key_id == card["key_id"]
