"""The theme in force: colours, fonts, sizes and icons by role, for one application."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from ui.theme.icons import IconCache
from ui.theme.palette import palette_of
from ui.theme.sheet import style_sheet
from ui.theme.style import ThemeStyle
from ui.theme.tokens import Scheme, Tokens, load_tokens, platform_name


class Mode(StrEnum):
    """What the person chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme(QObject):
    """Gives colours, fonts, sizes and icons by role, and dresses the application.

    Ask again after `changed`: colours and icons differ between light and dark.
    """

    changed = Signal()

    def __init__(self, tokens: Tokens, *, mode: Mode = Mode.SYSTEM, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tokens = tokens
        self._icons = IconCache()
        self._mode = mode
        self._colors: dict[tuple[Scheme, str], QColor] = {}
        self._fonts: dict[tuple[str, bool], QFont] = {}
        self._scheme = self._wanted_scheme()
        self._style: ThemeStyle | None = None
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    @property
    def mode(self) -> Mode:
        """The person's choice: system, light or dark."""
        return self._mode

    @property
    def scheme(self) -> Scheme:
        """The colours in force."""
        return self._scheme

    @property
    def dark(self) -> bool:
        """Whether the dark colours are in force."""
        return self._scheme is Scheme.DARK

    def set_mode(self, mode: Mode) -> None:
        """Follow the system, or stay light or dark."""
        self._mode = mode
        self._change_to(self._wanted_scheme())

    def color(self, role: str) -> QColor:
        """The colour of a role such as ``text.secondary``.

        Raises:
            KeyError: the tokens have no such role.
        """
        key = (self._scheme, role)
        found = self._colors.get(key)
        if found is None:
            found = self._colors[key] = QColor(self.tokens.colors[self._scheme][role])
        return QColor(found)

    def font(self, scale: str = "body", *, tabular: bool = False) -> QFont:
        """The font of a step of the type scale; ``tabular`` gives digits one width.

        Raises:
            KeyError: the tokens have no such step.
        """
        key = (scale, tabular)
        if key not in self._fonts:
            self._fonts[key] = self._make_font(scale, tabular=tabular)
        return QFont(self._fonts[key])

    def line_height(self, scale: str) -> int:
        """The line height of a step, in px, or the font's own when that is larger."""
        return self.tokens.scale[scale].line

    def space(self, name: str) -> int:
        """A distance in px: ``2xs`` 2, ``xs`` 4, ``s`` 8, ``m`` 12, ``l`` 16, ``xl`` 24 and so on."""
        return self.tokens.space[name]

    def radius(self, name: str) -> int:
        """A corner radius in px."""
        return self.tokens.radius[name]

    def size(self, *path: str) -> int:
        """A size in px, such as ``size("control", "small")``."""
        return self.tokens.size(*path)

    def icon(
        self,
        name: str,
        size: int = 16,
        role: str = "text.secondary",
        *,
        filled: bool = False,
        gap: int = 0,
    ) -> QIcon:
        """An icon by its file name or its purpose in the tokens (``reply``, ``attach``, …).

        ``gap`` px on its right stay empty, for buttons with a text.

        Raises:
            FileNotFoundError: there is no such icon.
        """
        return self._icons.icon(
            self.tokens.icons.get(name, name),
            size=size,
            color=self.color(role),
            disabled=self.color("text.disabled"),
            filled=filled,
            gap=gap,
        )

    def pixmap(
        self,
        name: str,
        size: int = 16,
        role: str = "text.secondary",
        *,
        filled: bool = False,
        dpr: float = 1.0,
    ) -> QPixmap:
        """The same as `icon`, as pixels for painting at a device pixel ratio."""
        return self._icons.pixmap(
            self.tokens.icons.get(name, name),
            size=size,
            color=self.color(role),
            filled=filled,
            ratio=dpr,
        )

    def dress(self, application: QApplication) -> None:
        """Give the application its style, palette, font and style sheet, now and after each change."""
        self._style = ThemeStyle(self)
        application.setStyle(self._style)
        self._dress(application)

    def _dress(self, application: QApplication) -> None:
        palette = palette_of(self.tokens.colors[self._scheme])
        application.setFont(self.font("body"))
        if self.high_contrast:
            application.setStyleSheet("")
            return
        application.setPalette(palette)
        application.setStyleSheet(style_sheet(self.tokens, self._scheme))

    @property
    def high_contrast(self) -> bool:
        """Whether the system asks for its own contrast colours."""
        hints = QGuiApplication.styleHints()
        accessibility = getattr(hints, "accessibility", None)
        if accessibility is None or not hasattr(Qt, "ContrastPreference"):
            return False
        return bool(accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast)

    def _make_font(self, scale: str, *, tabular: bool) -> QFont:
        step = self.tokens.scale[scale]
        mono = scale == "mono"
        system = QFontDatabase.systemFont(
            QFontDatabase.SystemFont.FixedFont if mono else QFontDatabase.SystemFont.GeneralFont
        )
        kind = "mono" if mono else "display" if scale in ("title", "figure") else "ui"
        families = [*(self.tokens.families[kind] or self.tokens.families["ui"]), *system.families()]
        font = QFont()
        font.setFamilies(families)
        match platform_name():
            case "windows":
                font.setPointSizeF(step.size * 0.75)
            case "macos":
                font.setPointSizeF(float(step.size))
            case _:
                font.setPixelSize(step.size)
        font.setWeight(QFont.Weight(step.weight))
        font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
        if tabular:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def _wanted_scheme(self) -> Scheme:
        if self._mode is not Mode.SYSTEM:
            return Scheme(self._mode.value)
        hints = QGuiApplication.styleHints()
        return Scheme.DARK if hints.colorScheme() == Qt.ColorScheme.Dark else Scheme.LIGHT

    def _follow_system(self) -> None:
        if self._mode is Mode.SYSTEM:
            self._change_to(self._wanted_scheme())

    def _change_to(self, scheme: Scheme) -> None:
        if scheme is self._scheme:
            return
        self._scheme = scheme
        application = QApplication.instance()
        if isinstance(application, QApplication) and self._style is not None:
            self._dress(application)
        self.changed.emit()


_in_force: list[Theme] = []


def install_theme(application: QApplication, *, mode: Mode = Mode.SYSTEM) -> Theme:
    """Make the theme of this application, once; a second call changes the mode only."""
    if not _in_force:
        theme = Theme(load_tokens(), mode=mode)
        _in_force.append(theme)
        theme.dress(application)
    theme = _in_force[0]
    theme.set_mode(mode)
    return theme


def current_theme() -> Theme:
    """The theme in force; a widget that is built before `install_theme` gets the application's.

    Raises:
        RuntimeError: there is no application yet.
    """
    if not _in_force:
        application = QApplication.instance()
        if not isinstance(application, QApplication):
            raise RuntimeError("a theme needs a QApplication")
        install_theme(application)
    return _in_force[0]


def text_palette(theme: Theme, role: str) -> QPalette:
    """A palette whose window text has a role's colour, for widgets that paint their own text."""
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.WindowText, theme.color(role))
    return palette
