"""Send letters to shoppers and to the merchant: by SMTP, or to the log."""

from __future__ import annotations

import logging
import smtplib
import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from email_validator import validate_email

from payment_engine.bounds import printable
from storefront.core.clock import Clock
from storefront.core.database import end_reading
from storefront.core.seller import current_seller
from storefront.core.settings import is_local
from storefront.notifications.deadline_smtp import DeadlineSmtp, DeadlineSmtps
from storefront.notifications.dispatcher import NotDelivered, Undeliverable, check_somebody_waits
from storefront.notifications.letters import Letter, letter_about
from storefront.notifications.mail_policy import POLICY
from storefront.notifications.outbox import OutboxMessage

logger = logging.getLogger(__name__)

TIMEOUT = 10.0  # seconds: to connect, to answer
LETTER_SECONDS = 60.0  # for a whole letter; a message's lease is longer


def email_about(
    message: OutboxMessage, sender: str, public_url: str, now: datetime
) -> EmailMessage:
    """Return the e-mail about a message, in the shopper's language.

    Raises NobodyToTell if nobody waits for it any more, and Undeliverable if nothing can be
    addressed to the shopper.
    """
    order = message.payment.order
    check_somebody_waits(message)
    letter = letter_about(message, public_url, now)
    end_reading()  # the merchant's own text was read; a mail server may take a minute
    return email_of(letter, sender, [str(order.email)], now, message.key)


def email_of(
    letter: Letter, sender: str, receivers: Iterable[str], now: datetime, key: str
) -> EmailMessage:
    """Return a letter as an e-mail, as text and as HTML. Raises Undeliverable.

    ``now`` is when it is sent: mail programs sort by it, and filters distrust a letter that comes
    hours after its date.
    """
    email = EmailMessage(POLICY)
    email["Subject"], email["From"] = letter.subject, _named(sender, letter.language)
    email["To"] = [_receiver(address) for address in receivers]
    email["Date"], email["Message-ID"] = now, _message_id(key, sender)
    email["Auto-Submitted"] = "auto-generated"  # automatic replies to it are not wanted
    email.set_content(letter.text)
    email.add_alternative(letter.html, subtype="html")
    email["Content-Language"] = letter.language  # last: what the text bore would be its own alone
    return email


def _message_id(key: str, sender: str) -> str:
    """Return the same id in every try, by which mail programs find a letter that came twice."""
    return f"<{key.replace(':', '.')}@{parseaddr(sender)[1].rpartition('@')[2]}>"


def _named(sender: str, language: str) -> str | Address:
    """Return the sender; one without a name has the shop's, in the reader's language."""
    name, address = parseaddr(sender)
    return sender if name else Address(current_seller().name(language), addr_spec=address)


def _receiver(address: str) -> Address:
    """Return the address with its domain in ASCII (``xn--``). Raises Undeliverable."""
    try:
        if address.isascii():
            return Address(addr_spec=address)
        checked = validate_email(address, check_deliverability=False)
        return Address(username=checked.local_part, domain=str(checked.ascii_domain))
    except (ValueError, MessageError) as error:
        raise Undeliverable("no letter can be addressed to this e-mail address") from error


class Mailer(ABC):
    """Writes letters, and hands them to somebody who delivers them."""

    def __init__(self, sender: str, public_url: str, clock: Clock) -> None:
        self._sender, self._public_url, self._clock = sender, public_url, clock

    def deliver(self, message: OutboxMessage) -> None:
        """Send the letter about a message. Raises NotDelivered."""
        self._hand_over(email_about(message, self._sender, self._public_url, self._clock()))

    def write(self, letter: Letter, receivers: Iterable[str], key: str) -> None:
        """Send a letter to whom one names; ``key`` is the same in every try."""
        self._hand_over(email_of(letter, self._sender, receivers, self._clock(), key))

    @abstractmethod
    def _hand_over(self, email: EmailMessage) -> None:
        """Deliver it. Raises NotDelivered."""


class ConsoleSender(Mailer):
    """Says what would have been sent; for a shop that has no SMTP server yet."""

    def _hand_over(self, email: EmailMessage) -> None:
        """Log what would be sent, the address masked."""
        name, _, host = printable(str(email["To"])).partition("@")
        logger.warning("e-mail (no SMTP_URL) to %s…@%s: %s", name[:1], host, email["Subject"])


class SmtpSender(Mailer):
    """Sends by SMTP: ``smtp://user:password@host:587`` (STARTTLS) or ``smtps://...:465``.

    Neither a password nor a letter goes to another machine without TLS: whoever is on the way could
    read both, and need only hide the server's STARTTLS to be able to.
    """

    def __init__(
        self, url: str, sender: str, public_url: str, clock: Clock, seconds: float = LETTER_SECONDS
    ) -> None:
        super().__init__(sender, public_url, clock)
        self._server, self._is_local, self._seconds = urlsplit(url), is_local(url), seconds

    def log_in(self) -> None:
        """See whether the server lets us in; nothing is sent. Raises NotDelivered."""
        with self._ready() as server:
            server.noop()

    def _hand_over(self, email: EmailMessage) -> None:
        """Hand the e-mail to the server. Raises NotDelivered."""
        with self._ready() as server:
            _check_address(server, email)
            server.send_message(email)

    @contextmanager
    def _ready(self) -> Iterator[smtplib.SMTP]:
        """Give a connection that is encrypted and logged in. Raises NotDelivered."""
        try:
            with self._connected() as server:
                self._encrypt(server)
                self._log_in(server)
                yield server
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
