"""Removal orders at a platform: what arrived, its hour, what was done about each link, what is answered.

Owns: orders, their items, what was written in them (sealed), their clocks, the forms of the annexes.
Promises: no restriction by an order without a person who carried it out; the hour begins at receipt and moves only for
the two reasons of TCO Art 3(7) and (8); a refused command leaves no trace.
Never does: act on an account; judge the content, which is the authority's part (DESIGN §5.2).
"""
