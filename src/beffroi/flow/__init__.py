"""The page to read first: what happens when something comes in.

    content in    screening.screen: examine → extract → search → one transaction: items, matches, cases → verdict
    decide        decide.decide: one transaction: decision → case closed → restriction planned → effect intended
    act           outward.perform: the platform is told → looked at as the public sees it → one transaction
    tell          outward.perform: the statement's link is handed to the platform
    undo          decide.undo, decide.reverse: the cause ends → the restriction is lifted → told
    order in      order.receive: one transaction: order, items, its hour; order.execute: a person → decide
    warning out   warn.shown: exactly what leaves → warn.sign: one person → police told, called, confirmed by them
    notice in     notice.receive, notice.take_report: one transaction: notice → case
    no database   carry.carry: onto the emergency spool → spool.drain: entered once, in order, when it is back
    time          sweeps.sweep: leases, holds, ends; what retention lets go → leftovers.collect: files and keys
    forget        erasure.ask: a wish; as soon as nothing needs them, keys destroyed, rows emptied → `Erased`

Every arrow has the same shape: slow work first (decode, hash, search, fetch), one short transaction, then
effects. What one capability's event means to the others stands in one table, `reactions.REACTIONS`.

Owns: opening transactions; the order between capabilities.
Promises: services never open, commit or wait; nothing slow happens inside a transaction.
Never does: decide, or know of HTTP.
"""
