"""How gunicorn serves the application, embedded and in containers alike."""

import gc
from typing import Any

from inventory_project.environment import env

_sqlite = env("DATABASE_URL", default="sqlite").startswith("sqlite")

wsgi_app = "inventory_project.wsgi:application"
worker_class = "gthread"
# SQLite has one writer; a second process would only wait for it.
workers = env.int("WEB_WORKERS", default=0) or (1 if _sqlite else 2)
threads = env.int("WEB_THREADS", default=0) or (8 if _sqlite else 4)
timeout = 60
graceful_timeout = 6
keepalive = 5
# The addresses of 500 labels or of a saved view with many columns are longer than what it takes by itself.
limit_request_line = 8190
loglevel = "warning"
control_socket_disable = True


def post_worker_init(_worker: Any) -> None:
    """Leave what was loaded at the start out of every later search for garbage.

    Without this a page with many rows pays for walking through all of the program once or twice.
    """
    gc.collect()
    gc.freeze()
