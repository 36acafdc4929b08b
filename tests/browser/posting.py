"""Something is posted past the site, as its server would hand it over."""

from itertools import count

import httpx

_NUMBERS = count(1)


def post(demo, text, account="browser-tests"):
    """Returns where the case stands that it opened."""
    key = (demo.data / "node" / "site.key").read_text().strip()
    number = next(_NUMBERS)
    item = {
        "platform_id": f"browser-{number}",
        "kind": "post",
        "url": f"{demo.site}/p/browser-{number}",
        "visibility": "public",
        "account": {"platform_id": account, "name": f"@{account}"},
        "posted_at": "2026-06-01T08:00:00Z",
        "language": "en",
        "text": text,
        "version": 1,
    }
    sent = {"event": "posted", "deadline_ms": 10_000, "item": item}
    answer = httpx.post(f"{demo.node}/api/v1/screen", json=sent, headers={"Authorization": f"Bearer {key}"}, timeout=30)
    answer.raise_for_status()
    return f"{demo.node}/console/find?q={answer.json()['case']}"
