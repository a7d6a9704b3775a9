"""From a finding of the report to its example on Doccano's own page, whichever it is."""

from __future__ import annotations

import pytest

from corpus.doccano.projects import find_project
from corpus.model import Layer, Mention, make_document, with_ids
from corpus.store import write_documents

# What Doccano's search or an address could take for a sign of its own.
TOPICS = (
    "budget",
    "harvest",
    "ceasefire & “talks”",
    "election #1 + 50 %",
    "gas, 'coal' \\ \"oil\"",
)
LONG = "\n".join(f"Paragraph {n} about nothing but {n} times {n}." for n in range(40))


def article(number):
    """News that differ in their topic alone, whose last name is not marked; the last is long."""
    middle = f"\n{LONG}\n" if number == len(TOPICS) - 1 else " Київ 😀 café.\n"
    text = f"KYIV\nThe OSCE met in Kyiv over the {TOPICS[number]}.{middle}"
    text += f"At the end of news{number} is Kyiv."
    at = text.index("Kyiv")
    mentions = with_ids([Mention("", at, at + 4, "GPE")])
    return make_document(
        f"n{number}", text, lang="en", layers=(Layer("silver", mentions=mentions),)
    )


@pytest.mark.server
@pytest.mark.browser
def test_each_finding_opens_its_example_in_doccano(
    page, client, doccano, run_cli, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    write_documents([article(number) for number in range(len(TOPICS))], "silver.jsonl")

    def run(*args):
        ran = run_cli(args)
        assert ran.code == 0, ran

    run("push", "silver.jsonl", "--project", "ways", "--max-chars", "900")
    project = find_project(client, "ways")["id"]
    examples = list(client.list_examples(project))
    assert len(examples) > len(TOPICS)  # the long one is in pieces
    for example in examples:
        client.confirm_example(project, example["id"])
    run("pull", "--project", "ways", "--documents", "silver.jsonl", "-o", "pulled")
    run("adjudicate", "pulled", "-o", "gold.jsonl")
    run("check", "gold.jsonl", "--audit", "--no-debug-data", "-o", "doubts.jsonl")
    run("report", "gold.jsonl", "-o", "report.html", "--audit", "doubts.jsonl")
    client.delete_examples(project, [examples[0]["id"]])  # all others move up in the list

    report = page.context.new_page()
    report.goto((tmp_path / "report.html").as_uri())
    report.click("#tab-audit")
    assert report.inner_text("#audit-found") == "5 of 5 findings"
    for number in range(1, len(TOPICS)):
        report.focus("#audit-list")
        report.keyboard.press("ArrowDown")
        link = report.get_by_role("link", name="Open in Doccano: ways")
        with report.context.expect_page() as waited:
            link.click()
        opened = waited.value
        opened.wait_for_selector("tr:has-text('corpus_id')")
        shown = opened.locator("tr", has_text="corpus_id").inner_text().split("\t")[1]
        last = next(one for one in examples if one["meta"]["corpus_id"] == shown)
        assert last["text"].endswith(f"At the end of news{number} is Kyiv.")
        assert "1 of 1" in opened.inner_text("body")
        opened.close()
    report.close()
