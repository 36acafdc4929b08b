"""One file per signal type; each ends in a `TYPE` that `signals.registry` lists.

Owns: how a type is read from bytes, text or a picture, how it is written in a bank file, how far two values differ.
Promises: a type knows nothing of the other types.
Never does: open pictures; a type that works on pixels is handed them inside the confined child.
"""
