"""Name the settings as a merchant speaks of them; the README says what each one means."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from storefront.core.setting_sources import Source

SETTING_TITLES: Mapping[str, LazyString] = {
    "SECRET_KEY": _("Key that signs sessions and encrypts tokens"),
    "SECRET_KEY_FALLBACKS": _("Former keys, still understood"),
    "DATABASE_URL": _("Database"),
    "LIMITS_URL": _("Where tries are counted"),
    "PUBLIC_URL": _("Address of the shop"),
    "SHOP_NAME_FA": _("Name of the shop, Persian"),
    "SHOP_NAME_EN": _("Name of the shop, English"),
    "SHOP_SLOGAN_FA": _("Slogan, Persian"),
    "SHOP_SLOGAN_EN": _("Slogan, English"),
    "SHOP_LOGO": _("Logo"),
    "SHOP_COLOUR": _("Colour"),
    "SHOP_PHONE": _("Telephone for shoppers"),
    "SHOP_EMAIL": _("E-mail address for shoppers"),
    "SHOP_ADDRESS_FA": _("The shop's postal address, Persian"),
    "SHOP_ADDRESS_EN": _("The shop's postal address, English"),
    "SHOP_HOURS_FA": _("Hours of support, Persian"),
    "SHOP_HOURS_EN": _("Hours of support, English"),
    "SHOP_ECONOMIC_CODE": _("Economic code"),
    "SHOP_NATIONAL_ID": _("National id"),
    "ENAMAD": _("Enamad trust seal"),
    "SHOP_FOLDER": _("Folder of your own design and texts"),
    "PPG_BASE_URL": _("Card gateway, version 2: address"),
    "PPG_API_KEY": _("Card gateway, version 2: API key"),
    "PPG_SECRET_KEY": _("Card gateway, version 2: secret key"),
    "PPG_V3_BASE_URL": _("Card gateway, version 3: address"),
    "PPG_V3_API_KEY": _("Card gateway, version 3: API key"),
    "PPG_V3_SECRET_KEY": _("Card gateway, version 3: secret key"),
    "CARD_GATEWAY": _("Which card gateway shoppers are offered"),
    "WALLET_BASE_URL": _("Wallet: address"),
    "WALLET_USERNAME": _("Wallet: user name"),
    "WALLET_PASSWORD": _("Wallet: password"),
    "REFERENCE_PREFIX": _("What references of payments begin with"),
    "TRUSTED_PROXIES": _("Web servers in front of the shop"),
    "GATEWAY_CONNECT_TIMEOUT": _("Seconds to wait for a connection to a gateway"),
    "GATEWAY_READ_TIMEOUT": _("Seconds to wait for a gateway's answer"),
    "GATEWAY_CREATE_SLOTS": _("Payments that may be opened at once"),
    "GATEWAY_ASK_SLOTS": _("Questions about payments at once"),
    "BREAKER_FAILURES": _("Unanswered calls after which new payments pause"),
    "BREAKER_PAUSE_SECONDS": _("Seconds that they pause"),
    "PSP_HOSTS": _("Hosts that shoppers may be sent to"),
    "PAYMENT_WINDOW_SECONDS": _("Seconds in which a payment can be captured"),
    "RECOVER_AFTER_SECONDS": _("Seconds until the worker asks about a payment"),
    "SETTLE_AFTER_SECONDS": _("Seconds until an unanswered capture counts"),
    "REFUND_SETTLES_AFTER_SECONDS": _("Seconds until an unanswered refund is sent again"),
    "VERIFY_WITHOUT_CALLBACK": _("When a payment without its shopper is captured"),
    "WORKER_TICK_SECONDS": _("Seconds between two looks of the worker"),
    "WORKER_THREADS": _("Payments that the worker asks about at once"),
    "SMTP_URL": _("Mail server"),
    "MAIL_FROM": _("Sender of e-mails"),
    "ALARM_EMAILS": _("Who is told of alarms by e-mail"),
    "WEBHOOK_URL": _("Address of your own system that is called"),
    "WEBHOOK_SECRET": _("Key that signs these calls"),
    "ERASE_UNPAID_AFTER_DAYS": _("Days until an unpaid order's personal data is erased"),
    "ERASE_PAID_AFTER_DAYS": _("Days until a paid order's personal data is erased"),
    "METRICS_TOKEN": _("Token for monitoring programs"),
    "SANDBOX_DATABASE": _("The sandbox's file"),
    "UPLOADS_FOLDER": _("Folder of the uploaded pictures"),
    "DELIVERY_FEE_RIALS": _("Delivery, in Rials"),
    "VAT_PERCENT": _("Value added tax, in percent"),
}
SOURCES: Mapping[Source, LazyString] = {
    Source.DEFAULT: _("default"),
    Source.FILE: _("instance/config.py"),
    Source.ENVIRONMENT: _("environment"),
    Source.PROGRAM: _("the program that started the shop"),
}
