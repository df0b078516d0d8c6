"""Serve a bundle to programs that speak OpenAI's protocol: chat completions with a picture, whole or streaming.

``python -m components.export.serve BUNDLE``
"""

from __future__ import annotations

import shutil
from argparse import Namespace
from pathlib import Path

import uvicorn

from components.bundles.llama_cpp.server import PROGRAM, LlamaServer
from components.bundles.manifest import MANIFEST, Manifest, check_bundle
from components.bundles.runtime import Runtime, open_bundle
from components.bundles.serving.app import make_app
from components.export.warning import warn
from components.stages.command import make_parser, run_command

_ABOUT = """
Serve a bundle to programs that speak OpenAI's protocol.

Answers are decoded greedily, whatever temperature is asked for, one request after the other. One picture a
conversation, with the user's first message, as a data URL or as an address. A GGUF bundle is run by llama-server where
that is found, else by llama-cpp-python. There is no key: whoever reaches the port can ask.
"""


def open_served(folder: Path, manifest: Manifest, threads: int | None, llama_server: str) -> Runtime:
    """A checked bundle in the runtime that serves it.

    Raises:
        BundleError: if it cannot be loaded, or its runtime is not installed.
    """
    if manifest.format == "gguf" and (llama_server != PROGRAM or shutil.which(PROGRAM)):
        return LlamaServer(folder, threads, llama_server)
    return open_bundle(folder, threads)


def main() -> None:
    """Command line. Exit code 1 with the reason if the bundle cannot be served."""
    parser = make_parser("components.export.serve", _ABOUT)
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="the bundle's folder")
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s, this machine alone")
    parser.add_argument("--port", type=int, default=8000, help="default: %(default)s")
    parser.add_argument("--threads", type=int, help="default: as many as the runtime thinks fit")
    parser.add_argument(
        "--max-new-tokens", type=int, default=256, help="for requests that name no limit; default: %(default)s"
    )
    parser.add_argument("--llama-server", default=PROGRAM, metavar="PROGRAM", help="for GGUF; default: from the PATH")
    arguments = parser.parse_args()
    run_command(lambda: _serve(arguments))


def _serve(arguments: Namespace) -> None:
    manifest = check_bundle(arguments.bundle)
    warn(manifest)
    runtime = open_served(arguments.bundle, manifest, arguments.threads, arguments.llama_server)
    created = int((arguments.bundle / MANIFEST).stat().st_mtime)
    app = make_app(runtime, manifest.name, created, arguments.max_new_tokens, manifest.digest)
    print(
        f"{manifest.name} ({manifest.format} {manifest.weights}): base_url http://{arguments.host}:{arguments.port}/v1"
    )
    uvicorn.run(app, host=arguments.host, port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
