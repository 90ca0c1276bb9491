"""Every figure of the agent: runs each ``bench_agent_*`` beside this file. ``./dev bench agent``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run them one after the other; 1 when any of them missed its limits."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("bench_agent_*.py"))
    codes = [
        subprocess.run([sys.executable, "-m", f"tests.bench.{name}", *sys.argv[1:]], check=False).returncode
        for name in names
    ]
    return 1 if any(codes) else 0


if __name__ == "__main__":
    sys.exit(main())
