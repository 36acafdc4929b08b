"""The record: what happened here can be proved, and nobody can quietly change it.

Owns: the log of salted commitments to events, its signed checkpoints, and the proofs drawn from it.
Promises: an RFC 6962 tree in C2SP form (tlog-checkpoint, tlog-tiles, tlog-proof); every event has a
leaf within a minute; leaves never change; any tamper is found and its place named (`check`).
Never does: hold an event's content, or personal data in any form that outlives an erasure.

`merkle`, `tiles`, `checkpoint`, `commit`, `verify` are pure; `store` holds the tables; `integrate` writes;
`proof`, `check` and `serve` read.
"""
