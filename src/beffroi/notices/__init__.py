"""What affected people are told: the statement of reasons, and that something was put back.

Owns: statements, their unguessable links and spoken codes, whether the platform has delivered them.
Promises: a statement is built from the decision each time it is read and never written twice; it is told
when the outcome is known; the link opens nothing else.
Never does: say more about a notifier than strictly necessary (DSA Art 17(3)(b)).
"""
