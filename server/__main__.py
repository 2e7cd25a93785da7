"""Starts the service: `python -m server`."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import socket
import sys
from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import PydanticUndefined

from server import forkserver
from server.own_token import with_own_token
from server.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the settings, serve until told to end, and return the exit status."""
    given = {name: value for name, value in vars(_parser().parse_args(arguments)).items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as fault:
        for error in fault.errors(include_url=False, include_input=False):
            place = ".".join(str(part) for part in error["loc"])
            message = error["msg"].removeprefix("Value error, ")
            print(f"Neural Playground cannot start: {place + ': ' if place else ''}{message}", file=sys.stderr)
        return 2
    try:
        settings, new_token = with_own_token(settings)
    except (OSError, ValueError) as fault:
        print(f"Neural Playground cannot start: {fault}", file=sys.stderr)
        return 2
    try:
        listener = _listen(settings)
    except OSError as fault:
        place = f"{settings.host}:{settings.port}"
        print(f"Neural Playground cannot listen on {place}: {fault.strerror}. Choose another by PLAYGROUND_PORT.", file=sys.stderr)
        return 1
    # Nearly all that is loaded now stays; looking through it again and again for what does not takes a tenth of the time.
    gc.disable()
    # Where workers look for fetched datasets.
    os.environ["PLAYGROUND_DATA"] = str(settings.data.resolve())
    # It warms up while this process loads the rest.
    forkserver.prepare()
    from server.serve import serve

    gc.enable()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    return serve(settings, listener, new_token)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
    except OSError:
        listener.close()
        raise
    return listener


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m server",
        description="Neural Playground: assemble neural networks and watch them learn.",
        epilog="Each setting may also stand in the environment as PLAYGROUND_<NAME>; the command line wins.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, field in Settings.model_fields.items():
        variable = f"PLAYGROUND_{name.upper()}"
        default = "" if field.default in (None, "", PydanticUndefined) else f" Default: {field.default}."
        words = f"{field.description}{default} [{variable}]".replace("%", "%%")
        if name == "token":
            parser.add_argument_group("only in the environment", f"{variable}: {field.description}")
        else:
            parser.add_argument(f"--{name.replace('_', '-')}", metavar=name.upper(), help=words)
    return parser


if __name__ == "__main__":
    sys.exit(main())
