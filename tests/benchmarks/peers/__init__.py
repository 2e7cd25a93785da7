"""The peers, each as its own documentation has one write it. They run in the environment that `make bench` makes under .venv/peers."""
