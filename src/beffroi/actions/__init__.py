"""Restrictions and their causes: what is done on the platform, checked as the public sees it, and undone.

Owns: restrictions (one per item or account and kind), their live causes, their verified outcome.
Promises: a restriction exists only while at least one cause lives; ending a cause lifts it only when the
last one ends (DESIGN §4); a person's decision waits in the undo hold, a rule's does not.
Never does: call the platform; workers do, and report back by `carried_out`.
"""
