"""What a person decided, under which published rule, and why.

Owns: policies with versions, grounds, decisions, standing rules, the statement of reasons, remedies.
Promises: a restriction has a ground, a reason the person can read, and a decider: a person, or a narrow,
reversible, expiring rule that a named person approved (DESIGN §5.1).
Never does: carry anything out (`actions` does), or accept a score as a reason.
"""
