"""Where jobs run, behind one interface."""
