"""Blocks to sections: heading paths, titles, statutes, and where each part stands."""

from knowledge.documents import Document, Place
from knowledge.outline import Block, outline
from knowledge.passages import MAX_CHARACTERS, passages_of


def page(number: int, start: int = 0) -> tuple[Place, ...]:
    return (Place("page", str(number), start),)


def test_headings_make_a_path() -> None:
    read = outline([Block("A", 1), Block("a"), Block("B", 2), Block("b"), Block("C", 1), Block("c")], "T")
    assert read.title == "T"
    assert [(section.headings, section.text) for section in read.sections] == [
        (("A",), "a"),
        (("A", "B"), "b"),
        (("C",), "c"),
    ]


def test_a_single_highest_heading_in_front_is_the_title() -> None:
    read = outline([Block("T", 1), Block("Mở đầu."), Block("A", 2), Block("a")])
    assert read.title == "T"
    assert [section.headings for section in read.sections] == [(), ("A",)]
    assert outline([Block("T", 1), Block("t"), Block("A", 1), Block("a")]).title == ""
    again = outline([Block("Tên bài", 1), Block("A", 2), Block("a")], "Tên Bài")
    assert [section.headings for section in again.sections] == [("A",)]


def test_no_text_is_lost_in_headings_that_head_nothing() -> None:
    read = outline([Block("Điều 1. Phí là 5 đồng."), Block("Điều 2. Miễn phí cho hộ nghèo.")], "T")
    assert [(section.headings[-1], section.text) for section in read.sections] == [
        ("Điều 1. Phí là 5 đồng.", "Điều 1. Phí là 5 đồng."),
        ("Điều 2. Miễn phí cho hộ nghèo.", "Điều 2. Miễn phí cho hộ nghèo."),
    ]
    assert outline([Block("Chỉ có tên", 1)]).sections[0].text == "Chỉ có tên"


def test_statutes_are_headed_by_their_words() -> None:
    blocks = [
        "Chương I", "QUY ĐỊNH CHUNG", "Điều 1. Phạm vi", "Quy định về phí.",
        "Chương II", "MỨC PHÍ", "Mục 1. PHÍ KHO", "Điều 2. Mức thu", "Mục 3 nêu trên không áp dụng.",
        "Điều 2 của Luật này được sửa.", "Phụ lục", "BIỂU PHÍ", "1.000 đồng",
    ]  # fmt: skip
    read = outline([Block(text) for text in blocks], "Thông tư")
    assert [(section.headings, section.text) for section in read.sections] == [
        (("Chương I. QUY ĐỊNH CHUNG", "Điều 1. Phạm vi"), "Quy định về phí."),
        (
            ("Chương II. MỨC PHÍ", "Mục 1. PHÍ KHO", "Điều 2. Mức thu"),
            "Mục 3 nêu trên không áp dụng.\n\nĐiều 2 của Luật này được sửa.",
        ),
        (("Phụ lục. BIỂU PHÍ",), "1.000 đồng"),
    ]


def test_an_article_that_is_all_one_paragraph_is_headed_by_its_number() -> None:
    long = "Điều 7. " + "Doanh nghiệp nộp hồ sơ trong mười ngày. " * 8
    [section] = outline([Block(long.strip())], "T").sections
    assert (section.headings, section.text) == (("Điều 7",), long.strip())


def test_items_stand_close_and_places_are_kept_where_they_change() -> None:
    blocks = [
        Block("A", 1, page(1)),
        Block("một", 0, page(1)),
        Block("- hai", 0, page(1)),
        Block("- ba bốn", 0, (Place("page", "1"), Place("page", "2", 5))),
        Block("năm", 0, page(2)),
    ]
    [section] = outline(blocks, "T").sections
    assert section.text == "một\n\n- hai\n- ba bốn\n\nnăm"
    assert section.places == (Place("page", "1"), Place("page", "2", section.text.index("bốn")))


def test_a_passage_knows_its_own_pages() -> None:
    blocks = [Block(f"Trang {number}. " + "Nội dung dài. " * 60, 0, page(number)) for number in range(1, 5)]
    read = outline(blocks, "T")
    passages = passages_of(Document("a.pdf", "", "T", read.sections))
    assert len(passages) > 2
    for passage in passages:
        assert len(passage.text) <= MAX_CHARACTERS
        named = {place.name for place in passage.places}
        assert {text.split(".")[0] for text in passage.text.split("Trang ")[1:]} <= named
        assert len(named) <= 2
    assert passages[0].places[0].name == "1"
    assert passages[-1].places[-1].name == "4"


def test_documents_with_places_come_back_from_their_record() -> None:
    read = outline([Block("a", 0, page(3))], "T")
    document = Document("a.pdf", "h", "T", read.sections)
    assert Document.from_json(document.to_json()) == document
    fields = document.to_json()
    del fields["sections"][0]["places"]  # as versions before had it
    assert Document.from_json(fields).sections[0].places == ()
