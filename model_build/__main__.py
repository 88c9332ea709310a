"""`python -m model_build`, which `torchrun -m model_build` starts once a process."""

from model_build.cli.main import main

main()
