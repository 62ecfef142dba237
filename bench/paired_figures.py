"""The figures of a comparison of two checkouts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.percentiles import median, percentile
from harness.table import format_table
from sandbox.isolation import Isolation

THIS, OTHER = "this", "other"


@dataclass(frozen=True, slots=True)
class PairedFigure:
    """One figure of both checkouts.

    Attributes:
        isolation: The isolation of the services.
        name: The name of the figure, with its unit.
        percent: The shown percentile of the samples.
        samples: The samples of each checkout, by round.
    """

    isolation: Isolation
    name: str
    percent: float = 50
    samples: dict[str, list[list[float]]] = field(default_factory=lambda: {THIS: [], OTHER: []})

    def value(self, checkout: str) -> float:
        """Return the figure over all rounds."""
        return self._reduce([sample for some in self.samples[checkout] for sample in some])

    @property
    def ratio(self) -> float:
        """This checkout over the other: the median of the rounds' own ratios, which cancels slow noise."""
        return median(self._ratios())

    @property
    def middle_half(self) -> tuple[float, float] | None:
        """The first and third quartile of the rounds' own ratios; None with fewer than four rounds."""
        ratios = self._ratios()
        return (percentile(ratios, 25), percentile(ratios, 75)) if len(ratios) >= 4 else None

    def _ratios(self) -> list[float]:
        rounds = zip(self.samples[THIS], self.samples[OTHER], strict=True)
        return [_divide(self._reduce(this), self._reduce(other)) for this, other in rounds]

    def _reduce(self, sample: Sequence[float]) -> float:
        return median(sample) if self.percent == 50 else percentile(sample, self.percent)


class PairedFigures:
    """All figures, in the order in which they were first measured."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._figures: dict[tuple[Isolation, str], PairedFigure] = {}

    def add(
        self, isolation: Isolation, checkout: str, name: str, sample: list[float], percent: float = 50
    ) -> None:
        """Add the samples of one round."""
        figure = self._figures.setdefault((isolation, name), PairedFigure(isolation, name, percent))
        figure.samples[checkout].append(sample)

    def list_by_isolation(self) -> list[PairedFigure]:
        """Return the figures by isolation."""
        return [figure for one in Isolation for figure in self._figures.values() if figure.isolation is one]


def format_figures(figures: Sequence[PairedFigure]) -> str:
    """Return the table of a comparison."""
    rows = []
    for figure in figures:
        middle = figure.middle_half
        rows.append(
            (
                figure.isolation,
                figure.name,
                figure.value(OTHER),
                figure.value(THIS),
                figure.ratio,
                f"{middle[0]:.2f} to {middle[1]:.2f}" if middle else None,
            )
        )
    head = ("isolation", "figure", "other", "this", "this / other", "middle half of ratios")
    return format_table(head, rows)


def _divide(this: float, other: float) -> float:
    return this / other if other else float("nan")
