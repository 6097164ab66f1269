"""The command `number-monitor`, and `python -m monitor`."""

import os
import sys

VERSION_ALONE = 2  # arguments when `--version` is all that was asked


def main() -> None:
    """Run the command line; `--version` alone is answered without loading it."""
    _occupy_standard_streams()
    if len(sys.argv) == VERSION_ALONE and sys.argv[1] == "--version":
        from monitor.cli.version import version

        print(version())  # noqa: T201  # this is its output
        return
    from monitor.cli.program import run

    run()


def _occupy_standard_streams() -> None:
    """
    Where a standard stream was closed, keep its number from being given to the next file that is opened.

    Without this an event, or a line of the log, could be written into the store.  What is asked to be printed must go
    somewhere: a closed standard output ends the program.
    """
    for stream, number in ((sys.stdin, 0), (sys.stderr, 2)):
        if stream is None:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115  # for as long as the process lives
    if sys.stdout is None:
        sys.exit("number-monitor: standard output is closed; send it to /dev/null if nobody is to read it")


if __name__ == "__main__":
    main()
