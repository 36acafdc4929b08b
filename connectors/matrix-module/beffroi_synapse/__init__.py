"""A Synapse module that asks a Beffroi node before something is published in an open room.

modules:
  - module: beffroi_synapse.Module
    config: {node_url: "https://node.example.org", api_key_path: /etc/synapse/beffroi.key}
"""

from .module import Module

__all__ = ["Module"]
