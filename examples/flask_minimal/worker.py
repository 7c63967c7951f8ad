"""Recovery beside the web server, in as many processes as you like: `python worker.py`."""

from apscheduler.schedulers.blocking import BlockingScheduler
from shop_with_payments import engine

scheduler = BlockingScheduler()
scheduler.add_job(engine.recover_once, "interval", seconds=5)  # lost callbacks, lost answers
scheduler.add_job(engine.refresh_tokens_once, "interval", minutes=5)
scheduler.add_job(engine.reconcile_when_due, "interval", minutes=10)
scheduler.start()
