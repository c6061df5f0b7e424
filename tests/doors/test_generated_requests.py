"""Requests generated from the OpenAPI document: none ends in 5xx, none in a status it does not describe."""

import os
from collections import Counter
from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core import NotSet

from tests.web.conftest import Asking

EXAMPLES = int(os.environ.get("HUB_GENERATED_REQUESTS", "3"))
"""For each operation and mode; HUB_GENERATED_REQUESTS=500 for a long look."""
LEFT_OUT = {"/v1/demo/sign-in"}
"""Sessions are bounded: generated sign-ins would end those of the test."""


def send(asking, case):
    """One generated case, over ASGI: its path, its body, and the session of somebody who may ask."""
    how = {"content": case.body} if isinstance(case.body, bytes) else {"json": case.body}
    if isinstance(case.body, NotSet):
        how = {}
    query = {name: str(value) for name, value in (case.query or {}).items()}
    return asking(case.method, case.formatted_path, params=query, **how)


@pytest.mark.slow
def test_no_generated_request_fails_or_is_answered_with_what_is_not_described(served, counted):
    schema = schemathesis.openapi.from_dict(Asking(served.app).get("/v1/openapi.json").json())
    asking = served.program("mash-coordinator")
    sent, wrong = Counter(), set()
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path in LEFT_OUT:
            continue
        described = {str(status) for status in operation.definition.raw["responses"]}

        def ask(case, path, described):
            answer = send(asking, case)
            sent[path] += 1
            # A path that is none, or a method: refused before any route, whatever the document says.
            if str(answer.status_code) not in described | {"404", "405"} or answer.status_code == 500:
                wrong.add((path, case.method, answer.status_code))

        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            generated(operation, mode, lambda case, o=operation, d=described: ask(case, o.path, d))

    counted(12, "generated API requests", sum(sent.values()))
    counted(12, "operations they were generated for", len(sent))
    assert set() == wrong
    assert sum(sent.values()) > 100


def generated(operation, mode, ask):
    """Ask with so many cases of a mode."""
    run = given(case=operation.as_strategy(generation_mode=mode))(lambda case: ask(case=case))
    with suppress(Unsatisfiable):  # nothing that could be wrong: the operation takes nothing
        settings(
            max_examples=EXAMPLES,
            database=None,
            derandomize=True,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(run)()
