"""The faults that the playground is to survive, one a row, as in the table that `make faults` prints."""

from __future__ import annotations

ROWS = {
    1: "server killed in mid-run",
    2: "worker killed",
    3: "out of memory",
    4: "a step hangs, TERM is ignored",
    5: "training done, process stays",
    6: "learning rate far too high",
    7: "a client that never reads",
    8: "socket cut at 100 moments",
    9: "foreign Origin or Host",
    10: "pickled uploads",
    11: "archives that break out",
    12: "bombs",
    13: "odd ids and paths",
    14: "dataset by address",
    15: "malicious networks",
    16: "double click, 20 starts at once",
    17: "run, read, run again",
    18: "another's private job",
    19: "open to all without a token",
    20: "a neighbour crashes",
    21: "stop at every moment",
    22: "one spike in 10^6 points",
    23: "disk full, database locked, log torn",
    24: "100,000 parts, slow body",
    25: "store of another release",
    26: "bad retunes",
}
