"""Doccano's annotation page as a person uses it: with a mouse and keys. Knows nothing of `corpus`.

A place in the text is a code point offset, as in Python. The page's DOM counts UTF-16 units; this
file converts for itself, so that it can witness for or against `corpus.offsets`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Response

PROBE = Path(__file__).with_suffix(".js")
_WAND = "M7.5,5.6L5,7"  # how the icon of the button for auto-labelling begins
_MENU = ".v-menu__content.menuable__content__active"


class AnnotationPage:
    """The page of one example at a time, in a browser that is logged in."""

    def __init__(self, page: Page, url: str) -> None:
        page.add_init_script(path=PROBE)
        self.page = page
        self.url = url
        self.text = ""

    def open(self, project: int, number: int, text: str, *, colours: int = 0) -> None:
        """Example `number` (from 1) of the project is shown, drawn to the end."""
        self.text = text
        self.page.goto(f"{self.url}/projects/{project}/sequence-labeling?page={number}")
        self.settle(colours)

    def next(self, text: str, *, colours: int = 0) -> None:
        """The next example, whose text is known, is shown in its place; by its key."""
        self.text = text
        self.page.keyboard.press("ArrowRight")
        self.settle(colours)

    def settle(self, colours: int = 0) -> None:
        """Nothing moves any more, and strokes of so many colours are drawn."""
        end = self._unit(len(self.text.rstrip("\r\n")))
        wanted = {"text": self.text, "end": end, "colours": colours}
        self.page.wait_for_function("wanted => seen.settled(wanted)", arg=wanted)

    def turn_right_to_left(self) -> None:
        """The page lays the text out from right to left, until it is opened anew; by its switch."""
        self.page.locator("header .v-toolbar__content > button").last.click()
        self.page.locator(f"{_MENU} .v-input--switch", has_text="LTR").click()
        self.page.keyboard.press("Escape")
        self.page.wait_for_selector(_MENU, state="hidden")
        # The text is first laid out beyond the left edge, and half a second later where it belongs.
        self.page.wait_for_function("seen.isInside()")
        self.settle()

    def turn_auto_labelling_on(self, picture: Path | None = None) -> None:
        """Suggestions have been asked for, by the wand above the text and the switch behind it.

        On from now on, for every example that is opened, until the page is loaded anew.
        """
        self.page.locator(f".toolbar-control button:has(path[d^='{_WAND}'])").click()
        dialog = self.page.locator(".v-dialog--active", has_text="Auto Labeling")
        with self.page.expect_response("**/auto-labeling?*") as answer:
            dialog.locator(".v-input--selection-controls__input").click()
        assert answer.value.status == 201, answer.value.text()
        if picture is not None:
            self.page.wait_for_timeout(500)  # until the switch has moved
            self.page.screenshot(path=picture)
        dialog.get_by_role("button", name="Close").click()
        dialog.wait_for(state="hidden")

    def annotate(self, start: int, end: int, label: str) -> dict[str, Any]:
        """The span that Doccano stored when that was dragged over and the label clicked."""

        def act() -> None:
            self.drag(start, end)
            self._choose(label)

        return self._stored(act)

    def annotate_by_key(self, start: int, end: int, key: str) -> dict[str, Any]:
        """The span stored when the label's key was pressed and then that was dragged over.

        The label stays chosen, for every later drag too, until another example is opened.
        """
        self.page.keyboard.press(key)
        self.page.wait_for_selector(".v-chip--active")
        return self._stored(lambda: self.drag(start, end))

    def annotate_word(self, start: int, end: int, label: str) -> dict[str, Any]:
        """The span stored when the word was double-clicked and the label clicked."""

        def act() -> None:
            self.page.mouse.dblclick(*self.page.evaluate("seen.middle", self._unit(start)))
            self._choose(label)

        return self._stored(act)

    def drag(self, start: int, end: int) -> None:
        """The mouse went over just that stretch with its button down.

        Where a drag marks something else (at borders of right-to-left text the caret has two
        places), others are tried, as a person would who sees the blue come out wrong.
        """
        wanted = [self._unit(start), self._unit(end)]
        mouse = self.page.mouse
        firsts, lasts = (self.page.evaluate("unit => seen.points(unit)", unit) for unit in wanted)
        tried = []
        for first in firsts[:12]:
            mouse.move(*first)
            mouse.down()
            for last in lasts[:12]:
                mouse.move(*last)
                marked = self.page.evaluate("seen.selected()")
                if marked == wanted:
                    mouse.up()
                    return
                tried.append(marked)
            mouse.move(*first)
            mouse.up()
        raise AssertionError(f"no drag marks {self.text[start:end]!r} {wanted}: {tried}")

    def highlighted(self) -> dict[str, list[int]]:
        """Colour -> the code points that strokes of this colour run under; none without width."""
        under, _ = self.page.evaluate("seen.highlighted()")
        return {colour: self._code_points(units) for colour, units in under.items()}

    def with_width(self, start: int, end: int) -> list[int]:
        """The code points of that stretch that take room on the screen."""
        _, wide = self.page.evaluate("seen.highlighted()")
        return [point for point in self._code_points(wide) if start <= point < end]

    def clusters(self, texts: list[str]) -> list[list[int]]:
        """How many code points each character of each text has for the page's own code."""
        found: list[list[int]] = self.page.evaluate("texts => seen.clusters(texts)", texts)
        return found

    def _choose(self, label: str) -> None:
        self.page.click(f'{_MENU} .v-list-item__title:text-is("{label}")')

    def _stored(self, act: Callable[[], None]) -> dict[str, Any]:
        def is_answer(answer: Response) -> bool:
            return answer.request.method == "POST" and "/spans" in answer.url

        with self.page.expect_response(is_answer) as answer:
            act()
        stored: dict[str, Any] = answer.value.json()
        assert answer.value.status == 201, stored
        self.page.wait_for_selector(_MENU, state="hidden")
        return stored

    def _unit(self, point: int) -> int:
        return len(self.text[:point].encode("utf-16-le")) // 2

    def _code_points(self, units: list[int]) -> list[int]:
        starts = itertools.accumulate((1 + (char > "\uffff") for char in self.text), initial=0)
        of_unit = {unit: point for point, unit in enumerate(starts)}
        return [of_unit[unit] for unit in units if unit in of_unit]
