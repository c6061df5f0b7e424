"""An app behind a door of its own, as 'hub serve' and an agency's door serve theirs."""

import time
from contextlib import contextmanager
from threading import Thread

import uvicorn

from schemas.tls import configured


@contextmanager
def served(app, cert=None, key=None, ca=None, bounds=None):
    """Serve at a free port of this machine, and say which."""
    server = uvicorn.Server(configured(app, cert, key, ca, bounds))
    server.config.port = 0
    thread = Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
