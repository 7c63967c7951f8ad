"""The dashboard: pages that show one world, and the forms that change it."""
