"""Forget the gateways' tokens, which were stored in clear: new ones are obtained, and encrypted.

The way back forgets them, too: the older version would send them encrypted.
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FORGET = "UPDATE gateway_tokens SET access_token = NULL, refresh_token = NULL, issued_at = NULL"


def upgrade() -> None:
    op.execute(FORGET)


def downgrade() -> None:
    op.execute(FORGET)
