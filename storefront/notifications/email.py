"""Send notifications to shoppers: by SMTP, or to the log."""

from __future__ import annotations

import logging
import smtplib
import ssl
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from email_validator import validate_email

from payment_engine.bounds import printable
from storefront.core.clock import Clock
from storefront.core.settings import is_local
from storefront.notifications.deadline_smtp import DeadlineSmtp, DeadlineSmtps
from storefront.notifications.dispatcher import NobodyToTell, NotDelivered, Undeliverable
from storefront.notifications.letters import Letter
from storefront.notifications.outbox import OutboxMessage

logger = logging.getLogger(__name__)

TIMEOUT = 10.0  # seconds: to connect, to answer
LETTER_SECONDS = 60.0  # for a whole letter; a message's lease is longer
# Lines end in CRLF, in base64, too; bodies are ASCII, so they pass where a server lacks 8BITMIME.
POLICY = SMTP.clone(cte_type="7bit")


def email_about(
    message: OutboxMessage, sender: str, public_url: str, now: datetime
) -> EmailMessage:
    """Return the e-mail about a message, in the shopper's language, as text and as HTML.

    ``now`` is when it is sent: mail programs sort by it, and filters distrust a letter that comes
    hours after its date. Raises NobodyToTell if the order's personal data was erased meanwhile, and
    Undeliverable if nothing can be addressed to the shopper.
    """
    order = message.payment.order
    if order.erased_at is not None:
        raise NobodyToTell("the order's personal data was erased")
    letter = Letter(message, f"{public_url}/orders/{order.token}")
    email = EmailMessage(POLICY)
    email["Subject"], email["From"], email["To"] = letter.subject, sender, _receiver(order.email)
    email["Date"], email["Message-ID"] = now, _message_id(message.key, sender)
    email["Auto-Submitted"] = "auto-generated"  # automatic replies to it are not wanted
    email.set_content(letter.text)
    email.add_alternative(letter.html, subtype="html")
    email["Content-Language"] = letter.language  # last: what the text bore would be its own alone
    return email


def _message_id(key: str, sender: str) -> str:
    """Return the same id in every try, by which mail programs find a letter that came twice."""
    return f"<{key.replace(':', '.')}@{parseaddr(sender)[1].rpartition('@')[2]}>"


def _receiver(address: str | None) -> Address:
    """Return the address with its domain in ASCII (``xn--``). Raises Undeliverable."""
    try:
        if str(address).isascii():
            return Address(addr_spec=str(address))
        checked = validate_email(str(address), check_deliverability=False)
        return Address(username=checked.local_part, domain=str(checked.ascii_domain))
    except (ValueError, MessageError) as error:
        raise Undeliverable("no letter can be addressed to this e-mail address") from error


class ConsoleSender:
    """Says what would have been sent; for a shop that has no SMTP server yet."""

    def __init__(self, sender: str, public_url: str, clock: Clock) -> None:
        self._sender, self._public_url, self._clock = sender, public_url, clock

    def deliver(self, message: OutboxMessage) -> None:
        """Log what would be sent, the address masked."""
        email = email_about(message, self._sender, self._public_url, self._clock())
        name, _, host = printable(str(email["To"])).partition("@")
        logger.warning("e-mail (no SMTP_URL) to %s…@%s: %s", name[:1], host, email["Subject"])


class SmtpSender:
    """Sends by SMTP: ``smtp://user:password@host:587`` (STARTTLS) or ``smtps://...:465``.

    Neither a password nor a letter goes to another machine without TLS: whoever is on the way could
    read both, and need only hide the server's STARTTLS to be able to.
    """

    def __init__(
        self, url: str, sender: str, public_url: str, clock: Clock, seconds: float = LETTER_SECONDS
    ) -> None:
        self._server, self._is_local, self._seconds = urlsplit(url), is_local(url), seconds
        self._sender, self._public_url, self._clock = sender, public_url, clock

    def deliver(self, message: OutboxMessage) -> None:
        """Hand the e-mail to the server. Raises NotDelivered."""
        email = email_about(message, self._sender, self._public_url, self._clock())
        try:
            with self._connected() as server:
                self._encrypt(server)
                self._log_in(server)
                _check_address(server, email)
                server.send_message(email)
        except (OSError, smtplib.SMTPException) as error:
            raise NotDelivered(f"SMTP: {type(error).__name__}") from error

    def _connected(self) -> smtplib.SMTP:
        host, port = str(self._server.hostname), self._server.port
        if self._server.scheme == "smtps":
            tls, seconds = ssl.create_default_context(), self._seconds
            return DeadlineSmtps(host, port or 465, seconds, timeout=TIMEOUT, context=tls)
        return DeadlineSmtp(host, port or 587, self._seconds, timeout=TIMEOUT)

    def _encrypt(self, server: smtplib.SMTP) -> None:
        """Begin TLS unless it is on. Raises NotDelivered if another machine offers none."""
        if self._server.scheme == "smtps":
            return
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        elif not self._is_local:
            raise NotDelivered("SMTP: the server offers no STARTTLS, and it is another machine")

    def _log_in(self, server: smtplib.SMTP) -> None:
        if self._server.username:
            server.login(unquote(self._server.username), unquote(self._server.password or ""))


def _check_address(server: smtplib.SMTP, email: EmailMessage) -> None:
    """Raise Undeliverable if the server takes only addresses in ASCII, and this is another one."""
    server.ehlo_or_helo_if_needed()  # what was offered before TLS began is forgotten
    if not str(email["To"]).isascii() and not server.has_extn("smtputf8"):
        raise Undeliverable("SMTP: the server takes no address beyond ASCII (no SMTPUTF8)")
