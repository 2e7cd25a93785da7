"""Tests of the service: real processes, real sockets."""
