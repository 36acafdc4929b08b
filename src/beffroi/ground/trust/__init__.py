"""Who says so: the node's own keys, and statements signed with them.

Owns: key files, their rotation, and signed notes.
Promises: one key per purpose; the algorithm is part of the key's id and never negotiated.
Never does: show a secret, or sign for a purpose with another purpose's key.
"""
