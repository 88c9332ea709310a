"""The plan of a run, computed from its options, which master and workers share."""

from dataclasses import dataclass, replace
from functools import cached_property

from loadtests.load.arrivals import Arrivals
from loadtests.load.body import BodyWriter
from loadtests.load.catalogue import Catalogue
from loadtests.load.device import Population
from loadtests.load.options import Options
from loadtests.load.shape import Bound, Figure, Shape
from loadtests.load.shapes import SHAPES


@dataclass(frozen=True)
class Plan:
    """The plan of a run; its parts are made on first use."""

    options: Options

    @cached_property
    def shape(self) -> Shape:
        """The shape, with gates replaced by those of the options."""
        shape = SHAPES[self.options.shape](self.options.rate, self.options.duration)
        return replace(shape, bounds=[_as_asked(bound, self.options) for bound in shape.bounds])

    @cached_property
    def catalogue(self) -> Catalogue:
        """The catalogue.

        Raises:
            CatalogueError: the file is not a catalogue.
        """
        return Catalogue.read(self.options.catalogue, self.options.items)

    @cached_property
    def population(self) -> Population:
        """The devices."""
        return Population(self.options.devices, len(self.catalogue.categories), self.options.seed)

    @cached_property
    def arrivals(self) -> Arrivals:
        """Their sessions."""
        return Arrivals(self.population, self.shape.rate_at, self.options.seed)

    def writer(self) -> BodyWriter:
        """The bodies of their requests."""
        return BodyWriter(self.catalogue, self.population, self.options.seed, with_texts=self.shape.cold)


def _as_asked(bound: Bound, options: Options) -> Bound:
    if bound.figure is Figure.P99_MS and options.gate_p99_ms is not None:
        return replace(bound, most=options.gate_p99_ms)
    if bound.figure is Figure.FAILED and options.gate_failed is not None:
        return replace(bound, most=options.gate_failed)
    if bound.figure is Figure.SENT and options.gate_sent is not None:
        return replace(bound, least=options.gate_sent)
    return bound
