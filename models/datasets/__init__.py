"""Datasets: where examples come from."""
