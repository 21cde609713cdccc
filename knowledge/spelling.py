"""Vietnamese in encodings older than Unicode: TCVN3 (ABC), VNI-Windows, VISCII and Windows-1258.

Such text reaches us as if it were Latin: "Céng hßa" is "Cộng hoà" in TCVN3, "Coäng hoøa" in VNI. What tells them apart
is which reading consists of syllables that Vietnamese has.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

_TONES = "\u0300\u0301\u0303\u0309\u0323"

# From 0xA1 on. Capitals with tones have no key in most fonts: those named ...H draw small letters as capitals.
_TCVN3 = dict(
    zip(
        map(chr, range(0xA1, 0x100)),
        "ĂÂÊÔƠƯĐăâêôơưđẶ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịò"
        "ỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ",
        strict=True,
    )
)
# RFC 1456; the reader may have taken 0x80 to 0x9F for Windows-1252.
_VISCII_BYTES = dict(
    zip(
        [0x02, 0x05, 0x06, 0x14, 0x19, 0x1E, *range(0x80, 0x100)],
        "ẲẴẪỶỸỴẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"
        "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ",
        strict=True,
    )
)
_VISCII = {
    character: letter
    for byte, letter in _VISCII_BYTES.items()
    for character in (chr(byte), bytes([byte]).decode("cp1252", "ignore"))
    if character
}


def _vni() -> dict[str, str]:
    """A letter, then what stands above or below it as a character of its own: "aù" is "á", "eä" is "ệ"."""
    tones = dict(zip("øùõûï", _TONES, strict=True))
    round_, breve = (
        dict(zip("àáãåä", _TONES, strict=True)),
        dict(zip("èéüúë", "\u0300\u0301\u0303\u0309\u0323", strict=True)),
    )
    pairs = {base + mark: base + tone for base in "aeouy" for mark, tone in tones.items()}
    pairs |= {base + mark: base + "\u0302" + tone for base in "aeo" for mark, tone in round_.items()}
    pairs |= {"a" + mark: "a\u0306" + tone for mark, tone in breve.items()}
    pairs |= {"aâ": "â", "eâ": "ê", "oâ": "ô", "aê": "ă"}
    pairs |= {horn + mark: letter + tone for horn, letter in (("ô", "ơ"), ("ö", "ư")) for mark, tone in tones.items()}
    pairs |= {"ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ñ": "đ"}
    pairs |= (
        {seen.upper(): letter.upper() for seen, letter in pairs.items()}
        | {seen[0] + seen[1:].upper(): letter for seen, letter in pairs.items() if len(seen) == 2}
        | {
            seen[0].upper() + seen[1:]: letter[0].upper() + letter[1:]
            for seen, letter in pairs.items()
            if len(seen) == 2
        }
    )
    return {seen: unicodedata.normalize("NFC", letter) for seen, letter in pairs.items()}


_VNI = _vni()
_VNI_SEEN = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))

_CAPITALS_WITHIN = re.compile(r"[^\W\d_]+[A-Z][^\W\d_]*")
_HYPHENED = re.compile(r"[^\W\d_]+-[^\W\d_]*|-[^\W\d_]+")


def _from_tcvn3(text: str) -> str:
    """ "ư" has the code of the soft hyphen, of which some programs make a plain one: "th-¬ng" is "thương".

    "CéNG" is "CỘNG": small letters between capitals were set in a font that draws capitals.
    """
    read = "".join(_TCVN3.get(character, character) for character in text)
    read = _HYPHENED.sub(lambda match: whole if is_syllable(whole := match[0].replace("-", "ư")) else match[0], read)
    return _CAPITALS_WITHIN.sub(lambda match: match[0].upper() if is_syllable(match[0]) else match[0], read)


_SIGNS = ("–", "—", "×", "±", "•", "…")


def _from_vni(text: str) -> str:
    return _VNI_SEEN.sub(lambda match: _VNI[match[0]], text)


def _from_viscii(text: str) -> str:
    return "".join(_VISCII.get(character, character) for character in text)


def _wordwise(convert: Callable[[str], str]) -> Callable[[str], str]:
    """Without what has no letter before or after: in "5 ± 2" and "8 – 9" the signs are meant."""

    def converted(match: re.Match[str]) -> str:
        seen, read = match[0], convert(match[0])
        meant = any(map(str.isalpha, seen)) or (is_syllable(read.strip(",.;:!?()\"'")) and seen not in _SIGNS)
        return read if meant else seen

    return lambda text: re.sub(r"\S+", converted, text)


_CONVERTERS = {"tcvn3": _wordwise(_from_tcvn3), "vni": _wordwise(_from_vni), "viscii": _wordwise(_from_viscii)}

_ONSETS = "ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdđghklmnpqrstvx]"
_RHYMES = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây "
    "e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu "
    "iêc iêm iên iêng iêp iêt iêu yêm yên yêng yêt yêu o oc oi om on ong op ot oong ooc "
    "oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet "
    "ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uc ui um un ung up ut uân uâng uât uây uê uêch uênh uơ "
    "uôc uôi uôm uôn uông uôt uy uya uych uyên uyêt uyn uynh uyt uyu ư ưa ưc ưi ưm ưn ưng ưt ưu "
    "ươc ươi ươm ươn ương ươp ươt ươu y"
)
_SYLLABLE = re.compile(f"(?:{_ONSETS})?(?:{'|'.join(sorted(_RHYMES.split(), key=len, reverse=True))})")
_WORD = re.compile(r"[^ \t\n\r\u00a0!-@\[-`{-~“”‘’–—…•]+")

# A reading is taken when such a share of its words beyond ASCII are syllables, and so much more than as it stands; less
# where the document was in that encoding before.
_SYLLABLES = 0.75
_BETTER = 0.4
_BETTER_AGAIN = 0.1
_FEWEST = 3
# So many characters are enough to tell.
_SAMPLE = 20_000


@lru_cache(maxsize=65_536)
def is_syllable(word: str) -> bool:
    """Whether Vietnamese could have this word, in Unicode: an onset, a rhyme and at most one tone."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    toneless = "".join(character for character in decomposed if character not in _TONES)
    plain = unicodedata.normalize("NFC", toneless)
    return len(decomposed) - len(toneless) <= 1 and bool(_SYLLABLE.fullmatch(plain))


