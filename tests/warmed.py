"""What a process started by `tests.warm` has read already."""

import gc

import adapters.__main__  # noqa: F401 — read, that is all
import hub.__main__
import hub.intake.beside
import hub.web.app  # noqa: F401 — likewise
from schemas import catalogue

catalogue.build()
gc.freeze()  # so that who is forked from it need not copy what the collector would touch
