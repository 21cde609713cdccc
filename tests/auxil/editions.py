"""Three small guides that all say which edition they are."""

GUIDE = """\
---
title: {title}
topic: buyers
sources:
- {{publisher: VnExpress, title: Bài báo, date: 2019-11-01}}
review_by: 2099-01-01
---

## {title} xuất khẩu cần giấy tờ gì?

{title} xuất khẩu cần tờ khai hải quan và hoá đơn thương mại. Bài viết lần {edition}.
"""
NAMES = ("Gạo", "Chè", "Gốm")


def edition(number: int) -> dict[str, str]:
    """Three guides that all say which edition they are."""
    return {f"{name}.md": GUIDE.format(title=name, edition=number) for name in NAMES}
