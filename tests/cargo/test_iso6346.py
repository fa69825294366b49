import pytest

from checkpoint_app.cargo.iso6346 import check_digit_of, check_digit_ok


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("CSQU3054383", True),  # the example of ISO 6346, annex A
        ("CSQU3054384", False),
        ("TOLU 2566410", True),
        ("tolu-256641/0", True),
        ("PMC1337XX", None),
        ("AD12345", None),
        ("MSTI6415664", False),  # no category of the standard, but its form
        ("", None),
    ],
)
def test_the_last_digit_is_checked_where_the_form_has_one(number, right):
    assert check_digit_ok(number) is right


def test_a_remainder_of_ten_is_the_digit_nought():
    ten = next(f"AAAU{n:06d}" for n in range(1000) if _remainder(f"AAAU{n:06d}") == 10)
    assert check_digit_of(ten + "0") == 0
    assert check_digit_ok(ten + "0") is True


def _remainder(head):
    letters = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", [n for n in range(10, 39) if n not in (11, 22, 33)], strict=True))
    return sum((letters[c] if c.isalpha() else int(c)) * 2**i for i, c in enumerate(head)) % 11
