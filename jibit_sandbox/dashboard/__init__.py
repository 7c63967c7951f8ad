"""The dashboard: pages that show one world, and the forms on them that change it."""
