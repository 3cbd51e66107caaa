"""How gunicorn serves the application, embedded and in containers alike."""

import gc
import os
from typing import Any

_sqlite = (os.environ.get("DATABASE_URL") or "sqlite").startswith("sqlite")

wsgi_app = "inventory_project.wsgi:application"
worker_class = "gthread"
# SQLite has one writer; a second process would only wait for it.
workers = int(os.environ.get("WEB_WORKERS") or (1 if _sqlite else 2))
threads = int(os.environ.get("WEB_THREADS") or (8 if _sqlite else 4))
timeout = 60
graceful_timeout = 6
keepalive = 5
loglevel = "warning"
control_socket_disable = True


def post_worker_init(_worker: Any) -> None:
    """Leave what was loaded at the start out of every later search for garbage.

    Without this a page with many rows pays for walking through all of the program once or twice.
    """
    gc.collect()
    gc.freeze()
