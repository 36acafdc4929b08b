"""JSON for platforms and scripts: OpenAPI 3.1, problem details for every error, one route table.

Owns: the shapes on the wire and the routes.
Promises: every route names its permission and its limit; handlers translate and authorise, nothing else.
Never does: decide.
"""
