"""The optional second look, with a real cross-encoder: a tiny one with random weights, made here."""

from pathlib import Path

import pytest

from knowledge.documents import LibraryError
from knowledge.live import LiveLibrary
from knowledge.passages import embedded_text
from knowledge.reranking import CrossEncoderReranker
from knowledge.search import Hit

# Where torch is loaded anyway.
pytestmark = pytest.mark.xdist_group("sentence_transformers")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("cross-encoder")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "người", "mua", "hàng", "giá", "mẫu", "tàu"]
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(vocab_size=len(words), num_labels=1, max_position_embeddings=512, **sizes)
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def test_the_hits_come_back_in_the_order_of_the_model(model: Path, live: LiveLibrary) -> None:
    from sentence_transformers import CrossEncoder

    hits = [Hit(passage, 5.0 - number, 0.9, 1.0) for number, passage in enumerate(live.index.passages[:5])]
    question = "người mua hỏi giá hàng mẫu"
    reranker = CrossEncoderReranker(str(model))
    found = reranker.rerank(question, hits)
    assert sorted(hit.passage.id for hit in found) == sorted(hit.passage.id for hit in hits)
    pairs = [(question, embedded_text(hit.passage)) for hit in found]
    scores = [float(score) for score in CrossEncoder(str(model), device="cpu").predict(pairs)]
    # Batches of other lengths round otherwise in the last places.
    assert scores == pytest.approx(sorted(scores, reverse=True), abs=1e-4)
    assert reranker.rerank("giá", []) == []


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError) as error:
        CrossEncoderReranker(str(tmp_path / "nothing"))
    assert error.value.code == "no_reranker"
