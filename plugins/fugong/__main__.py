"""`python -m fugong`."""

from fugong.cli.app import main

main()
