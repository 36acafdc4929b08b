"""The queue: one case per item, account or cluster of near-identical items, and who looks at it.

Owns: cases, their explained priority, claims with a lease, notes, notices by users (DSA Art 16), what
reviewers were exposed to.
Promises: a case is held by one person at a time; the priority is the sum of parts that are shown; who
decided first is not the second pair of eyes.
Never does: decide. A number sorts, a person decides.
"""
