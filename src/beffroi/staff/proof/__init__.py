"""How somebody proves who they are: passwords, codes of the telephone, passkeys, tokens, and how often they may try.

Owns: the means of proof and their tables' contents.
Promises: slow work (argon2, signatures) is done outside transactions; whatever may succeed once succeeds once.
Never does: say what the proven person may do.
"""
