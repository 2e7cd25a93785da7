"""Methods: how a network learns from a dataset."""
