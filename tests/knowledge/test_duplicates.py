"""Sections that stand in the library already."""

from pathlib import Path

from knowledge.duplicates import duplicates, overlap
from knowledge.embedding import BUILT_IN, TextEmbeddings
from knowledge.library import Library
from knowledge.passages import passages_of
from tests.auxil.libraries import document, with_vectors_of

TEXT = (
    "L/C (tín dụng thư) là cam kết của ngân hàng người mua sẽ trả tiền khi người bán xuất trình bộ chứng từ hợp lệ theo"
    " quy tắc UCP 600; chứng từ sai thì cam kết đó không còn chắc. Ngân hàng chỉ xem giấy tờ, không xem hàng."
)
OTHER = (
    "Giỏ lục bình được đan bằng tay từ cọng lục bình phơi khô, sấy ở xưởng, nhúng keo chống mốc rồi đóng mười hai chiếc"
    " một thùng trước khi đưa ra cảng Cát Lái."
)


def test_a_section_that_is_there_already_is_told_and_another_is_not(
    library: Library, embeddings: TextEmbeddings, tmp_path: Path
) -> None:
    own = with_vectors_of(library, tmp_path / "library")
    new = document(tmp_path, f"## Thư tín dụng\n\n{TEXT}\n\n## Giỏ\n\n{OTHER}\n", "uploads/new.md")
    with library.open() as index:
        documents = index.documents
    with own.writing(10):
        own.publish(own.build([*documents, new], embeddings, BUILT_IN))
    with own.open() as index:
        [found] = duplicates(index, {new.id})
    assert (found.section, found.other_document) == ("Thư tín dụng", "logistics/tin-dung-thu.md")
    assert found.shared > 0.9
    assert found.cosine > 0.85


def test_overlap_is_of_the_shorter_text_and_nothing_for_a_few_words(tmp_path: Path) -> None:
    def passage(text: str) -> object:
        return passages_of(document(tmp_path, f"## A\n\n{text}\n"))[0]

    whole, part, other, few = passage(f"{OTHER} {TEXT}"), passage(TEXT), passage(OTHER), passage("Giỏ lục bình.")
    assert overlap(whole, part) == overlap(part, whole) == 1.0
    assert overlap(part, other) == 0.0
    assert overlap(few, few) == 0.0
