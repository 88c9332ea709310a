"""What the options mean: the shape, the population and the arrivals that master and workers have in common."""

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
    """A run to be; nothing of it is made before it is asked for."""

    options: Options

    @cached_property
    def shape(self) -> Shape:
        """The shape, with the gates that the options name in place of its own."""
        shape = SHAPES[self.options.shape](self.options.rate, self.options.duration)
        return replace(shape, bounds=[_as_asked(bound, self.options) for bound in shape.bounds])

    @cached_property
    def catalogue(self) -> Catalogue:
        """What is asked for.

        Raises:
            CatalogueError: the file is not a catalogue.
        """
        return Catalogue.read(self.options.catalogue, self.options.items)

    @cached_property
    def population(self) -> Population:
        """Who asks."""
        return Population(self.options.devices, len(self.catalogue.categories), self.options.seed)

    @cached_property
    def arrivals(self) -> Arrivals:
        """When they come."""
        return Arrivals(self.population, self.shape.rate_at, self.options.seed)

    def writer(self) -> BodyWriter:
        """What they ask, with all that this takes."""
        return BodyWriter(self.catalogue, self.population, self.options.seed, with_texts=self.shape.cold)


def _as_asked(bound: Bound, options: Options) -> Bound:
    if bound.figure is Figure.P99_MS and options.gate_p99_ms is not None:
        return replace(bound, most=options.gate_p99_ms)
    if bound.figure is Figure.FAILED and options.gate_failed is not None:
        return replace(bound, most=options.gate_failed)
    if bound.figure is Figure.SENT and options.gate_sent is not None:
        return replace(bound, least=options.gate_sent)
    return bound
