"""What happens without anybody asking: effects are carried out, time passes, the ledger is written.

Owns: the loops of a running node.
Promises: an effect is claimed, performed with no transaction open, and settled; a loop that fails says so and
goes on; all stop when asked.
Never does: decide.
"""

from .crew import Crew

__all__ = ["Crew"]
