"""The whole product once, on one machine: portal, agent, logs of a site, a verified case, the desktop."""

from app.commands.demo.performance import run_demo

__all__ = ["run_demo"]
