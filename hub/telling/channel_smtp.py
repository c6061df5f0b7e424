"""Tells by e-mail, through the partnership's own mail server."""

import smtplib
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from hub.telling.channel import NotTaken, Why
from hub.telling.message import Message
from hub.telling.settings import Smtp


class Mail:
    """E-mail to one recipient's addresses."""

    def __init__(self, server: Smtp, addresses: Sequence[str]) -> None:
        self._server, self._addresses = server, tuple(addresses)

    def send(self, message: Message, now: datetime) -> None:
        """Hand it to the mail server, for all addresses or none. Raises NotTaken."""
        try:
            with self._connected() as server:
                self._sign_in(server)
                refused = server.send_message(self._mail(message, now))
        except ssl.SSLError:
            raise NotTaken(Why.NOT_TRUSTED) from None
        except smtplib.SMTPAuthenticationError:
            raise NotTaken(Why.SIGN_IN) from None
        except smtplib.SMTPRecipientsRefused:
            raise NotTaken(Why.RECIPIENT) from None
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError):
            raise NotTaken(Why.AWAY) from None
        except smtplib.SMTPException:
            raise NotTaken(Why.REFUSED) from None
        except OSError:
            raise NotTaken(Why.AWAY) from None
        if len(refused) == len(self._addresses):
            raise NotTaken(Why.RECIPIENT)

    def _connected(self) -> smtplib.SMTP:
        said = self._server
        if said.security == "tls":
            return smtplib.SMTP_SSL(said.host, said.port, timeout=said.patience, context=self._trust())
        server = smtplib.SMTP(said.host, said.port, timeout=said.patience)
        if said.security == "starttls":
            try:
                server.starttls(context=self._trust())
            except BaseException:
                server.close()
                raise
        return server

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self._server.ca) if self._server.ca else None)

    def _sign_in(self, server: smtplib.SMTP) -> None:
        if self._server.user is None or self._server.password_file is None:
            return
        try:
            password = self._server.password_file.read_text().strip()
        except OSError:
            raise NotTaken(Why.SECRET) from None
        server.login(self._server.user, password)

    def _mail(self, message: Message, now: datetime) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"] = self._server.sender, ", ".join(self._addresses)
        mail["Subject"], mail["Date"] = message.subject, format_datetime(now)
        mail["Message-ID"] = f"<{message.id}@{self._server.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: out-of-office answers stay away
        if message.urgent:
            mail["Importance"] = "high"
        mail.set_content(message.text)
        return mail
