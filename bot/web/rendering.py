"""Answers and sections as HTML that nothing in them can break out of."""

import re
from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

_INLINE = re.compile(
    r"\*\*(?=\S)(?P<bold>[^\n]+?)(?<=\S)\*\*"
    r"|\[(?P<label>[^\[\]\n]+)\]\((?:(?P<url>https?://[^\s()<>\"]+)|[^\s()]+\.md(?:#[^\s()]*)?)\)"
    r"|\[(?P<n>\d{1,3})\]"
)
_BULLET, _STEP = re.compile(r"[•\-*]\s+"), re.compile(r"(\d{1,3})[.)]\s+")
_PARAGRAPH = re.compile(r"\n\s*\n")


def answer_html(text: str, sources: dict[int, str]) -> Markup:
    """Light Markdown: paragraphs, lists, **bold**, [words](http…); [n] leads to the source with that id."""
    return Markup("").join(_block(part, sources) for part in _PARAGRAPH.split(text.strip()) if part.strip())


def _block(text: str, sources: dict[int, str]) -> Markup:
    """Lines of one paragraph; those that begin like items are a list."""
    found, kind = Markup(""), ""
    for line in text.strip().split("\n"):
        bullet, step = _BULLET.match(line.strip()), _STEP.match(line.strip())
        new = "ul" if bullet else "ol" if step else "p"
        mark = bullet or step
        words = _inline(line.strip()[mark.end() :] if mark else line.strip(), sources)
        if new != kind:
            found += Markup("</{}>").format(kind) if kind else Markup("")
            # A list of steps may begin in the middle.
            found += (
                Markup('<ol start="{}">').format(int(step[1])) if new == "ol" and step else Markup("<{}>").format(new)
            )
        elif new == "p":
            found += Markup("<br>")
        found += words if new == "p" else Markup("<li>") + words + Markup("</li>")
        kind = new
    return found + Markup("</{}>").format(kind)


def _inline(text: str, sources: dict[int, str]) -> Markup:
    found, end = Markup(""), 0
    for match in _INLINE.finditer(text):
        found += escape(text[end : match.start()])
        end = match.end()
        if match["bold"]:
            found += Markup("<strong>") + _inline(match["bold"], sources) + Markup("</strong>")
        elif match["label"] and match["url"]:
            found += Markup('<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>').format(
                match["url"], match["label"]
            )
        elif match["label"]:
            found += escape(match["label"])
        elif identity := sources.get(int(match["n"])):
            found += Markup('<a class="cite" href="#{}">[{}]</a>').format(identity, match["n"])
        else:
            found += escape(match[0])
    return found + escape(text[end:])


@cache
def _markdown() -> MarkdownIt:
    """Without raw HTML, pictures or what else would be fetched from elsewhere."""
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "html_block", "html_inline"])


def section_html(markdown: str) -> Markup:
    """A section of the library as it was written; links lead out in a tab of their own."""
    tokens = _markdown().parse(markdown)
    leads_out = False
    for token in (child for block in tokens for child in (block, *(block.children or ()))):
        if token.type == "link_open":
            # Links between guides lead to files that no page shows: their words stay.
            leads_out = str(token.attrGet("href")).startswith(("http://", "https://"))
            if leads_out:
                token.attrs.update({"rel": "noopener noreferrer nofollow", "target": "_blank"})
            else:
                token.attrs.clear()
        if token.type in ("link_open", "link_close") and not leads_out:
            token.tag = "span"
    html: str = _markdown().renderer.render(tokens, _markdown().options, {})
    # A table may be wider than a phone, and is moved by keyboard then.
    html = html.replace("<table>", '<div class="wide" tabindex="0"><table>').replace("</table>", "</table></div>")
    return Markup(html)  # noqa: S704  # markdown-it escaped every text
