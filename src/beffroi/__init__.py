"""Beffroi: platforms and public authorities counter terrorist content together, lawfully and in the open."""

__version__ = "0.1.0"
