"""Icons: SVG files recoloured by role and rendered for the exact pixel grid, once."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.settings import resource

_DRAWN_SIZES = (16, 20, 24)
_RATIOS = (1.0, 1.5, 2.0, 3.0)


@cache
def _source(name: str, size: int, filled: bool) -> str:
    """The SVG text drawn for this size, or for the nearest size that exists."""
    style = "filled" if filled else "regular"
    for drawn in sorted(_DRAWN_SIZES, key=lambda each: (abs(each - size), -each)):
        try:
            return resource("icons", f"{name}_{drawn}_{style}.svg").read_text(encoding="utf-8")
        except FileNotFoundError:
            continue
    raise FileNotFoundError(f"resources/icons has no {style} icon {name!r}")


def _render(svg: str, *, size: int, ratio: float) -> QPixmap:
    pixels = round(size * ratio)
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def _widened(pixmap: QPixmap, gap: int, ratio: float) -> QPixmap:
    if not gap:
        return pixmap
    wide = QPixmap(pixmap.width() + round(gap * ratio), pixmap.height())
    wide.setDevicePixelRatio(ratio)
    wide.fill(Qt.GlobalColor.transparent)
    painter = QPainter(wide)
    painter.drawPixmap(0, 0, pixmap)
    painter.end()
    return wide


class IconCache:
    """Pixmaps by name, size, colour and device pixel ratio. For the GUI thread only."""

    def __init__(self) -> None:
        self._pixmaps: dict[tuple[str, int, str, bool, float], QPixmap] = {}
        self._icons: dict[tuple[str, int, str, str, bool, int], QIcon] = {}

    def pixmap(self, name: str, *, size: int, color: QColor, filled: bool, ratio: float) -> QPixmap:
        """The icon as pixels.

        Raises:
            FileNotFoundError: there is no such icon.
        """
        key = (name, size, color.name(), filled, ratio)
        found = self._pixmaps.get(key)
        if found is None:
            svg = _source(name, size, filled).replace("<path ", f'<path fill="{color.name()}" ')
            found = self._pixmaps[key] = _render(svg, size=size, ratio=ratio)
        return found

    def icon(
        self, name: str, *, size: int, color: QColor, disabled: QColor, filled: bool, gap: int = 0
    ) -> QIcon:
        """The icon for buttons, in its normal and its disabled colour, sharp from 100 to 300 %.

        ``gap`` px on the right stay empty: Qt leaves less room before a button's text than the design does.
        """
        key = (name, size, color.name(), disabled.name(), filled, gap)
        found = self._icons.get(key)
        if found is None:
            found = QIcon()
            for ratio in _RATIOS:
                normal = self.pixmap(name, size=size, color=color, filled=filled, ratio=ratio)
                off = self.pixmap(name, size=size, color=disabled, filled=filled, ratio=ratio)
                found.addPixmap(_widened(normal, gap, ratio), QIcon.Mode.Normal)
                found.addPixmap(_widened(off, gap, ratio), QIcon.Mode.Disabled)
            self._icons[key] = found
        return found


def application_icon() -> QIcon:
    """The product's own icon, for windows and the tray."""
    svg = resource("icons", "caseferry.svg").read_text(encoding="utf-8")
    icon = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        icon.addPixmap(_render(svg, size=size, ratio=1.0))
    return icon


def application_mark(*, size: int, ratio: float) -> QPixmap:
    """The product's own icon as pixels, for painting inside a page."""
    return _render(resource("icons", "caseferry.svg").read_text(encoding="utf-8"), size=size, ratio=ratio)
