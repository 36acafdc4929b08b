"""The public pages: statement, contact, report, rules, transparency, ledger.

Owns: everything that needs no login.
Promises: readable without a script, printable, in the visitor's language; never shows removed content.
Never does: tell one visitor what only another may know.
"""
