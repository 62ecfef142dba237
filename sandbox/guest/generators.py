"""The random generators of preloaded modules. Otherwise all forks would draw the same numbers from them."""

import gc
import random
import sys
from typing import Any, Final

#: A gaussian number that a generator of numpy has drawn ahead.
_AHEAD: Final = "has_gauss"


class Generators:
    """The generators of a zygote."""

    def __init__(self) -> None:
        """Find them among all objects."""
        numpy: Any = sys.modules.get("numpy.random")
        self._pure, self._bits, self._seeds = list[Any](), list[Any](), list[Any]()
        for thing in gc.get_objects():
            kind = type(thing)
            if issubclass(kind, random.Random):
                self._pure.append(thing)
            elif numpy and issubclass(kind, numpy.BitGenerator):
                self._bits.append(thing)
            elif numpy and issubclass(kind, numpy.SeedSequence):
                self._seeds.append(thing)
            elif numpy and issubclass(kind, numpy.RandomState):
                state = thing.get_state(legacy=False)
                if state.get(_AHEAD):
                    thing.set_state({**state, _AHEAD: 0, "gauss": 0.0})

    def reseed(self) -> None:
        """Seed each generator anew, with random bits of the kernel."""
        for generator in self._pure:
            generator.seed()
        for other in (*self._seeds, *self._bits):
            # Their own way to the seed that a new object gets. Objects that hold them keep them.
            other.__init__()
