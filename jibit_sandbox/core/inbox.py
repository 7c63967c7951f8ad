"""Text messages that a shop sent in test mode; ``create_all`` adds the table to an older file."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from jibit_sandbox.core.context import Work
from jibit_sandbox.core.models import Base, in_world

MOST_KEPT = 200  # of each world; older ones leave


class TextMessage(Base):
    """One message; ``key`` is the shop's own name for it, by which a repeat is found."""

    __tablename__ = "text_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    world: Mapped[str] = in_world()
    key: Mapped[str]
    mobile: Mapped[str]
    text: Mapped[str]
    received_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)


def receive(work: Work, key: str, mobile: str, text: str) -> TextMessage:
    """Keep a message; one that came before is only counted."""
    world = work.world.name
    mine = select(TextMessage).where(TextMessage.world == world, TextMessage.key == key)
    message = work.session.scalar(mine)
    if message is not None:
        message.times += 1
        return message
    message = TextMessage(world=world, key=key, mobile=mobile, text=text, received_at=work.now)
    work.session.add(message)
    work.session.flush()
    _forget_old(work.session, world)
    return message


def _forget_old(session: Session, world: str) -> None:
    mine = select(TextMessage.id).where(TextMessage.world == world)
    kept = mine.order_by(TextMessage.id.desc()).limit(MOST_KEPT)
    old = delete(TextMessage).where(TextMessage.world == world, TextMessage.id.not_in(kept))
    session.execute(old.execution_options(synchronize_session=False))


def newest_first(work: Work) -> list[TextMessage]:
    """Return what the world's inbox holds."""
    mine = select(TextMessage).where(TextMessage.world == work.world.name)
    return list(work.session.scalars(mine.order_by(TextMessage.id.desc())))
