"""The web service: HTTP, jobs and storage around `models`; no tensors of its own."""

VERSION = "0.1.0"
