"""Work outside the GUI thread. Nothing else in the desktop starts a thread."""

from ui.tasks.beside import beside
from ui.tasks.stream import Stream
from ui.tasks.task import Latest, Task, as_caseferry_error, open_tasks, task_relay

__all__ = ["Latest", "Stream", "Task", "as_caseferry_error", "beside", "open_tasks", "task_relay"]
