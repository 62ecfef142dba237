# mode: "program"
from enum import Enum, auto


class State(Enum):
    IDLE = auto()
    RUNNING = auto()
    STOPPED = auto()

    def __str__(self):
        return self.name.lower()


TRANSITIONS = {
    (State.IDLE, "start"): State.RUNNING,
    (State.RUNNING, "pause"): State.IDLE,
    (State.RUNNING, "stop"): State.STOPPED,
}


class Machine:
    def __init__(self):
        self.state = State.IDLE
        self.__log = []

    def __call__(self, event):
        try:
            self.state = TRANSITIONS[self.state, event]
        except KeyError:
            raise RuntimeError(f"{event!r} is not possible while {self.state}") from None
        self.__log.append(event)
        return self

    def __len__(self):
        return len(self.__log)


machine = Machine()
machine("start")("pause")("start")
print(machine.state, repr(machine.state), len(machine), State(3))
print(hasattr(machine, "__log"), machine._Machine__log)
machine("stop")("start")
