"""A language model's tool calls: each is answered, or its failure told, as JSON."""

import statistics
from datetime import date

TOOLS = {}


def tool(function):
    """Make the function one the model may call."""
    TOOLS[function.__name__] = function
    return function


@tool
def days_until(day, today):
    return (date.fromisoformat(day) - date.fromisoformat(today)).days


@tool
def describe(numbers):
    return {"mean": statistics.fmean(numbers), "stdev": round(statistics.stdev(numbers), 3)}


def answer(call):
    function = TOOLS.get(call["name"])
    if function is None:
        return {"id": call["id"], "error": f"there is no tool {call['name']}"}
    try:
        return {"id": call["id"], "content": function(**call["arguments"])}
    except (TypeError, ValueError) as error:
        return {"id": call["id"], "error": f"{type(error).__name__} in {call['name']}"}


def main(tool_calls):
    answers = [answer(call) for call in tool_calls]
    print(sum("error" in entry for entry in answers), "of", len(answers), "calls failed")
    return {"answers": answers}
