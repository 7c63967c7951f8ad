"""Run the scheduled jobs in a process of their own."""
