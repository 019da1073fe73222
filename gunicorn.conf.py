"""Gunicorn's defaults for this app; the command line and GUNICORN_CMD_ARGS override them."""

import gc

bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = 1
threads = 8
# More than the 10 s that a request may wait for a lock, so that the app responds in time.
timeout = 60
graceful_timeout = 30
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190
# Addresses contain private tokens, so requests are not logged.
accesslog = None
# Only ProxyFix (CONVENOR_PROXIES) decides which proxies are trusted.
forwarded_allow_ips = ""
control_socket_disable = True


def post_worker_init(worker: object) -> None:
    """Exclude objects that live as long as the process from garbage collection."""
    gc.collect()
    gc.freeze()
