"""A Prefect server and the deployment, together: `python -m flows.up` in the project's root folder."""

import argparse
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prefect.settings import PREFECT_API_URL

from components.stages.home import NoHome, require_home
from flows.processes import Processes
from flows.serve import SERVED
from flows.server import server_folder, server_version
from flows.stages import PipelineError, check_root

HOST = "127.0.0.1"
STARTUP_SECONDS = 300


class ServerError(RuntimeError):
    """No Prefect server could be had at the port."""


@contextmanager
def running_server(root: Path, port: int) -> Iterator[str]:
    """Yield the address of the Prefect server at `port`: the one there is, or a new one that ends with us."""
    api_url = f"http://{HOST}:{port}/api"
    if version := server_version(api_url):
        print(f"Using the Prefect server {version} that runs at {api_url}; it will stay when this ends.")
        yield api_url
        return
    if _in_use(port):
        raise ServerError(
            f"port {port} is in use by something that is not a healthy Prefect server; "
            "end that, or choose another port with --port"
        )
    processes = _start_server(root, port)
    try:
        yield api_url
    finally:
        print("Stopping the Prefect server.", flush=True)
        processes.stop()


def _in_use(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port in TIME_WAIT, left by one that just ended, is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def _start_server(root: Path, port: int) -> Processes:
    """Start a server with its database in the project's scratch folder, and return when it is healthy."""
    folder = server_folder(root)
    print(f"Starting a Prefect server on port {port} (10 to 60 seconds); database and log: {folder}", flush=True)
    processes = Processes(root, environment={"PREFECT_HOME": str(folder)})
    last_lines: deque[str] = deque(maxlen=20)
    log_file = folder / "server.log"
    arguments = (processes, port, log_file, last_lines)
    thread = threading.Thread(target=_run_server, args=arguments, daemon=True)
    start = time.monotonic()
    thread.start()
    try:
        while server_version(f"http://{HOST}:{port}/api") is None:
            seconds = time.monotonic() - start
            if not thread.is_alive():
                output = "\n".join(last_lines)
                raise ServerError(f"the Prefect server ended while starting; its last lines:\n{output}")
            if seconds > STARTUP_SECONDS:
                raise ServerError(f"no healthy Prefect server after {seconds:.0f} seconds; see {log_file}")
            time.sleep(0.5)
    except BaseException:
        processes.stop()
        raise
    print(f"The Prefect server is healthy after {time.monotonic() - start:.0f} seconds: http://{HOST}:{port}")
    return processes


def _run_server(processes: Processes, port: int, log_file: Path, last_lines: deque[str]) -> None:
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
    with log_file.open("w", encoding="utf-8", buffering=1) as log:

        def on_line(line: str) -> None:
            last_lines.append(line)
            print(line, file=log)

        processes.run([*command, "--analytics-off"], on_line)


def _serve(root: Path, api_url: str) -> int:
    """Serve the deployment at `api_url` until interrupted; return the exit code if it ends by itself.

    In a process of its own, because Prefect's runner does not leave cleanly on SIGTERM.
    """
    prefix = "" if PREFECT_API_URL.value() == api_url else f"PREFECT_API_URL={api_url} "
    processes = Processes(root, environment={"PREFECT_API_URL": api_url})

    def on_line(line: str) -> None:
        print(line, flush=True)
        if line == SERVED:
            print("Start a run from another terminal, in this folder, with either of:")
            print(f"    {prefix}prefect deployment run full-pipeline --watch")
            print(f"    {prefix}prefect deployment run full-pipeline/full-pipeline --watch")
            print("Ctrl-C here stops what was started here, a running flow too.", flush=True)

    try:
        return processes.run([sys.executable, "-m", "flows.serve"], on_line)
    finally:
        processes.stop()


def main(arguments: list[str] | None = None) -> int:
    """Serve the deployment until interrupted; return an error's code where that cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m flows.up", description=__doc__)
    parser.add_argument("--port", type=int, default=4200, help="port of the Prefect server on this machine")
    port: int = parser.parse_args(arguments).port
    root = Path.cwd()
    # SIGTERM ends this as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        require_home()
        check_root(root)
        with running_server(root, port) as api_url:
            return _serve(root, api_url)
    except (ServerError, PipelineError, NoHome) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
