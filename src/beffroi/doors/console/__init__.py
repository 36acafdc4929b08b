"""The console: pages for the people of this node.

Owns: the routes under `/console`, sign-in, and their templates.
Promises: a handler translates and authorises; what happens is decided by the capability it calls.
Never does: write to the database past `flow`.
"""
