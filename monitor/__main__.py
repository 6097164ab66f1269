"""The command `number-monitor`, and `python -m monitor`."""

import sys

VERSION_ALONE = 2  # arguments when `--version` is all that was asked


def main() -> None:
    """Run the command line; `--version` alone is answered without loading it."""
    if len(sys.argv) == VERSION_ALONE and sys.argv[1] == "--version":
        from monitor.cli.version import version

        print(version())  # noqa: T201  # this is its output
        return
    from monitor.cli.program import run

    run()


if __name__ == "__main__":
    main()
