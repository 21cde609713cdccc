"""Vietnamese from before Unicode: seen for what it is, converted, and nothing else touched."""

import re
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.spelling import _TCVN3, Mender, decode, is_syllable
from tests.auxil.old_vietnamese import tcvn3, viscii, vni

ROOT = Path(__file__).parents[2]
GUIDES = [
    unicodedata.normalize("NFC", path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "knowledge/guides").rglob("*.md"))
]
# Sentences everybody knows, as they stood in files of the nineties.
KNOWN = {
    "Céng hßa x· héi chñ nghÜa ViÖt Nam, §éc lËp - Tù do - H¹nh phóc": "tcvn3",
    "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam, Ñoäc laäp - Töï do - Haïnh phuùc": "vni",
}
MEANT = "Cộng hòa xã hội chủ nghĩa Việt Nam, Độc lập - Tự do - Hạnh phúc"


@pytest.mark.parametrize("seen", [seen for seen, name in KNOWN.items() if name != "viscii"])
def test_a_known_sentence(seen: str) -> None:
    assert Mender().mend(seen) == MEANT


@pytest.mark.parametrize("encode", [tcvn3, vni, viscii])
def test_guides_come_back_as_they_were(encode: Callable[[str], str]) -> None:
    """Every paragraph of prose that can be written so: capitals with tones have no code in TCVN3."""
    mender, wrong, total = Mender(), 0, 0
    for guide in GUIDES[::6]:
        for paragraph in re.findall(r"^[A-ZĐ].{80,}$", guide, re.MULTILINE):
            if encode is tcvn3 and not set(re.findall("[\x80-\u1eff]", paragraph)) <= {*_TCVN3.values()}:
                continue
            total += 1
            wrong += mender.mend(encode(paragraph)) != paragraph
    assert total > 150
    assert wrong <= 0.02 * total


@pytest.mark.skipif(not shutil.which("iconv"), reason="no second opinion here")
@pytest.mark.parametrize(("name", "encode"), [("TCVN", tcvn3), ("VISCII", viscii)])
def test_the_tables_agree_with_those_of_the_system(name: str, encode: Callable[[str], str]) -> None:
    text = "".join(sorted(set("".join(GUIDES).lower()) & set(_TCVN3.values())))
    assert len(text) > 60
    done = subprocess.run(["iconv", "-f", "UTF-8", "-t", name], input=text.encode(), capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this iconv does not know it")
    assert done.stdout == encode(text).encode("latin-1")


@pytest.mark.parametrize("guide", GUIDES[::10])
def test_unicode_is_left_alone(guide: str) -> None:
    assert Mender().mend(guide) == guide


@pytest.mark.parametrize(
    "text",
    [
        "Müller für Straße über Äpfel schön",
        "été déjà vu à la façon où l'élève",
        "São Paulo, Curaçao, naïve café résumé",
        "Price: 25 € – “as is” … 10 m² ≥ 5 µg",
        "Số 15/2024/NĐ-CP của TMĐT",
    ],
)
def test_other_languages_are_left_alone(text: str) -> None:
    assert Mender().mend(text) == text


def test_what_shows_too_little_is_read_like_what_came_before() -> None:
    mender = Mender()
    assert mender.mend("phÝ") == "phÝ"
    mender.mend(tcvn3("Thương nhân nhập khẩu phế liệu"))
    assert mender.mend("phÝ") == "phí"
    assert mender.mend("phí") == "phí"


def test_a_font_names_the_encoding_and_that_it_draws_capitals() -> None:
    assert Mender().mend("phÝ", "ABCDEF+.VnTime") == "phí"
    assert Mender().mend(tcvn3("thông tư"), ".VnTimeH") == "THÔNG TƯ"
    assert Mender().mend(vni("phí nộp"), "VNI-Times") == "phí nộp"


def test_a_hyphen_in_place_of_u_horn() -> None:
    seen = tcvn3("Thương nhân nộp hồ sơ ở nước - tư vấn xuất-nhập khẩu").replace("\u00ad", "-")
    assert Mender().mend(seen) == "Thương nhân nộp hồ sơ ở nước - tư vấn xuất-nhập khẩu"


@pytest.mark.parametrize("word", ["nghiêng", "quýt", "giường", "khuỷu", "ươm", "Đắk", "hoà", "hòa", "gì", "ĐƯỢC"])
def test_syllables(word: str) -> None:
    assert is_syllable(word) == (word != "Đắk")


@pytest.mark.parametrize("word", ["nghÜa", "ViÖt", "Coäng", "für", "à̀", "xuấtkhẩu", "tmđt", ""])
def test_no_syllables(word: str) -> None:
    assert not is_syllable(word)


def test_files_are_decoded() -> None:
    text = "Biểu phí dịch vụ kho lạnh: lưu kho, bốc xếp, phụ thu"
    for content in (text.encode(), b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16")):
        assert decode(content) == text
    for encode in (tcvn3, vni, viscii):
        assert decode(encode(text).encode("latin-1")) == text
    assert decode(b"caf\xe9 au lait") is None
    assert decode(bytes(range(128, 256)) * 20) is None
