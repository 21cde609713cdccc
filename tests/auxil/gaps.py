"""A question that the guides of the tests do not answer, and the document that does."""

ASKED = "Xuất khẩu hoa lan cắt cành sang Nhật cần giấy tờ gì?"
FOREIGN = "Which papers do cut orchids need for export to Japan?"
ANSWER = "Hoa lan cắt cành vào Nhật cần giấy chứng nhận kiểm dịch thực vật của Việt Nam"
ORCHIDS = f"""\
---
title: Hoa lan cắt cành sang Nhật
topic: buyers
sources:
- {{publisher: Cục Trồng trọt, title: Hoa cắt cành, url: "https://example.vn/hoa-lan", date: 2026-03-01}}
review_by: 2099-01-01
---

## Hoa lan cắt cành xuất sang Nhật phải có những giấy tờ nào?
<!--
questions:
- hoa lan đi Nhật cần hồ sơ gì
- xuất khẩu hoa lan sang Nhật cần giấy tờ gì
- What documents are required for exporting cut orchid flowers to Japan?
-->
{ANSWER}, hoá đơn và phiếu đóng gói.
"""
