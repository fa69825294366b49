"""What scanimage writes: lists, offers and complaints, of real devices and of hostile ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.readers.sane import SCANNER_ERRORS, Device, Wanted, choose, code_of, devices_of, settings_of

BROTHER = """
    --mode Black & White|Gray[Error Diffusion]|True Gray|24bit Color|24bit Color[Fast] [24bit Color]
        Select the scan mode
    --resolution 100|150|200|400|600|1200dpi [200]
    --source FlatBed|Automatic Document Feeder(left aligned) [FlatBed]
    -x 0..215.9mm (in steps of 0.0999908) [215.9]
    -y 0..297mm (in steps of 0.0999908) [297]
"""
FUJITSU = """
    --source ADF Front|ADF Back|ADF Duplex [ADF Front]
    --mode Lineart|Halftone|Gray|Color [Lineart]
    --depth 1|8|16 [8]
    --resolution 50..600dpi (in steps of 1) [600]
    -x 0..224.846mm (in steps of 0.0211639) [215.872]
    -y 0..876.695mm (in steps of 0.0211639) [279.364]
"""


def test_a_list_of_devices() -> None:
    text = "v4l:/dev/video0\tNoname\tCam\nepson2:libusb:001:004\tEpson\tPerfection V39\n"
    text += "escl:https://10.0.0.2\tHP\tX (9)\n"
    found = devices_of(text)
    assert found == (
        Device("v4l:/dev/video0", "Noname Cam"),
        Device("epson2:libusb:001:004", "Epson Perfection V39"),
        Device("escl:https://10.0.0.2", "HP X (9)"),
    )
    assert choose(found, "") == found[1]  # not the camera
    assert choose(found, "escl:") == found[2]
    assert choose(found, "v4l:") == found[0]  # asked for by name
    assert choose(found, "fujitsu") is None
    assert choose((), "") is None


@pytest.mark.parametrize(
    "line",
    [
        "-d\ta\tb",
        "--output-file=/etc/passwd\ta\tb",
        " x\ta\tb",
        "\ta\tb",
        "x\x1b[2J\ta\tb",
        "x\r\ta\tb",
        "x\x00y\ta\tb",
        "ä\ta\tb",
        "x" * 300 + "\ta\tb",
        "only a name",
        "x\ta",
        "x\ta\tb\tc",
    ],
)
def test_a_hostile_name_is_no_device(line: str) -> None:
    assert devices_of(line + "\n") == ()


@given(st.text(alphabet=st.sampled_from("-x:/\t\n\r\x00\x1bä =")))
def test_no_name_could_be_taken_for_an_option(text: str) -> None:
    for device in devices_of(text):
        assert device.name[0].isalnum()
        assert device.name.isascii()
        assert device.name.isprintable()
        assert device.model.isprintable()


def test_a_models_name_is_cut_and_cleaned() -> None:
    (device,) = devices_of(f"x\t{'A' * 500}\t\x1b[31m\u202e\n")
    assert device.model == "A" * 60


@pytest.mark.parametrize(
    ("offers", "wanted", "expected"),
    [
        (BROTHER, Wanted(), ("--mode=24bit Color", "--resolution=400")),
        (FUJITSU, Wanted(), ("--mode=Color", "--depth=8", "--resolution=300")),
        (FUJITSU, Wanted(1200), ("--mode=Color", "--depth=8", "--resolution=600")),
        (FUJITSU, Wanted(300, (125, 88)), ("--mode=Color", "--depth=8", "--resolution=300", "-x", "125", "-y", "88")),
        ("    --resolution auto||75|300dpi [75]\n", Wanted(), ("--resolution=300",)),
        ("    --resolution 75|150dpi [75]\n", Wanted(), ("--resolution=150",)),
        ("    --mode Gray|Lineart [Gray]\n", Wanted(), ()),
        ("    --mode Gray|Color [inactive]\n    --resolution 1..9dpi [read-only]\n", Wanted(), ()),
        ("    --mode -rf /|Color; rm|Color\x1b [Gray]\n", Wanted(), ()),
        ("", Wanted(300, (125, 88)), ()),
    ],
)
def test_settings_are_of_what_is_offered(offers: str, wanted: Wanted, expected: tuple[str, ...]) -> None:
    assert settings_of(offers, wanted) == expected


@pytest.mark.parametrize("odd", ["0..1.2.3mm [0]", "0....mm [0]", "..1mm"])
def test_an_area_that_is_no_number_is_not_asked_for(odd: str) -> None:
    assert settings_of(f"    -x {odd}\n    -y {odd}\n", Wanted(300, (125, 88))) == ()


@given(st.text(), st.sampled_from(["--mode ", "--resolution ", "-x ", "--depth "]))
def test_settings_of_anything_are_options_of_ours(text: str, name: str) -> None:
    known = ("--mode=", "--depth=8", "--resolution=", "-x", "-y")
    made = settings_of(f"    {name}{text}", Wanted(300, (125, 88)))
    assert all(one.startswith(known) or one in ("125", "88") or float(one) <= 125 for one in made)


@pytest.mark.parametrize(
    ("status", "errors", "code"),
    [
        (1, "scanimage: open of device x failed: Invalid argument\n", "scanner_absent"),
        (1, "scanimage: open of device x failed: Access to resource has been denied\n", "scanner_denied"),
        (1, "scanimage: sane_start: Device busy\n", "scanner_busy"),
        (1, "[12:00] [bogus] Device busy\n", "scanner_failed"),  # a backend's chatter, not scanimage's word
        (1, "scanimage: open of device Device busy failed: Out of memory\n", "scanner_failed"),
        (6, "", "scanner_jammed"),
        (9, "scanimage: sane_read: Error during device I/O\n", "scanner_failed"),
        (-11, "", "scanner_failed"),
    ],
)
def test_complaints(status: int, errors: str, code: str) -> None:
    assert code_of(status, errors) == code
    assert code in SCANNER_ERRORS
