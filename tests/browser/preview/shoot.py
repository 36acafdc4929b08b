"""Look at templates: serve sample views on loopback, photograph them, run axe.

`python -m tests.browser.preview.shoot [page …] [--light --dark --phone --ar --qps]`
"""

import sys
import threading
from pathlib import Path

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from beffroi.doors.web import static_files
from beffroi.doors.web.faults import fault_page
from beffroi.doors.web.render import Front, render
from beffroi.doors.web.security import SecurityHeaders
from beffroi.ground.kernel.clock import FakeClock

from .samples import NODE, NOW, PAGES, SHELL

PORT = 8790
CHROMIUM = "/usr/bin/chromium"
ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
OUT = Path("/tmp/shots")  # noqa: S108  pictures to look at, nothing else


def page(request):
    name = request.path_params["name"]
    if name.startswith("fault-"):
        status = int(name.split("-")[1])
        if name.endswith("-c"):
            request.state.shell = SHELL
        return fault_page(request, status)
    template, view, shell = PAGES[name]
    if shell:
        request.state.shell = shell
    return render(request, template, view)


def app():
    made = Starlette(routes=[*static_files.ROUTES, Route("/p/{name}", page),
                             Route("/{rest:path}", lambda r: PlainTextResponse("x"))])  # fmt: skip
    made.add_middleware(SecurityHeaders)
    made.state.front = Front(NODE, FakeClock(NOW))
    return made


LOOKS = {
    "light": ({"width": 1440, "height": 900}, "light", "en"),
    "dark": ({"width": 1440, "height": 900}, "dark", "en"),
    "phone": ({"width": 390, "height": 844}, "light", "en"),
    "ar": ({"width": 1440, "height": 900}, "light", "ar"),
    "qps": ({"width": 1440, "height": 900}, "light", "qps"),
}


def main(wanted, looks):
    OUT.mkdir(exist_ok=True)
    server = uvicorn.Server(uvicorn.Config(app(), port=PORT, log_level="warning"))
    threading.Thread(target=server.run, daemon=True).start()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGS, chromium_sandbox=False)
        for look in looks:
            size, scheme, lang = LOOKS[look]
            context = browser.new_context(viewport=size, color_scheme=scheme)
            tab = context.new_page()
            tab.on("console", lambda said: print("  console:", said.text[:300]))
            tab.on("pageerror", lambda said: print("  error:", str(said)[:300]))
            for name in wanted:
                answer = tab.goto(f"http://127.0.0.1:{PORT}/p/{name}?lang={lang}")
                tab.wait_for_timeout(150)
                tab.screenshot(path=OUT / f"{name}-{look}.png")
                tab.screenshot(path=OUT / f"{name}-{look}-full.png", full_page=True)
                wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
                found = Axe().run(tab).response["violations"]
                print(name, look, answer.status, f"sideways {wide}" if wide > 0 else "", f"axe {len(found)}")
                for each in found:
                    print("   ", each["id"], each["help"], [n["html"][:160] for n in each["nodes"][:3]])
            context.close()
        browser.close()
    server.should_exit = True


if __name__ == "__main__":
    names = [a for a in sys.argv[1:] if not a.startswith("--")] or list(PAGES)
    main(names, [a[2:] for a in sys.argv[1:] if a.startswith("--")] or ["light"])
