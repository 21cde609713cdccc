"""A folder that is watched: something is run whenever it has changed and has then been quiet."""

import time
from collections.abc import Callable
from pathlib import Path

import watchfiles

# How long the folder must be quiet, and for how long at most that is waited for, in seconds.
QUIET = 2.0
_LONGEST = 60.0
# How often it is looked whether the folder is still the same one, and when to try again after an error, in seconds.
_LOOK = 2.0
_AGAIN = 5.0


def watch(folder: Path, run: Callable[[], None], failed: Callable[[Exception], None], *, quiet: float = QUIET) -> None:
    """Run once, and again after each change. Ends with KeyboardInterrupt only.

    failed: called with what goes wrong; watching goes on. A folder that is moved away and put back, as a checkout
    does, is another one for the operating system, so it is looked for anew.
    """
    while True:
        try:
            _watch_one(folder, run, failed, quiet)
        except Exception as error:  # noqa: BLE001 (watching must not end)
            failed(error)
            time.sleep(_AGAIN)


def _watch_one(folder: Path, run: Callable[[], None], failed: Callable[[Exception], None], quiet: float) -> None:
    """Watch until the folder is not the same one any more."""
    same = folder.stat().st_ino
    changes = watchfiles.watch(
        folder,
        watch_filter=None,
        debounce=round(_LONGEST * 1000),
        step=round(quiet * 1000),
        rust_timeout=round(_LOOK * 1000),
        yield_on_timeout=True,
    )
    # The first run comes after the watch began, so that nothing is missed in between.
    next(changes, None)
    _safely(run, failed)
    for changed in changes:
        if changed:
            _safely(run, failed)
        if folder.stat().st_ino != same:
            return


def _safely(run: Callable[[], None], failed: Callable[[Exception], None]) -> None:
    try:
        run()
    except Exception as error:  # noqa: BLE001 (the next change may mend it)
        failed(error)
