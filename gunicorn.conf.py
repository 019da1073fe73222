"""Gunicorn's defaults for this app; its command line and GUNICORN_CMD_ARGS override each."""

import gc

bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = 1
threads = 8
# Above the 10 s that a request may wait for a lock, so the app answers before it is killed.
timeout = 60
graceful_timeout = 30
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190
# Addresses hold private tokens, so requests are not logged.
accesslog = None
# Only ProxyFix, by CONVENOR_PROXIES, decides whom to believe about scheme and address.
forwarded_allow_ips = ""
control_socket_disable = True


def post_worker_init(worker: object) -> None:
    """Leave what lives as long as the process out of every later garbage collection."""
    gc.collect()
    gc.freeze()
