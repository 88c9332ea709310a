"""Plans of short runs with few items."""

import argparse

from loadtests.load.options import Options, add_options
from loadtests.load.plan import Plan


def options(*arguments: str) -> Options:
    parser = argparse.ArgumentParser()
    add_options(parser)
    return Options.of(parser.parse_args(["--items", "500", "--devices", "5000", *arguments]))


def plan(*arguments: str) -> Plan:
    return Plan(options(*arguments))
