"""What is posted, turned into signals that can be compared.

Owns: signal types, the text fold, the picture decoder and its confined children.
Promises: hostile bytes are decoded only in a confined child process; what cannot be decoded is a value, not an
exception; a signal says where it was found.
Never does: fetch anything, keep anything, decide anything; comparing with banks is `matching`.
"""

from .decoder import Decoder
from .extract import extract
from .model import Extracted, PictureFacts, Posted, Signal, Undecodable

__all__ = ["Decoder", "Extracted", "PictureFacts", "Posted", "Signal", "Undecodable", "extract"]
