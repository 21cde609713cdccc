"""Numbers and addresses by which a person can be found, replaced by what they are.

What looks alike and names nobody stays: HS codes, prices, years, numbers of decrees and of customs declarations.
"""

import re
from collections.abc import Callable

EMAIL, PHONE, TAX, IDENTITY, ACCOUNT = (
    "[email]",
    "[số điện thoại]",
    "[mã số thuế]",
    "[số căn cước]",
    "[số tài khoản]",
)

# Before a number: it does not go on to the left, nor is it the end of a decimal number.
_LEFT = r"(?<!\d)(?<!\d[.,])"
_RIGHT = r"(?![\d])(?![.,]\d)"
_GAP = r"[ .\-]?"
# Behind a number: it is a sum of money, or a quantity.
_MONEY = re.compile(r"\s*(?:đồng|đ\b|₫|vn[dđ]|usd|eur|\$|€|tỷ|tỉ|triệu|nghìn|ngàn|kg|tấn)", re.IGNORECASE)
# Before a number: it is a code of goods. Others of the same list may stand in between.
_GOODS = re.compile(r"\b(?:hs|hts|mã (?:số )?hàng(?: ho[áa])?)\b[^\d]{0,15}(?:[\d.]{4,14}[,;/ ]+)*$", re.IGNORECASE)
# How HTS writes its ten digits.
_HTS = re.compile(r"\d{4}\.\d{2}\.\d{4}")
_BARCODE = "893"
_ROUND = "00000"

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_NAMED_ACCOUNT = re.compile(
    r"(\b(?:stk|số tk|tk|(?:số )?tài khoản|so tai khoan|account(?: no\.?| number)?|a/c|số thẻ|card)\b[^\d\n]{0,25})"
    r"(\d(?:[ .\-]?\d){5,18})" + _RIGHT,
    re.IGNORECASE,
)
_NAMED_IDENTITY = re.compile(
    r"(\b(?:cccd|cmnd|cmt|căn cước(?: công dân)?|can cuoc|chứng minh(?: nhân dân| thư)?|hộ chiếu|passport)\b"
    r"[^\d\n]{0,15}?)([A-Z]?\d(?: ?\d){6,11})" + _RIGHT,
    re.IGNORECASE,
)
_NAMED_TAX = re.compile(
    r"(\b(?:mst|mã số thuế|ma so thue|tax (?:code|id))\b[^\d\n]{0,15})(\d(?:[ .]?\d){9}(?:[ \-]?\d{3})?)" + _RIGHT,
    re.IGNORECASE,
)
_IDENTITY = re.compile(_LEFT + r"0\d{11}" + _RIGHT)
# What mobile numbers begin with; tax codes of some provinces begin with the others.
_MOBILE = r"(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9\d)"
_VIETNAMESE_PHONE = re.compile(
    # The country's number or a nought, in front of a mobile or a landline number.
    _LEFT + rf"(?:(?:\+|00)84{_GAP}(?:\(0\){_GAP})?|\(?0|84(?= ?[35789]))"
    rf"(?:{_MOBILE}(?:{_GAP}\d){{7}}|2(?:[ .\-)]{{0,2}}\d){{9}})" + _RIGHT
)
_FOREIGN_PHONE = re.compile(r"(?<![\d+])\+[1-9](?:[ .\-()]{0,2}\d){7,14}" + _RIGHT)
_TAX = re.compile(_LEFT + r"\d{10}(?:-?\d{3})?" + _RIGHT)
_LONG = re.compile(_LEFT + r"\d{14,19}" + _RIGHT)


def masked(text: str) -> str:
    """The text with what each such number or address is, in place of it."""
    # Long texts without a single such thing are the rule.
    text = _EMAIL.sub(EMAIL, text) if "@" in text else text
    for pattern, name in ((_NAMED_ACCOUNT, ACCOUNT), (_NAMED_IDENTITY, IDENTITY), (_NAMED_TAX, TAX)):
        text = pattern.sub(rf"\1{name}", text)
    for pattern, name, meant in (
        (_IBAN, ACCOUNT, _always),
        (_IDENTITY, IDENTITY, _not_goods),
        (_VIETNAMESE_PHONE, PHONE, _is_phone),
        (_FOREIGN_PHONE, PHONE, _not_goods),
        (_TAX, TAX, _is_tax_code),
        (_LONG, ACCOUNT, _not_money),
    ):
        text = pattern.sub(_replacing(name, meant), text)
    return text


def _replacing(name: str, meant: Callable[[re.Match[str]], bool]) -> Callable[[re.Match[str]], str]:
    return lambda match: name if meant(match) else match[0]


def _always(_: re.Match[str]) -> bool:
    return True


def _not_money(match: re.Match[str]) -> bool:
    return not _MONEY.match(match.string, match.end())


def _not_goods(match: re.Match[str]) -> bool:
    return not _GOODS.search(match.string[max(0, match.start() - 80) : match.start()])


def _is_phone(match: re.Match[str]) -> bool:
    """Digits that belong to two neighbouring numbers are held apart in two ways, those of one number in one."""
    mixed = len(set(re.findall(r"(?<=\d)[ .\-](?=\d)", match[0]))) > 1
    return not mixed and not _HTS.fullmatch(match[0]) and _not_goods(match) and _not_money(match)


def _is_tax_code(match: re.Match[str]) -> bool:
    digits = match[0]
    barcode = digits.startswith(_BARCODE) and len(digits) == len("8931234567890")
    return not barcode and not digits.endswith(_ROUND) and _not_goods(match) and _not_money(match)
