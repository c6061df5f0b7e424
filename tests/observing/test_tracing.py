"""A trace goes from the publisher over the bus into intake; where no collector is named, nothing is told."""

from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from adapters.format import Sender
from adapters.publish import publish_file
from adapters.station import open_station
from hub.compose import open_intake
from hub.intake.keeping_on import take_what_is_there
from schemas import topic_log, wire
from schemas.vocabulary import Agency
from tests.soak.events import A_FILE, events_of, file_of, format_of


@contextmanager
def collector():
    """A collector on loopback, and what it was sent."""
    sent = []

    class Collecting(BaseHTTPRequestHandler):
        def do_POST(self):
            sent.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collecting)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", sent
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def spans(sent):
    return [
        span
        for body in sent
        for of in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in of.scope_spans
        for span in scope.spans
    ]


def published(desk, environment):
    with open_station(desk.settings.data, Agency.POLICE, lambda: datetime.now(UTC), environment) as station:
        publish_file(station, format_of(Agency.POLICE), file_of(0), Sender("s", "soak", datetime.now(UTC)))


def test_publisher_and_intake_are_of_one_trace_and_no_span_tells_of_a_child(desk):
    with collector() as (address, sent):
        published(desk, {"HUB_OTLP_ENDPOINT": address})
        with desk.open() as hub:
            settings = hub.settings.model_copy(update={"otlp_endpoint": address})
            object.__setattr__(hub, "settings", settings)
            with open_intake(hub) as intake:
                assert A_FILE == take_what_is_there(intake, lambda _: None).recorded
    by_name = {span.name: span for span in spans(sent)}

    assert by_name["publish"].trace_id == by_name["intake"].trace_id
    assert by_name["publish"].span_id == by_name["intake"].parent_span_id
    assert A_FILE == by_name["intake"].attributes[0].value.int_value
    said = [event.identifiers[0].value.encode() for event in events_of(Agency.POLICE, 0)]
    assert [] == [word for word in (*said, b"Family", b"soak-") for body in sent if word in body]


def test_without_a_collector_no_message_bears_a_trace(desk):
    published(desk, {})
    log = topic_log.TopicLog(desk.settings.topic_log)
    names = {
        name
        for part in range(wire.PARTITIONS)
        for record in log.read("safeguarding.police.v1", part, 0, 99)
        for name, _ in record.headers
    }
    log.close()

    assert wire.TRACEPARENT not in names


@pytest.mark.parametrize("said", [b"", b"00-xyz-1-01", b"nonsense", b"\xff\xfe"])
def test_a_trace_in_no_shape_we_know_disturbs_nothing(desk, said):
    from tests.events import missing

    (message,) = desk.messages(missing("m1"))
    desk.send(message._replace(headers=(*message.headers, (wire.TRACEPARENT, said))))
    with collector() as (address, _), desk.open() as hub:
        settings = hub.settings.model_copy(update={"otlp_endpoint": address})
        object.__setattr__(hub, "settings", settings)
        with open_intake(hub) as intake:
            assert 1 == intake.step().recorded
