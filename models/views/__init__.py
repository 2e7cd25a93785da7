"""Views: from a network at a step, and data, to a picture."""
