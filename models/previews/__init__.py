"""Previews: what the examples of each kind of data look like on their way to the network."""