def _share(text: str, *, cased: bool = False) -> tuple[float, int]:
    """Of the words beyond ASCII, the share and the number of those that are syllables.

    cased: not counting those with a capital inside, such as "phÝ".
    """
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    good = sum(
        is_syllable(word) and not (cased and word != word.upper() and word[1:] != word[1:].lower()) for word in words
    )
    return (good / len(words) if words else 1.0), good


class Mender:
    """Mends the texts of one document in turn: what one shows of the encoding holds where another shows too little."""

    def __init__(self) -> None:
        self._seen: str | None = None

    def mend(self, text: str, font: str = "") -> str:
        """The text in Unicode. font: the name of the one it is set in, where it is known."""
        if text.isascii():
            return text
        named = _named_by(font)
        sample = text[:_SAMPLE]
        standing, _ = _share(sample, cased=True)
        readings = [(*_share(convert(sample)), encoding) for encoding, convert in _CONVERTERS.items()]
        share, good, encoding = max(readings, key=lambda reading: (reading[0], reading[2] == (named or self._seen)))
        fewest, better = (1, _BETTER_AGAIN) if encoding in (named, self._seen) else (_FEWEST, _BETTER)
        if share < _SYLLABLES or share - standing < better or good < fewest:
            return text
        self._seen = encoding
        converted = _CONVERTERS[encoding](text)
        return converted.upper() if named == "tcvn3" and font.rstrip("0123456789 ").endswith("H") else converted


def _named_by(font: str) -> str | None:
    """Fonts of these encodings carry them in their names: ".VnTime", "VNI-Times"."""
    name = font.rpartition("+")[2].lower()
    return "tcvn3" if name.startswith(".vn") else "vni" if name.startswith("vni") else None


def decode(content: bytes) -> str | None:
    """The text of a file in UTF-8, UTF-16 (with a mark in front) or an old Vietnamese encoding; None if in no such."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    latin = content.decode("latin-1")
    windows = unicodedata.normalize("NFC", content.decode("cp1258", "replace"))
    readings = [(*_share(text), text) for text in (windows, *(convert(latin) for convert in _CONVERTERS.values()))]
    share, good, text = max(readings, key=lambda reading: reading[0])
    return text if share >= _SYLLABLES and good >= _FEWEST else None
