"""Read by every Python process that `tests/instants.py` starts, the commands that tests start among them.

libfaketime now and then hands the kernel a moment to sleep until that is no moment (EINVAL). Such a sleep is slept by
other means.
"""

import errno
import select
import time

_sleep = time.sleep


def sleep(seconds: float) -> None:
    """As `time.sleep`."""
    try:
        _sleep(seconds)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        select.select([], [], [], max(seconds, 0))


time.sleep = sleep
