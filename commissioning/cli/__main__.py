"""`python -m commissioning.cli` is the `commissioning` command, installed or not."""

from commissioning.cli import main

main()
