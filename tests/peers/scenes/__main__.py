"""``python -m tests.peers.scenes OUTDIR [NAME …]``: every page and dialog as PNG, light and dark."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QFontDatabase

from tests.peers.portal import PortalProcess
from tests.peers.scenes.registry import Scene, load_scenes
from tests.peers.scenes.stage import FONT_PACKAGES, SIZE, open_stage, picture
from ui.shell.application import make_application
from ui.theme import Mode, current_theme, install_theme

_UNABLE = re.compile(r"This plugin does not support (propagateSizeHints|raise|grabbing the (keyboard|mouse))")


def main(words: list[str]) -> int:
    """Render the scenes; returns the exit code."""
    if not words:
        sys.stderr.write("say where to: python -m tests.peers.scenes OUTDIR [NAME …]\n")
        return 2
    out = Path(words[0])
    out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    qInstallMessageHandler(_write_message)
    application = make_application(["caseferry-shots"])
    missing = {"Inter", "JetBrains Mono"} - set(QFontDatabase.families())
    if missing:
        sys.stderr.write(f"fonts are missing: {', '.join(sorted(missing))} (Debian: {FONT_PACKAGES})\n")
        return 1
    install_theme(application, mode=Mode.LIGHT)
    scenes = {name: each for name, each in load_scenes().items() if not words[1:] or name in words[1:]}
    with tempfile.TemporaryDirectory(prefix="caseferry-shots-") as folder:
        os.environ["CASEFERRY_HOME"] = str(Path(folder) / "home")
        with PortalProcess(Path(folder) / "portal", sftp=True) as portal:
            return _render(scenes, out, portal, Path(folder))


def _write_message(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Everything Qt says, but what the offscreen screen is unable to do."""
    if not _UNABLE.match(text):
        sys.stderr.write(f"{text}\n")


def _render(scenes: dict[str, Scene], out: Path, portal: PortalProcess, folder: Path) -> int:
    failed = 0
    for mode in (Mode.LIGHT, Mode.DARK):
        current_theme().set_mode(mode)
        for name, scene in scenes.items():
            with open_stage(portal, folder / f"{mode}-{name}") as stage:
                stage.desktop.resize(*SIZE)
                try:
                    widget = scene(stage)
                    stage.settle()
                    suffix = "-dark" if mode is Mode.DARK else ""
                    picture(widget).save(str(out / f"{name}{suffix}.png"))
                except AssertionError as error:
                    failed += 1
                    sys.stderr.write(f"{name} ({mode}): {error}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
