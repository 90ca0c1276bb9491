"""``python -m ui.shell`` is ``caseferry-desktop``."""

import sys

from ui.shell import main

if __name__ == "__main__":
    sys.exit(main())
