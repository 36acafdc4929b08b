"""Call an ASGI app without a socket."""

import asyncio

import httpx


def call(app, path, method="GET", **how):
    async def once():
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://n.example") as client:
            return await client.request(method, path, **how)

    return asyncio.run(once())
