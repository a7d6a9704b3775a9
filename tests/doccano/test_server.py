import pytest

pytestmark = pytest.mark.server


def test_fixture(doccano):
    print(doccano)
