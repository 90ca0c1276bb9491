"""The masking core in C and the engine on it; its one file of translation is core.c.

`app.masking.open_engine` opens it, or the reference engine where it does not load.
"""

from app.masking.native.engine import NativeEngine, core_complaint
from app.masking.native.library import CoreMissing, load_core
from app.masking.native.seeking import Seek, core_seek

__all__ = ["CoreMissing", "NativeEngine", "Seek", "core_complaint", "core_seek", "load_core"]
