"""Who runs this node, and the charter it runs under.

Owns: the node's organisation (contact points, legal representative) and the charter settings.
Promises: both are rows with a version and an event for every change; what the law fixes cannot be set.
Never does: know people of the node; a person is an id here (see `staff`).
"""
