"""How this process's memory is taken from the system and given back."""

from __future__ import annotations

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Numbers of malloc.h: how much freed memory the heap keeps at its end, and from which size a piece is taken from the system alone."""


def keep_freed_memory() -> None:
    """Let the process keep what a step of training frees: the next one takes it again.

    glibc would give larger pieces back to the system, and the kernel would fill them with zeros, page by page, at each step.
    Does nothing where the C library is another one.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "gnu_get_libc_version"):
        libc.mallopt(M_MMAP_THRESHOLD, 32 * 2**20)  # the most that it takes
        libc.mallopt(M_TRIM_THRESHOLD, 512 * 2**20)
