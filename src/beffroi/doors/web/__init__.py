"""What the console and the public pages share: shell, language, static files, security headers.

Owns: the Jinja environment, the catalogues, icons, keys, and everything under `static/`.
Promises: every page is escaped, translated, strict about its sources, and readable without a script.
Never does: decide anything, or know more of a capability than what its states are called.
"""
