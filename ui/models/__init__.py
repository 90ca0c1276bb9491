"""Item models: ids in order, rows by window."""

from ui.models.id_list import ID_ROLE, ROW_ROLE, AnyIndex, IdListModel

__all__ = ["ID_ROLE", "ROW_ROLE", "AnyIndex", "IdListModel"]
