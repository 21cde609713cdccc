"""Five firms from the first question to a checklist and an answer of their own, told once for every channel."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bot.onboarding.questionnaire import Question, load_questionnaire
from tests.auxil.libraries import write

_ROOT = Path(__file__).parent.parent
_PLACES = {"best": -1, "second": 1, "worst": 0}
# The sections of the bundled guides that the journeys read or ask for, and rivals of these; by how headings begin.
_SECTIONS = {
    "access/us-wood-rattan-furniture.md": ("Tờ khai Lacey",),
    "alibaba/mo-tai-khoan-va-giai-doan-dau.md": ("Các bước mở tài khoản",),
    "buyers/need-quality.md": ("Bản mô tả kỹ thuật", "Phiếu thử nghiệm"),
    "goods/ca-phe.md": ("Xuất khẩu cà phê", "Cà phê bán sang EU", "Cà phê bán sang Mỹ"),
    "goods/long-mi-toc-gia.md": ("Xuất khẩu lông mi giả", "Lông mi giả bán sang Mỹ", "Lông mi giả bán sang EU"),
    "goods/may-mac.md": ("Xuất khẩu quần áo", "Quần áo bán sang Nhật", "Quần áo bán sang Mỹ"),
    "goods/may-tre-thu-cong.md": ("Xuất khẩu mây tre", "Mây tre, thủ công"),
}
QUESTIONS = load_questionnaire().questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """As `tests/data/journeys.yaml` says."""

    key: str
    goods: str
    markets: tuple[str, ...]
    experience: str
    others: str
    answers: dict[str, str] = field(default_factory=dict)
    total: int
    needs: dict[str, int]
    level: str
    gaps: tuple[str, ...]
    steps: frozenset[str]
    without: frozenset[str]
    opens: dict[str, str]
    asks: str
    says: tuple[str, ...]
    about: dict[str, str]

    def __str__(self) -> str:
        return self.key

    def answer(self, question: str) -> str:
        """The key of the option that is chosen for the id of a question, or "unknown"."""
        if self.others == "unknown":
            return "unknown"
        return self.answers.get(question) or QUESTIONS[question].options[_PLACES[self.others]].key

    def gap_questions(self) -> list[Question]:
        return [QUESTIONS[gap] for gap in self.gaps]

    def check_steps(self, shown: list[str]) -> None:
        """The keys of a whole checklist are those for this firm, each once, and none for somebody else."""
        assert len(shown) == len(set(shown))
        assert self.steps - set(shown) == set()
        assert self.without & set(shown) == set()
        markets = {"us", "eu", "uk", "jp", "kr", "cn", "asean", "me", "other"}
        assert {key.partition("_")[0] for key in shown} & markets <= set(self.markets)


def journeys() -> list[Journey]:
    told = yaml.safe_load((_ROOT / "data/journeys.yaml").read_text(encoding="utf-8"))
    lists = {"markets": tuple, "gaps": tuple, "steps": frozenset, "without": frozenset, "says": tuple}
    return [
        Journey(**{name: lists[name](value) if name in lists else value for name, value in one.items()}) for one in told
    ]


def guides_into(folder: Path) -> Path:
    """The sections that the journeys need, as guides in a folder."""
    for name, begin in _SECTIONS.items():
        text = (_ROOT.parent / "knowledge/guides" / name).read_text(encoding="utf-8")
        head, *sections = re.split(r"(?m)^(?=## )", text)
        wanted = [section for section in sections if section.removeprefix("## ").startswith(begin)]
        assert len(wanted) >= len(begin)
        write(folder, {name: head + "".join(wanted)})
    return folder
