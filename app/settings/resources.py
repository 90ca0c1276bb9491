"""Where the product's own files lie: beside the sources in a checkout, inside the package when installed."""

from __future__ import annotations

from pathlib import Path

import app


def resource(*parts: str) -> Path:
    """The path of a file or folder under ``resources/``.

    Raises:
        FileNotFoundError: the installation lacks it.
    """
    package = Path(app.__file__).parent
    for root in (package / "_resources", package.parent / "resources"):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise FileNotFoundError(f"resources/{'/'.join(parts)} is missing in this installation")
