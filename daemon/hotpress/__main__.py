"""`python -m hotpress` is `hotpress`."""

from hotpress.cli import main

main()
