"""Neural networks as data: what they are made of, how they are checked, trained, looked at and exported."""
