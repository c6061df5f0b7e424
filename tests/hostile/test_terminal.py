"""What a command prints may come from anybody: a terminal shows it, and obeys none of it."""

import json
from datetime import UTC, datetime
from uuid import uuid4

from hub.audit.handing_out import to_court
from hub.audit.prosecution import Export, GivenEntry, Part
from hub.commands.saying import say, say_aside, say_json

WORDS = "\x1b[2J\x9b31m\rAll is well\x07 \u202eneddih\u202c"


def test_what_a_terminal_would_obey_is_written_out_and_in_json_means_the_same(capsys):
    for speak in (say, say_aside, say_json):
        speak(f"Zoë\tO'Neill, {WORDS}")
        told = "".join(capsys.readouterr())

        assert not any(c in told for c in "\x1b\x9b\r\x07\u202e\u202c")
        assert "O'Neill, \\u001b[2J\\u009b31m\\u000dAll is well\\u0007 \\u202eneddih" in told.replace(
            "\\r", "\\u000d"
        )
    assert f"Zoë\tO'Neill, {WORDS}" == json.loads(told)


def test_what_is_handed_out_as_a_text_is_obeyed_by_no_terminal_either_and_turns_no_line_around():
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    says = Part("police", json.dumps({"summary": f"Zoë, {WORDS}"}))
    entry = GivenEntry(
        uuid4(), at, "police", "police.missing-episode.v1", "original", "current", True, parts=(says,)
    )
    text = to_court(Export(uuid4(), WORDS, "court-order", WORDS, uuid4(), (), at, (entry,), {}))

    assert not any(c in text for c in "\x1b\x9b\r\x07\u202e\u202c")
    assert "summary: Zoë, \\u001b[2J" in text
