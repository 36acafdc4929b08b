"""Look at a running demo: sign in, photograph pages, run axe, print what the browser's console says.

`python -m tests.browser.preview.look BASE [--as noor] [--light --dark --phone --ar --qps] /console/queue …`
"""

import sys
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from .shoot import ARGS, CHROMIUM, LOOKS, OUT

PASSWORD = "beffroi demo only"


def name_of(path):
    import re

    return re.sub(r"(_[0-9A-Z]{26})|[^a-z]+", "-", path.strip("/").replace("console/", "")).strip("-") or "front"


def sign_in(tab, base, who):
    tab.goto(f"{base}/login")
    tab.fill("#email", f"{who}@agora.example" if who != "ossian" else "ossian@overseer.example")
    tab.fill("#password", PASSWORD)
    tab.click("form.panel button[type=submit]")
    tab.wait_for_url("**/console/**")


def watch(tab):
    tab.on("console", lambda said: print("  console:", said.text[:300]))
    tab.on("pageerror", lambda said: print("  error:", str(said)[:300]))


def main(arguments):
    base = arguments.pop(0)
    who = arguments.pop(arguments.index("--as") + 1) if "--as" in arguments else "noor"
    arguments = [a for a in arguments if a != "--as"]
    looks = [a[2:] for a in arguments if a.startswith("--")] or ["light"]
    paths = [a for a in arguments if not a.startswith("--")]
    Path(OUT).mkdir(exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGS, chromium_sandbox=False)
        for look in looks:
            size, scheme, lang = LOOKS[look]
            context = browser.new_context(viewport=size, color_scheme=scheme)
            tab = context.new_page()
            watch(tab)
            if who != "nobody":
                sign_in(tab, base, who)
            for path in paths:
                answer = tab.goto(f"{base}{path}{'&' if '?' in path else '?'}lang={lang}")
                tab.wait_for_timeout(200)
                shot = f"{name_of(path.split('?')[0])}-{look}"
                tab.screenshot(path=OUT / f"{shot}.png")
                tab.screenshot(path=OUT / f"{shot}-full.png", full_page=True)
                wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
                found = Axe().run(tab).response["violations"]
                print(shot, answer.status, f"sideways {wide}" if wide > 0 else "", f"axe {len(found)}")
                for each in found:
                    print("   ", each["id"], each["help"], [n["html"][:200] for n in each["nodes"][:3]])
            context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
