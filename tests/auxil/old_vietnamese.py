"""Vietnamese as programs wrote it before Unicode, seen as Latin."""

import unicodedata

from knowledge.spelling import _TCVN3, _VISCII_BYTES

_TCVN3_KEYS = {letter: seen for seen, letter in _TCVN3.items()}
_VISCII_KEYS = {letter: chr(byte) for byte, letter in _VISCII_BYTES.items()}
_VNI_TONES = dict(zip("\u0300\u0301\u0303\u0309\u0323", "øùõûï", strict=True))
_VNI_ROUND = dict(zip("\u0300\u0301\u0303\u0309\u0323", "àáãåä", strict=True)) | {"": "â"}
_VNI_BREVE = dict(zip("\u0300\u0301\u0303\u0309\u0323", "èéõúë", strict=True)) | {"": "ê", "\u0303": "ü", "\u0309": "ú"}
_VNI_WHOLE = {"í": "í", "ì": "ì", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î", "đ": "ñ"}


def tcvn3(text: str) -> str:
    return "".join(_TCVN3_KEYS.get(character, character) for character in text)


def viscii(text: str) -> str:
    return "".join(_VISCII_KEYS.get(character, character) for character in text)


def vni(text: str) -> str:
    return "".join(_vni(character) for character in text)


def _vni(character: str) -> str:
    """Written from the keyboard's side: a letter, then a key for what stands on it."""
    low = character.lower()
    if low in _VNI_WHOLE:
        seen = _VNI_WHOLE[low]
    else:
        base, *marks = unicodedata.normalize("NFD", low)
        tone = next((mark for mark in marks if mark in _VNI_TONES), "")
        if "\u0302" in marks:
            seen = base + _VNI_ROUND[tone]
        elif "\u0306" in marks:
            seen = base + _VNI_BREVE[tone]
        elif "\u031b" in marks:
            seen = {"o": "ô", "u": "ö"}[base] + _VNI_TONES.get(tone, "")
        else:
            seen = base + (_VNI_TONES[tone] if tone else "".join(marks))
    return seen.upper() if character != low else seen
