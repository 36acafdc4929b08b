"""Warnings of a threat to life: from a moderator who reads of it to the police who can act (TCO 14(5), DSA 18).

Owns: warnings and their letters, and the register of those who are warned.
Promises: a named person signs every letter, after having seen exactly what leaves; the second person looks afterwards,
never before; a warning is unconfirmed until a person or a receipt says otherwise.
Never does: send by a score, in bulk, or over the API; tell more than what was ticked.
"""
