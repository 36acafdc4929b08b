"""Measurements of whole systems; run them on an idle machine."""
