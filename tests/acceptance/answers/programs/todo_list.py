# mode: "program"
# stdin: "add buy milk\nadd write report\ndone 1\ndone 9\nlist\nfly away\nlist done\n"
from dataclasses import dataclass


@dataclass
class Task:
    title: str
    done: bool = False


tasks: list[Task] = []


def handle(command: str) -> str:
    match command.split():
        case ["add", *words] if words:
            tasks.append(Task(" ".join(words)))
            return f"Added task {len(tasks)}"
        case ["done", number] if number.isdigit():
            try:
                tasks[int(number) - 1].done = True
            except IndexError:
                return f"There is no task {number}"
            return f"Finished {tasks[int(number) - 1].title!r}"
        case ["list"] | ["list", "all"]:
            return "\n".join(f"[{'x' if t.done else ' '}] {i}. {t.title}" for i, t in enumerate(tasks, 1))
        case ["list", "done"]:
            return ", ".join(t.title for t in tasks if t.done) or "none"
        case [unknown, *_]:
            return f"Unknown command: {unknown}"
        case _:
            return ""


print("Welcome to the to-do list.")
while True:
    try:
        print(handle(input("> ")))
    except EOFError:
        print("\nGoodbye!")
        break
