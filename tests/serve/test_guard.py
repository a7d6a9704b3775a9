"""Who may ask: by name, token and size, each alone."""

from __future__ import annotations

import pytest

from corpus.serve.guard import LOOPBACK, RefusedError, Rules, check_head, name_of

RULES = Rules(LOOPBACK, "secret", 1000)
GOOD = {"host": ["127.0.0.1:8765"], "authorization": ["Bearer secret"], "content-length": ["1000"]}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:80", "[::1]:8765", "LOCALHOST:1"])
def test_our_own_names_are_served(host):
    check_head("/suggest", {**GOOD, "host": [host]}, RULES)


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [""],
        ["evil.example"],
        ["127.0.0.1.evil.example"],
        ["evil.example@127.0.0.1"],
        ["127.0.0.1", "evil.example"],
        ["0.0.0.0:8765"],
        ["[::1"],
    ],
)
@pytest.mark.parametrize("path", ["/suggest", "/health"])
def test_other_names_are_refused_whatever_the_token(hosts, path):
    with pytest.raises(RefusedError) as refused:
        check_head(path, {**GOOD, "host": hosts}, RULES)
    assert (refused.value.status, refused.value.reason) == (
        421,
        "this server does not go by that name",
    )


@pytest.mark.parametrize("shown", [[], ["Bearer secre"], ["secret"], ["Bearer secretÿ"], [""]])
def test_without_the_token_only_health_is_told(shown):
    headers = {name: value for name, value in GOOD.items() if name != "authorization"}
    headers |= {"authorization": shown} if shown else {}
    check_head("/health", headers, RULES)
    with pytest.raises(RefusedError) as refused:
        check_head("/about", headers, RULES)
    assert refused.value.status == 401


@pytest.mark.parametrize("size", ["1001", "-1", "1e9", "²", "9" * 40])
def test_announced_sizes_beyond_the_limit_are_refused(size):
    with pytest.raises(RefusedError) as refused:
        check_head("/suggest", {**GOOD, "content-length": [size]}, RULES)
    assert refused.value.status == 413


def test_name_of_leaves_port_and_brackets_out():
    assert [name_of(h) for h in ("a.b:1", "[::1]:2", "A", "a:b:c")] == ["a.b", "::1", "a", "a"]
