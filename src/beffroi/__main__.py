"""`python -m beffroi`: the command line.

Owns: nothing.
Promises: the same as the script `beffroi`.
Never does: anything else.
"""

from beffroi.cli import main

main()
