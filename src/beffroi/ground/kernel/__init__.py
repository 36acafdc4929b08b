"""What has no other place to stand on: ids, time, canonical JSON, limits, errors.

Owns: the words every other package is written in.
Promises: standard library (and the canonical-JSON library) only; no input or output.
Never does: know of a database, a network, or any capability.
"""
