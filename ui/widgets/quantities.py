"""How sizes, rates, counts and spans of time are written (24-hour clock, decimal units, thin spaces)."""

from __future__ import annotations

from datetime import timedelta

THIN = "\u2009"
_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


def count_text(value: int) -> str:
    """A count with thin spaces between groups of three: ``3 418``."""
    return f"{value:,}".replace(",", THIN)


def plural(value: int, one: str, many: str) -> str:
    """``1 file``, ``14 files``; the count is grouped."""
    return f"{count_text(value)} {one if value == 1 else many}"


def size_text(size: float) -> str:
    """Bytes in the unit that reads best: ``214 KB``, ``1.1 MB``, ``612 MB``, ``3.9 GB``."""
    unit = _unit_of(size)
    return f"{_figure(size, unit)} {_UNITS[unit]}"


def progress_text(done: float, whole: float) -> str:
    """Both figures in the unit of the whole: ``3.1 of 6.4 GB``."""
    unit = _unit_of(whole)
    return f"{_figure(min(done, whole), unit)} of {_figure(whole, unit)} {_UNITS[unit]}"


def rate_text(bytes_per_second: float) -> str:
    """``11.8 MB/s``; an empty text when nothing moves."""
    if bytes_per_second <= 0:
        return ""
    figure, unit = rate_parts(bytes_per_second)
    return f"{figure} {unit}"


def rate_parts(bytes_per_second: float) -> tuple[str, str]:
    """The figure and the unit apart, for places that draw them in two sizes."""
    unit = max(_unit_of(bytes_per_second), 1)
    value = bytes_per_second / 1000**unit
    figure = f"{value:.1f}" if value < 100 else count_text(round(value))
    return figure, f"{_UNITS[unit]}/s"


def span_text(span: timedelta | float) -> str:
    """The two largest units that matter: ``38 s``, ``4 min 40 s``, ``2 h 5 min``, ``5 d 1 h``."""
    seconds = max(round(span.total_seconds() if isinstance(span, timedelta) else span), 0)
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return _two(days, "d", hours, "h")
    if hours:
        return _two(hours, "h", minutes, "min")
    if minutes:
        return _two(minutes, "min", seconds, "s")
    return f"{seconds} s"


def clock_span_text(seconds: float) -> str:
    """``4:40`` or ``1:04:40``, for the large figure of a countdown."""
    whole = max(round(seconds), 0)
    hours, rest = divmod(whole, 3_600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def digest_text(sha256: str) -> str:
    """A digest cut to its ends: ``9c1f…e07a``."""
    return f"{sha256[:4]}…{sha256[-4:]}" if len(sha256) > 10 else sha256


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large} {large_unit} {small} {small_unit}" if small else f"{large} {large_unit}"


def _unit_of(size: float) -> int:
    unit = 0
    while unit < len(_UNITS) - 1 and size >= 999.5 * 1000**unit:
        unit += 1
    return unit


def _figure(size: float, unit: int) -> str:
    value = size / 1000**unit
    if unit < 2:
        return str(round(value))
    if unit == 2 and value >= 9.95:
        return str(round(value))
    return f"{value:.1f}"
