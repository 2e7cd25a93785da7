"""Headlines that a small grammar of the project's own makes up: the same events in English and in Chinese."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from models.datasets.dataset import Origin, dealt
from models.datasets.tokens import Arrays, TextDataset, cut, tokenised
from models.entry import Call, Label, Words, call
from models.task import Classification


def phrases(text: str) -> list[tuple[str, str]]:
    """Phrases "english 中文|…" as pairs."""
    return [(one.rsplit(" ", 1)[0], one.rsplit(" ", 1)[1]) for one in text.split("|")]


# Each phrase in English and in Chinese. "who" acts, "what" is what headlines are about, "does" is what this field alone does.
FIELDS = (
    {
        "who": "the president 总统|the minister 部长|the mayor 市长|the ambassador 大使|parliament 议会|the opposition 反对党"
        "|the senator 参议员|the foreign ministry 外交部|the prime minister 首相|the ruling party 执政党"
        "|the governor 州长|the spokesman 发言人",
        "what": "the election 大选|the budget 预算|the tax reform 税制改革|the peace treaty 和平条约|the pension law 养老金法案"
        "|the referendum 公投|the border talks 边界谈判|the summit 峰会|the coalition 联合政府|the sanctions 制裁|the ceasefire 停火协议"
        "|the cabinet 内阁|the constitution 宪法|the trade pact 贸易协定",
        "does": "voted on 表决|signed 签署|vetoed 否决|negotiated 磋商|debated 辩论",
    },
    {
        "who": "the singer 歌手|the actress 女演员|the director 导演|the band 乐队|the comedian 喜剧演员|the film studio 电影公司"
        "|the pop idol 偶像|the host 主持人|the dancer 舞者|the screenwriter 编剧|the leading actor 男主角|the producer 制片人",
        "what": "the new album 新专辑|the film 电影|the concert 演唱会|the series 电视剧|the musical 音乐剧|the red carpet 红毯"
        "|the premiere 首映礼|the sequel 续集|the talent show 选秀|the love song 情歌|the box office 票房|the gala 晚会|the cartoon 动画片"
        "|the costume drama 古装剧",
        "does": "starred in 主演|sang at 献唱|rehearsed 排练|filmed 拍摄|dubbed 配音",
    },
    {
        "who": "the striker 前锋|the coach 教练|the goalkeeper 门将|the national team 国家队|the sprinter 短跑名将|the swimmer 游泳选手"
        "|the home side 主队|the referee 裁判|the gymnast 体操选手|the captain 队长|the boxer 拳手|the rookie 新秀",
        "what": "the final 决赛|the penalty 点球|the league 联赛|the world record 世界纪录|the transfer 转会|the marathon 马拉松"
        "|the semi-final 半决赛|the gold medal 金牌|the derby 德比|the relay 接力赛|the playoffs 季后赛|the training camp 集训"
        "|the world cup 世界杯|the knockout 淘汰赛",
        "does": "trained for 备战|scored in 攻破|ran in 跑完|sat out 缺阵|refereed 执裁",
    },
    {
        "who": "the chip maker 芯片厂商|the start-up 初创公司|the engineer 工程师|the phone maker 手机厂商|the researchers 研究人员"
        "|the programmer 程序员|the laboratory 实验室|the hackers 黑客|the search engine 搜索引擎|the carmaker 汽车厂商"
        "|the space agency 航天局|the physicist 物理学家",
        "what": "the processor 处理器|the app 应用|the language model 语言模型|the battery 电池|the satellite 卫星|the update 系统更新"
        "|the security hole 安全漏洞|the electric car 电动车|the quantum computer 量子计算机|the data centre 数据中心|the rocket 火箭"
        "|the robot 机器人|the telescope 望远镜|the chatbot 聊天机器人",
        "does": "patented 研发|tested 测试|programmed 编写|soft-launched 内测|repaired 修复",
    },
)
"""Politics, entertainment, sports, technology."""

SHARED = (
    "won 赢得|lost 失去|presented 公布|defended 捍卫|praised 称赞|postponed 推迟|prepared 筹备|cancelled 取消|celebrated 庆祝|missed 错过"
    "|rescued 挽救|ended 结束|opened 开启|explained 解释|awaited 期待"
)
"""What is done in every field."""

TIMES = (
    "today 今天|at midnight 午夜|this week 本周|after weeks of doubt 几经波折|again 再次|at last 终于"
    "|in the rain 冒雨|against all odds 出人意料|early 提前"
)

# {a} is what the headline is about, {b} what it is not about; {x} is somebody of either field.
TURNS = (
    ("{x} gave up {b} for {a}", "{x}放弃{b}，选择{a}"),
    ("{x} chose {a} and gave up {b}", "{x}选择{a}，放弃{b}"),
    ("talk of the country: not {b} but {a}", "全国热议的不是{b}，而是{a}"),
    ("talk of the country: {a}, not {b}", "全国热议的是{a}，不是{b}"),
    ("{a} pushed {b} off the front page", "{a}把{b}挤下头版"),
    ("{b} pushed off the front page by {a}", "{b}被{a}挤下头版"),
    ("asked about {b}, {x} spoke of {a}", "被问起{b}，{x}大谈{a}"),
    ("{x} spoke of {a} when asked about {b}", "{x}大谈{a}，不愿提{b}"),
    ("no time for {b}: {x} wanted only {a}", "{x}无暇顾及{b}，一心只为{a}"),
    ("{x} wanted only {a}, no time for {b}", "一心只为{a}，{x}无暇顾及{b}"),
)
"""Of two fields in one headline only the order of the words tells which it is about; each turn has its mirror image."""


KNOWN = tuple({role: phrases(text) for role, text in field.items()} for field in FIELDS)
SHARED_PHRASES = phrases(SHARED)
TIME_PHRASES = phrases(TIMES)


def headline(dice: random.Random, field: int, turn: bool) -> tuple[str, str]:
    """One headline about a field in English and in Chinese; with a `turn`, another field stands in it too."""
    own, other = KNOWN[field], KNOWN[dice.choice([one for one in range(len(KNOWN)) if one != field])]
    who, time = dice.choice((own if dice.random() < 0.5 else other)["who"]), dice.choice(TIME_PHRASES)
    if turn:
        about, beside = dice.choice(own["what"]), dice.choice(other["what"])
        made = [
            pattern.format(a=about[language], b=beside[language], x=who[language]) for language, pattern in enumerate(dice.choice(TURNS))
        ]
    else:
        does = dice.choice(own["does"] if dice.random() < 0.3 else SHARED_PHRASES)
        what = dice.choice(own["what"])
        made = [f"{who[0]} {does[0]} {what[0]}", f"{who[1]}{does[1]}{what[1]}"]
    if dice.random() < 0.5:
        made = [f"{made[0]} {time[0]}", f"{time[1]}，{made[1]}"]
    return made[0][0].upper() + made[0][1:], made[1]


def headline_texts(language: str, samples: int, seed: int) -> tuple[list[str], list[int]]:
    """Headlines, no two alike, with their fields; in both languages, every other one is English."""
    dice = random.Random(seed)
    made: dict[str, int] = {}
    while len(made) < samples:
        field = len(made) % len(KNOWN)
        english, chinese = headline(dice, field, turn=dice.random() < 0.4)
        chosen = {"english": english, "chinese": chinese, "both": (english, chinese)[len(made) // len(KNOWN) % 2]}[language]
        made.setdefault(chosen, field)
    return list(made), list(made.values())


LEXICON = frozenset(
    chinese for known in (*(known for field in KNOWN for known in field.values()), SHARED_PHRASES, TIME_PHRASES) for _, chinese in known
) | {"放弃", "选择", "全国", "热议", "不是", "而是", "头版", "挤下", "问起", "大谈", "不愿提", "无暇", "顾及", "一心", "只为"}
"""The Chinese words of the grammar, by which its headlines are cut into words."""


def headlines(language: str, samples: int, unit: str, length: int, vocabulary: int, validation: float, seed: int) -> Arrays:
    """Headlines made up by the grammar, as rows of tokens."""
    return tokenised(*headline_texts(language, samples, seed), unit, length, vocabulary, validation, seed, LEXICON)


class Headlines(TextDataset):
    """Headlines of politics, entertainment, sports and technology, in Chinese and English, made up by a small grammar.

    Most are easy: the words tell. But two in five speak of two fields, and only the order of the words tells which one it is about:
    “the minister gave up the film for the budget” is politics, “gave up the budget for the film” is not. A bag of words, which
    forgets the order, can only guess there. A network that reads the order need not.
    """

    op: Literal["headlines"] = "headlines"
    language: Literal["both", "chinese", "english"] = "both"
    """In which language they are."""
    samples: int = Field(4000, ge=100, le=20_000)
    """How many headlines, for training and validation together."""
    unit: Literal["words", "characters", "bigrams"] = "words"
    """What a text is cut into. Characters never meet an unknown word; words are fewer, and each means something."""

    title: ClassVar[Words] = Words("Headlines", "新闻标题（合成）")
    source: ClassVar[Origin] = Origin(
        name=Words("made up by a grammar of this project", "由本项目的一套语法编造"), licence="Apache-2.0", synthetic=True
    )
    chinese: ClassVar[str] = """政治、娱乐、体育、科技四类标题，中英双语，由一套小语法编造。

    大多很容易，看词就知道。但每五条里有两条同时提到两个领域，说的到底是哪一个，只有看语序才知道：“部长放弃电影，选择预算”是政治，
    “放弃预算，选择电影”就不是了。词袋模型不管顺序，碰到这些只能猜；会读顺序的网络就不用猜。"""
    labels: ClassVar[Mapping[str, Label]] = {
        "language": Label("Language", "语言", "标题用哪种语言。"),
        "samples": Label("Headlines", "标题数", "一共多少条标题，训练和验证加在一起。"),
        "unit": Label("Unit", "词元", "把文字切成什么。按字切不会碰到生词；按词切词元少，而且每个都有意思。"),
    }
    options: ClassVar[Mapping[str, Mapping[str, Words]]] = {
        **TextDataset.options,
        "language": {"both": Words("Both", "中英都有"), "chinese": Words("Chinese", "中文"), "english": Words("English", "英文")},
    }

    def counts(self) -> tuple[int, int]:
        """All headlines, dealt out."""
        return dealt(self.samples, self.validation)

    def task(self) -> Classification:
        """Four fields."""
        names = (("politics", "政治"), ("entertainment", "娱乐"), ("sports", "体育"), ("technology", "科技"))
        return Classification(classes=tuple(Words(*name) for name in names))

    def call(self) -> Call:
        """See `headlines`."""
        return call(
            headlines,
            language=self.language,
            samples=self.samples,
            **self._common(),
        )

    def corpus(self) -> tuple[list[str], list[int]]:
        """All headlines and their fields."""
        return headline_texts(self.language, self.samples, self.seed)

    def pieces(self, text: str) -> list[str]:
        """Tokens; Chinese words are those of the grammar."""
        return cut(text, self.unit, LEXICON)
