"""The edges: each door translates between the outside and the house, and authorises; none decides."""
