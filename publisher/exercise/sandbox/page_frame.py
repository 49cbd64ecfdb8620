"""The frame of every page a person sees: the banner that says what this is, and the look of it."""

from __future__ import annotations

from html import escape

from publisher.exercise.sandbox.wire import Reply

_STYLE = """
:root{color-scheme:light;--ink:#1b2330;--soft:#5a6575;--line:#d8dde5;--page:#f5f6f8;--accent:#1d4f91}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
.banner{background:#7a1f1f;color:#fff;padding:.6rem 1.25rem;font-weight:600;letter-spacing:.01em}
nav{background:#fff;border-bottom:1px solid var(--line);padding:.7rem 1.25rem;display:flex;gap:1.25rem;
flex-wrap:wrap}
main{max-width:72rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}
h1{font-size:1.6rem;line-height:1.25;margin:.25rem 0 .5rem}h2{font-size:1.15rem;margin:2rem 0 .75rem}
a{color:var(--accent)}a:focus-visible,button:focus-visible{outline:3px solid #f2b400;outline-offset:2px}
.count{color:var(--soft);margin:0 0 1.25rem}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:1.1rem;padding:0;margin:0;
list-style:none}
.card{background:#fff;border:1px solid var(--line);border-radius:.5rem;overflow:hidden;display:flex;
flex-direction:column}
.card img,.card .blank{width:100%;aspect-ratio:4/3;object-fit:contain;background:#1b2330;display:block}
.card .blank{display:grid;place-items:center;color:var(--soft)}
.card div.text{padding:.75rem .9rem 1rem;display:flex;flex-direction:column;gap:.4rem;align-items:flex-start}
.card h3{font-size:1rem;line-height:1.35;margin:0;font-weight:600;overflow-wrap:anywhere}
.state{display:inline-block;border-radius:1rem;padding:.05rem .7rem;font-size:.85rem;font-weight:600;
border:1px solid}
.state.public{background:#e3f4e6;color:#14532d;border-color:#7cb98a}
.state.private{background:#eceef1;color:#3d4653;border-color:#b3bac4}
.state.unlisted{background:#fff4d6;color:#5c4300;border-color:#d9b64a}
.state.gone{background:#fbe5e5;color:#7a1f1f;border-color:#d99a9a}
figure{margin:0 0 1rem}figure img,video{max-width:100%;max-height:75vh;height:auto;border-radius:.4rem;
background:#e4e8ee;display:block}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.25rem;background:#fff;
border:1px solid var(--line);border-radius:.5rem;padding:1rem 1.25rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}code{font-size:.9em;overflow-wrap:anywhere}
.words{white-space:pre-line;max-width:46rem}.tags{display:flex;gap:.4rem;flex-wrap:wrap;padding:0;list-style:none}
.tags li{background:#fff;border:1px solid var(--line);border-radius:.3rem;padding:0 .5rem;font-size:.9rem;
overflow-wrap:anywhere}
button{font:inherit;font-weight:600;padding:.55rem 1.4rem;border:0;border-radius:.35rem;background:var(--accent);
color:#fff;cursor:pointer}
@media (max-width:34rem){dl{grid-template-columns:1fr}dt{margin-top:.5rem}}
"""


def framed(title: str, inner: str, links: tuple[tuple[str, str], ...] = (), code: int = 200) -> Reply:
    """A whole page around `inner` (HTML), with `links` (address, words) above it."""
    nav = "".join(f'<a href="{escape(address)}">{escape(words)}</a>' for address, words in links)
    page = f"""<!doctype html>
<html lang="en-GB">
<head><meta charset="utf-8"><title>{escape(title)} - sandbox</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>
<body><div class="banner" role="note">SANDBOX: nothing here is public. This is a stand-in for Flickr and YouTube.</div>
{f'<nav aria-label="Sandbox">{nav}</nav>' if nav else ""}
<main>{inner}</main></body></html>
"""
    reply = Reply(code, page.encode(), "text/html; charset=utf-8")
    # Texts come from whoever posted them; nothing on these pages may run.
    reply.headers = {
        "Content-Security-Policy": "default-src 'none'; img-src 'self'; media-src 'self'; "
        "style-src 'unsafe-inline'; form-action 'self' http://127.0.0.1:* http://localhost:*; base-uri 'none'; "
        "frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return reply
