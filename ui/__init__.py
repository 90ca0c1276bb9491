"""The Qt desktop. Nothing on its GUI thread may wait."""
