"""Prints the OpenAPI document, the same text for the same code: `python -m server.openapi`."""

from __future__ import annotations

import json
import sys

from server.app import create_app
from server.settings import Settings

if __name__ == "__main__":
    json.dump(create_app(Settings()).openapi(), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
