"""Tell shoppers and the merchant's systems what happened, through an outbox."""
