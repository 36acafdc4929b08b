"""What was posted, and the accounts that posted it.

Owns: items with revision and visibility, accounts, their sealed texts and addresses, kept media.
Promises: an item is known by the platform's own id and taken in once per revision; only public content
enters (TCO Art 2(3)); what is not matched, reported or held is kept without its media and for a limited time.
Never does: judge; fetch anything.
"""
