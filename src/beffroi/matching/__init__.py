"""Banks of known signals, and what matches them.

Owns: banks and their entries, the indexes over them, matches, the brake, the record of being right or wrong.
Promises: search is exact; a change of a bank is in force everywhere within a second and in the process that
made it at once; every match explains itself; a new bank only observes; a negative entry silences.
Never does: decode, decide, act; widen to another law than the bank's legal category names (DESIGN §5.12).
"""
