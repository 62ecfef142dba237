from worker.live_output import interval


def test_interval_doubles_so_that_a_job_of_a_day_sends_a_bounded_number_of_batches() -> None:
    assert (interval(0), interval(999), interval(1000), interval(2000)) == (0.018, 0.018, 0.036, 0.072)
    seconds, batches = 0.0, 0
    while seconds < 24 * 3600:
        seconds += interval(batches)
        batches += 1
    assert batches < 12_500
