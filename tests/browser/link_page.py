"""Doccano's page for a link project as a person uses it: with keys. Knows nothing of `corpus`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

_CHOSEN = ".v-chip--active"
_BOTTOM = """() => Math.max(...[...document.querySelectorAll('main .v-card')]
    .filter(card => card.innerText.includes('⟦'))
    .map(card => card.getBoundingClientRect().bottom))"""


class LinkPage:
    """The page of one example at a time, in a browser that is logged in."""

    def __init__(self, page: Page, url: str, project: int, examples: list[dict[str, Any]]) -> None:
        self.page = page
        self.url = url
        self.project = project
        self.examples = examples
        self.number = 0

    def open(self, number: int) -> None:
        """Example `number` (from 0) is shown with what is chosen."""
        self.number = number
        address = f"{self.url}/projects/{self.project}/text-classification?page={number + 1}"
        self._shown(lambda: self.page.goto(address))

    def press(self, key: str) -> None:
        """The key of a label was pressed, and the server knows."""
        self._answered("categories", lambda: self.page.keyboard.press(key))

    def confirm(self) -> None:
        """Enter was pressed, and the server knows."""
        self._answered("states", lambda: self.page.keyboard.press("Enter"))

    def next(self) -> None:
        """The next example is shown, by the arrow key."""
        self.number += 1
        self._shown(lambda: self.page.keyboard.press("ArrowRight"))

    def comment(self, text: str) -> None:
        """The comment is written into its dialog and sent."""
        self.page.locator("main button").nth(4).click()
        field = self.page.locator(".v-dialog--active textarea")
        field.click()
        self.page.keyboard.type(text)
        send = self.page.locator(".v-dialog--active button", has_text="Send")
        with self.page.expect_response(lambda answer: answer.request.method == "POST"):
            send.click()
        self.page.locator(".v-dialog--active button", has_text="Close").click()
        self.page.wait_for_selector(".v-dialog--active", state="hidden")

    def type_beside_the_field(self, text: str) -> None:
        """The comment's dialog is open, and whoever types has not clicked into its field."""
        self.page.locator("main button").nth(4).click()
        self.page.wait_for_selector(".v-dialog--active textarea")
        for key in text:
            self.press(key)
        self.page.locator(".v-dialog--active button", has_text="Close").click()

    def chosen(self) -> list[str]:
        """The names of the chosen labels, as the page shows them; each ends with its key."""
        return [" ".join(text.split()) for text in self.page.locator(_CHOSEN).all_inner_texts()]

    def bottom(self) -> float:
        """How far down the text of the example reaches, in pixels."""
        return float(self.page.evaluate(_BOTTOM))

    def _shown(self, act: Callable[[], Any]) -> None:
        example = self.examples[self.number]
        with self._received("GET", f"/examples/{example['id']}/categories"):
            act()
        wanted = [f"{self.number + 1} of {len(self.examples)}", example["text"].split("\n\n")[0]]
        self.page.wait_for_function(
            "wanted => wanted.every(text => document.body.innerText.includes(text))", arg=wanted
        )
        self.page.wait_for_selector(_CHOSEN)

    def _answered(self, what: str, act: Callable[[], Any]) -> None:
        """The call was made, and the page has fetched what it changed.

        Until then a person who goes on is brought back: the answer puts the old example in the
        place of the new one, and keys work on it.
        """
        example = self.examples[self.number]["id"]
        fetched = f"/examples/{example}" + ("/categories" if what == "categories" else "")
        with self._received("GET", fetched):
            act()
        self.page.evaluate("() => new Promise(done => setTimeout(done, 50))")

    def _received(self, method: str, ending: str) -> Any:
        return self.page.expect_response(
            lambda answer: answer.request.method == method and answer.url.endswith(ending)
        )
