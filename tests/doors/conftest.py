"""The demonstration's window that the web tests use, looked at from outside."""

from tests.web.conftest import folder, served

__all__ = ["folder", "served"]
