"""The service manager of Windows by pywin32, and the process that it starts. Empty elsewhere."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import os
    import threading
    from collections.abc import Callable

    import pywintypes
    import servicemanager
    import win32service
    import win32serviceutil

    from agent.service.units.order import not_installed
    from agent.service.units.windows import SERVICE_NAME, WindowsServiceSpec, told_when_it_cannot

    _MISSING = 1060
    _WAIT_SECONDS = 120
    _STATES = {
        win32service.SERVICE_RUNNING: "running",
        win32service.SERVICE_STOPPED: "stopped",
        win32service.SERVICE_START_PENDING: "starting",
        win32service.SERVICE_STOP_PENDING: "stopping",
    }

    class Pywin32Services:
        """`WindowsServices` for real."""

        def create(self, spec: WindowsServiceSpec) -> None:
            """Make the service, or change the one of this name."""
            try:
                manager = win32service.OpenSCManager(None, None, win32service.SC_MANAGER_ALL_ACCESS)
                try:
                    self._create(manager, spec)
                finally:
                    win32service.CloseServiceHandle(manager)
            except pywintypes.error as error:
                raise not_installed(f"{error.funcname}: {error.strerror}") from error

        def _create(self, manager: int, spec: WindowsServiceSpec) -> None:
            given = (
                win32service.SERVICE_WIN32_OWN_PROCESS,
                win32service.SERVICE_AUTO_START,
                win32service.SERVICE_ERROR_NORMAL,
                spec.command_line,
                None,
                0,
                None,
                spec.account,
                None,
            )
            if self.state(spec.name) is None:
                service = win32service.CreateService(
                    manager, spec.name, spec.display, win32service.SERVICE_ALL_ACCESS, *given
                )
            else:
                service = win32service.OpenService(manager, spec.name, win32service.SERVICE_ALL_ACCESS)
                win32service.ChangeServiceConfig(service, *given, spec.display)
            try:
                change = win32service.ChangeServiceConfig2
                change(service, win32service.SERVICE_CONFIG_DESCRIPTION, spec.description)
                change(service, win32service.SERVICE_CONFIG_DELAYED_AUTO_START_INFO, True)
                change(service, win32service.SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, True)
                actions = [(win32service.SC_ACTION_RESTART, each * 1000) for each in spec.restart_after]
                failure = {"ResetPeriod": 3600, "RebootMsg": "", "Command": "", "Actions": actions}
                change(service, win32service.SERVICE_CONFIG_FAILURE_ACTIONS, failure)
            finally:
                win32service.CloseServiceHandle(service)

        def start(self, name: str) -> None:
            """Start it; one that runs is stopped first."""
            try:
                if self.state(name) != "stopped":
                    win32serviceutil.StopServiceWithDeps(name, waitSecs=_WAIT_SECONDS)
                win32serviceutil.StartService(name)
                win32serviceutil.WaitForServiceStatus(name, win32service.SERVICE_RUNNING, _WAIT_SECONDS)
            except pywintypes.error as error:
                raise not_installed(f"{error.funcname}: {error.strerror}") from error

        def delete(self, name: str) -> None:
            """Stop it and take it away; one that is not there is no error."""
            state = self.state(name)
            if state is None:
                return
            try:
                if state != "stopped":
                    win32serviceutil.StopServiceWithDeps(name, waitSecs=_WAIT_SECONDS)
                win32serviceutil.RemoveService(name)
            except pywintypes.error as error:
                raise not_installed(f"{error.funcname}: {error.strerror}") from error

        def state(self, name: str) -> str | None:
            """Its state in a word; None when there is none."""
            try:
                found = win32serviceutil.QueryServiceStatus(name)[1]
            except pywintypes.error as error:
                if error.winerror == _MISSING:
                    return None
                raise not_installed(f"{error.funcname}: {error.strerror}") from error
            return _STATES.get(found, "changing")

    def host(run: Callable[[threading.Event], bool]) -> None:
        """Be the process of the service; returns when it has stopped.

        Args:
            run: the agent; ends when the event is set, and tells whether it wants to begin anew.
        """

        class Hosted(win32serviceutil.ServiceFramework):
            _svc_name_ = SERVICE_NAME

            def __init__(self, arguments: list[str]) -> None:
                super().__init__(arguments)
                self._stop = threading.Event()

            def SvcStop(self) -> None:
                self.ReportServiceStatus(win32service.SERVICE_STOP_PENDING, waitHint=_WAIT_SECONDS * 1000)
                self._stop.set()

            SvcShutdown = SvcStop

            def SvcDoRun(self) -> None:
                if told_when_it_cannot(lambda: run(self._stop), tell=servicemanager.LogErrorMsg):
                    # Everything is closed. A service that ends without saying so is restarted by the manager.
                    os._exit(1)

        servicemanager.Initialize(SERVICE_NAME, None)
        servicemanager.PrepareToHostSingle(Hosted)
        servicemanager.StartServiceCtrlDispatcher()
