"""
Measure in a process of its own: what one measurement leaves behind (memory, threads, a warm cache) is no other's.
"""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def apart(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the function returns, called in a fresh interpreter.  It and its arguments can be pickled."""
    with one_process() as process:
        return process.submit(function, *args, **kwargs).result()


def one_process() -> ProcessPoolExecutor:
    """A fresh interpreter to call functions in."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))
