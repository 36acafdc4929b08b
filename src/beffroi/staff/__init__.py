"""People who work with this node, what they may do, and how they prove who they are.

Owns: people and roles, permissions, sign-in, sessions, API keys.
Promises: names, addresses and secrets are sealed or hashed; one list of permissions, one function that asks it.
Never does: know what a permission lets somebody do; doors ask, capabilities act.
"""
