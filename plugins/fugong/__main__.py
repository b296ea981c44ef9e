"""`python -m fugong`."""

from fugong.cli import main

main()
