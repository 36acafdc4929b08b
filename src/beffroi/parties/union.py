"""The Member States of the European Union, as data.

Owns: `MEMBER_STATES`.
Promises: ISO 3166-1 alpha-2 codes (Greece is GR here, not EL), as of 1 February 2020.
Never does: decide anything; rules ask whether an establishment lies inside.
"""

MEMBER_STATES = frozenset((
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
))  # fmt: skip
