"""The wallets of a world, one for each mobile number: balance, debit and return."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from jibit_sandbox.core.models import Order, Wallet, World

MOBILE = r"09[0-9]{9}"


def is_mobile(said: str) -> bool:
    """Return whether a wallet can have this number: ``09`` and nine digits."""
    return re.fullmatch(MOBILE, said) is not None


def wallet_of(session: Session, world: str, mobile: str) -> Wallet:
    """Return the number's wallet; a new one has the world's default balance."""
    wallet = session.get(Wallet, (world, mobile))
    if wallet is None:
        default = session.get_one(World, world).default_balance_rials
        wallet = Wallet(world=world, mobile=mobile, balance_rials=default)
        session.add(wallet)
        session.flush()
    return wallet


def wallets_in(session: Session, world: str) -> list[Wallet]:
    """Return every wallet that was used or set, by number."""
    wallets = select(Wallet).where(Wallet.world == world).order_by(Wallet.mobile)
    return list(session.scalars(wallets))


def debit(session: Session, order: Order) -> bool:
    """Take the order's amount from its payer's wallet; return False if the balance is too small."""
    wallet = wallet_of(session, order.world, order.user_identifier)
    if wallet.balance_rials < order.amount_rials:
        return False
    wallet.balance_rials -= order.amount_rials
    order.payer_wallet = wallet.mobile
    return True


def return_to_payer(session: Session, order: Order) -> None:
    """Put back what was debited; an order that was paid by card has no wallet."""
    if order.payer_wallet is not None:
        wallet_of(session, order.world, order.payer_wallet).balance_rials += order.amount_rials
