"""Somebody in a browser without JavaScript: opens pages, fills in their forms, presses buttons."""

from typing import Any

import httpx
from lxml import html


class Reader:
    """client: with the cookies of a browser. response: the page that is looked at."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.response = httpx.Response(204)

    async def open(self, path: str) -> str:
        """The text of a page, wherever it leads to."""
        self.response = await self.client.get(path, follow_redirects=True)
        return self.text

    @property
    def path(self) -> str:
        return self.response.url.path

    @property
    def page(self) -> Any:
        return html.document_fromstring(self.response.text)

    @property
    def text(self) -> str:
        """What the page says, on one line."""
        return " ".join(self.page.get_element_by_id("main").text_content().split())

    def buttons(self) -> list[str]:
        return [" ".join(button.text_content().split()) for button in self.page.iter("button")]

    def links(self) -> dict[str, str]:
        """Addresses by words."""
        return {" ".join(link.text_content().split()): link.get("href") for link in self.page.iter("a")}

    def form_of(self, words: str) -> tuple[str, list[tuple[str, str]]]:
        """Where a button sends its form, and all that it sends. words: how the button begins."""
        for form in self.page.forms:
            for button in form.iter("button"):
                if " ".join(button.text_content().split()).startswith(words):
                    name = button.get("name")
                    more = [(name, button.get("value", ""))] if name else []
                    return form.get("action"), [*form.form_values(), *more]
        raise AssertionError(f"no button {words!r} among {self.buttons()}")

    async def press(self, words: str, **filled: str | list[str]) -> str:
        """Fill fields of a form and press its button; the text of the page that follows."""
        action, fields = self.form_of(words)
        fields = [(name, value) for name, value in fields if name not in filled]
        for name, values in filled.items():
            fields += [(name, value) for value in ([values] if isinstance(values, str) else values)]
        return await self.send(action, fields)

    async def send(self, action: str, fields: list[tuple[str, str]], **headers: str) -> str:
        """Send a form to an address; the text of the page that follows."""
        data: dict[str, list[str]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        self.response = await self.client.post(action, data=data, headers=headers, follow_redirects=True)
        return self.text

    async def follow(self, words: str) -> str:
        """Press a link."""
        return await self.open(self.links()[words])
