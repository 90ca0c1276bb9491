"""``python -m app.sandbox``: run the built-in portal."""

import sys

from app.loading import nothing_is_garbage


def main() -> int:
    """Load the portal and run it; the exit code."""
    with nothing_is_garbage():
        from app.sandbox import program
    return program.main()


if __name__ == "__main__":
    sys.exit(main())
