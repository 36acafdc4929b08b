"""A Matrix homeserver beside a node: Synapse, the module, and what one can try."""
