"""What may stand in a node of a network, one file a family."""
