"""Reading the results and the console of a machine."""

from tests.support.machine.run import Report, Result, last_lines, parse_results


def test_results_are_read_up_to_the_zero_byte() -> None:
    disk = b'{"tests": {"passed": true, "seconds": 1.5, "output": "3 passed"}}\n\0"}}'
    assert parse_results(disk) == {"tests": Result(True, 1.5, "3 passed")}


def test_results_are_empty_when_the_machine_wrote_none() -> None:
    assert parse_results(bytes(64)) == {}


def test_check_without_a_result_has_failed_and_shows_the_console() -> None:
    result = Report("tcg", "Kernel panic", {}).result("tests")
    assert not result.passed
    assert "Kernel panic" in result.output


def test_last_lines_of_a_console_are_those_that_say_something() -> None:
    console = "".join(f"line {number}\r\n\r\n" for number in range(100))
    assert last_lines(console).splitlines() == [f"line {number}" for number in range(70, 100)]
