from bench.paired_figures import OTHER, THIS, PairedFigure, PairedFigures, format_figures
from sandbox.isolation import Isolation


def _make_figure(this: list[list[float]], other: list[list[float]], percent: float = 50) -> PairedFigure:
    return PairedFigure(Isolation.SLOT, "any", percent, {THIS: this, OTHER: other})


def test_paired_figure_shows_the_percentile_over_all_rounds() -> None:
    rounds = [[1.0, 2.0, 3.0], [4.0, 5.0, 60.0]]
    assert _make_figure(rounds, rounds).value(THIS) == 3.5
    assert _make_figure(rounds, rounds, percent=95).value(OTHER) == 60


def test_paired_figure_divides_this_checkout_by_the_other_in_each_round() -> None:
    figure = _make_figure([[3.0], [3.0], [9.0], [3.0]], [[2.0], [3.0], [3.0], [2.0]])
    assert figure.ratio == 1.5
    assert figure.middle_half == (1.0, 1.5)


def test_paired_figure_has_no_quartiles_when_there_are_few_rounds() -> None:
    assert _make_figure([[3.0]], [[2.0]]).middle_half is None


def test_table_lists_the_figures_by_isolation() -> None:
    figures = PairedFigures()
    for isolation in (Isolation.FRESH, Isolation.SLOT):
        for checkout in (THIS, OTHER):
            figures.add(isolation, checkout, "paced: p50, ms", [2.0])
    head, *rows = format_figures(figures.list_by_isolation()).splitlines()
    assert head.split()[:4] == ["isolation", "figure", "other", "this"]
    assert [row.split()[0] for row in rows] == [str(isolation) for isolation in Isolation]
    assert rows[0].split()[-4:] == ["2.00", "2.00", "1.00", "–"]
