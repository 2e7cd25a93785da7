"""Measurements of speed, each a ratio of runs made in turn in one process; nothing here asserts an absolute time."""
