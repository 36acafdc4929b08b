"""Agora, a small town-square forum: how a hosting service integrates with a Beffroi node.

Owns: a whole little website (accounts, posts, pictures) and everything it says to and hears from a node.
Promises: stays up when the node is slow, down or absent; loses no request to it; obeys its webhooks once.
Never does: import `beffroi`. What it knows of the node is the HTTP contract, as your platform would.

Read in this order: `screening` (what is asked, what an answer means), `sender` (how the question travels),
`hooks` (what the node tells us), `sight` (who sees what). The rest is an ordinary small website.
"""
