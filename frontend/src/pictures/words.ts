// What the pictures themselves say.
import type { Episode, Locale, Metric } from "../api/types.ts";
import type { Ending } from "./episode.ts";

/** Scores that are shares of a whole, told in percent. */
export function isShare(metric: Metric): boolean {
  return metric === "accuracy" || metric === "coverage";
}

interface PictureWords {
  training: string;
  validation: string;
  metrics: Record<Metric, string>;
  epoch: string;
  epochs: (epoch: string) => string;
  step: string;
  logarithmic: string;
  table: string;
  chart: string;
  moment: string;
  now: string;
  shown: (shown: number, all: number) => string;
  curvesEmpty: string;
  curves: (metric: string, epoch: string, training: string, validation: string) => string;
  compared: (metric: string, epoch: string, runs: string[]) => string;
  surface: (training: number, validation: number) => string;
  surfaceOf: (label: string) => string;
  painter: (count: number) => string;
  paintHere: string;
  erase: string;
  clear: string;
  undo: string;
  paintKeys: string;
  pointCount: (count: number) => string;
  confusion: string;
  confusionHint: string;
  truth: string;
  answer: string;
  prediction: string;
  right: (count: number, label: string, all: number) => string;
  taken: (count: number, truth: string, prediction: string, all: number) => string;
  rightTiles: (right: number, all: number) => string;
  wrong: string;
  correct: string;
  shouldBe: (truth: string) => string;
  examples: string;
  fit: string;
  fitHint: string;
  off: (truth: string, prediction: string) => string;
  probabilities: string;
  really: string;
  draw: string;
  drawHere: string;
  seen: string;
  given: string;
  map: (count: number) => string;
  mapHint: string;
  mapMove: string;
  clusters: (share: string) => string;
  clustersHelp: string;
  imageRows: (count: number) => string;
  trees: string;
  treeHint: string;
  nodeIs: (label: string, truth: string) => string;
  nodeRight: (label: string, belief: string, sure: string) => string;
  nodeWrong: (label: string, belief: string, sure: string, truth: string) => string;
  mattered: (token: string, percent: string) => string;
  matteredHint: string;
  wordMap: string;
  wordMapHint: string;
  nearest: (token: string) => string;
  worlds: Record<Episode["world"], string>;
  momentAt: (moves: number, all: number) => string;
  returned: (earned: string) => string;
  endings: Record<Ending, string>;
  playEpisode: string;
  pauseEpisode: string;
  momentOfEpisode: string;
}

export const WORDS: Record<Locale, PictureWords> = {
  en: {
    training: "Training",
    validation: "Validation",
    metrics: { loss: "Loss", accuracy: "Accuracy", r2: "R²", mae: "Mean absolute error", generator_loss: "Generator’s loss", coverage: "Coverage", reward: "Return" },
    epoch: "Epoch",
    epochs: (epoch) => `epoch ${epoch}`,
    step: "Step",
    logarithmic: "Log scale",
    table: "Show as table",
    chart: "Show as chart",
    moment: "Moment in training",
    now: "Now",
    shown: (shown, all) => `${shown} of ${all} evaluations`,
    curvesEmpty: "Curves appear here as soon as training begins",
    curves: (metric, epoch, training, validation) => `${metric} up to epoch ${epoch}: training ${training}, validation ${validation}`,
    compared: (metric, epoch, runs) => `${metric} on validation up to epoch ${epoch}: ${runs.join(", ")}`,
    surface: (training, validation) =>
      `What the network answers over the plane, with ${training} training and ${validation} validation points`,
    surfaceOf: (label) => `What ${label} answers over the plane`,
    painter: (count) => `Plane to paint on; ${count} points`,
    paintHere: "Press and drag to paint points",
    erase: "Eraser",
    clear: "Clear",
    undo: "Undo stroke",
    paintKeys: "Arrow keys move the brush, space paints, delete erases",
    pointCount: (count) => (count === 1 ? "1 point" : `${count} points`),
    confusion: "Confusion matrix",
    confusionHint: "Point at a square: rows are the truth, columns the network’s answer.",
    truth: "Truth",
    answer: "Answer",
    prediction: "Network’s answer",
    right: (count, label, all) => `${count} of ${all} “${label}” recognised`,
    taken: (count, truth, prediction, all) => `${count} of ${all} “${truth}” taken for “${prediction}”`,
    rightTiles: (right, all) => (right ? `${right} of these ${all} are right` : "The mistakes that it is surest of"),
    wrong: "wrong",
    correct: "right",
    shouldBe: (truth) => `is ${truth}`,
    examples: "Examples and what the network says",
    fit: "Estimates against the truth; on the line they are equal",
    fitHint: "On the line, estimate and truth are equal.",
    off: (truth, prediction) => `truth ${truth}, estimate ${prediction}`,
    probabilities: "Probability of each class",
    really: "truth",
    draw: "Paper to draw on",
    drawHere: "Draw here",
    seen: "What the network sees",
    given: "What it gives back",
    map: (count) => `Map of ${count} places`,
    mapHint: "Point at the map to see what stands there.",
    mapMove: "Map to move in, with the pointer or the arrow keys",
    clusters: (share) => `k-means: ${share} agree`,
    clustersHelp: "Colour by clusters found without labels. The share agrees with the hidden labels, clusters and labels paired as well as can be.",
    imageRows: (count) => `${count} images in rows`,
    trees: "Trees with what the network believes at every node",
    treeHint: "the small number beside a mistake is the truth",
    nodeIs: (label, truth) => `${label}: ${truth}`,
    nodeRight: (label, belief, sure) => `${label}: the network says ${belief}${sure && ` (${sure} %)`}, which is right`,
    nodeWrong: (label, belief, sure, truth) => `${label}: the network says ${belief}${sure && ` (${sure} %)`}, it is ${truth}`,
    mattered: (token, percent) => `Without “${token}” the answer’s probability changes by ${percent} points`,
    matteredHint: "Blue spoke for the answer, orange against it.",
    wordMap: "Words where the network has put them",
    wordMapHint: "Near each other: alike to the network. The colour is the class in which a word is most frequent. Click a word.",
    nearest: (token) => `Nearest to “${token}”, by cosine:`,
    worlds: { cart_pole: "A pole on a cart", grid: "A walk over a grid" },
    momentAt: (moves, all) => `step ${moves} of ${all}`,
    returned: (earned) => `return ${earned}`,
    endings: { fallen: "the pole fell", upright: "upright to the end", goal: "at the goal", pit: "in a pit", late: "time is up" },
    playEpisode: "Play the episode",
    pauseEpisode: "Stop the episode",
    momentOfEpisode: "Moment of the episode",
  },
  zh: {
    training: "训练",
    validation: "验证",
    metrics: { loss: "损失", accuracy: "准确率", r2: "R²", mae: "平均绝对误差", generator_loss: "生成器损失", coverage: "覆盖率", reward: "回报" },
    epoch: "轮",
    epochs: (epoch) => `第 ${epoch} 轮`,
    step: "步",
    logarithmic: "对数刻度",
    table: "看表格",
    chart: "看曲线",
    moment: "训练的时刻",
    now: "现在",
    shown: (shown, all) => `共 ${all} 次评估，显示 ${shown} 次`,
    curvesEmpty: "训练一开始，这里就会画出曲线",
    curves: (metric, epoch, training, validation) => `${metric}，到第 ${epoch} 轮：训练 ${training}，验证 ${validation}`,
    compared: (metric, epoch, runs) => `验证${metric}，到第 ${epoch} 轮：${runs.join("，")}`,
    surface: (training, validation) => `网络在整个平面上的回答，另有 ${training} 个训练点、${validation} 个验证点`,
    surfaceOf: (label) => `${label} 在整个平面上的回答`,
    painter: (count) => `可以涂点的平面，已有 ${count} 个点`,
    paintHere: "按住拖动，涂出数据点",
    erase: "橡皮",
    clear: "清空",
    undo: "撤销一笔",
    paintKeys: "方向键移动画笔，空格涂点，Delete 擦除",
    pointCount: (count) => `${count} 个点`,
    confusion: "混淆矩阵",
    confusionHint: "指向方格看说明：行是真实类别，列是网络的回答。",
    truth: "真实值",
    answer: "回答",
    prediction: "网络的回答",
    right: (count, label, all) => `${all} 个“${label}”认对了 ${count} 个`,
    taken: (count, truth, prediction, all) => `${all} 个“${truth}”中有 ${count} 个被当成了“${prediction}”`,
    rightTiles: (right, all) => (right ? `这 ${all} 个里答对 ${right} 个` : "错得最有把握的几个"),
    wrong: "错",
    correct: "对",
    shouldBe: (truth) => `应为${truth}`,
    examples: "样本和网络的回答",
    fit: "估计值与真实值对照，落在线上表示相等",
    fitHint: "落在线上，表示估计值等于真实值。",
    off: (truth, prediction) => `真实值 ${truth}，估计值 ${prediction}`,
    probabilities: "各类的概率",
    really: "真实",
    draw: "画纸",
    drawHere: "在这里画",
    seen: "网络看到的",
    given: "网络交回的",
    map: (count) => `${count} 个位置的地图`,
    mapHint: "指向地图，看看那里是什么。",
    mapMove: "可以在里面移动的地图，用鼠标或方向键",
    clusters: (share) => `k-means：${share} 一致`,
    clustersHelp: "按不用标签找到的簇上色。百分比是簇与隐藏标签一致的比例（簇和标签按最佳方式配对）。",
    imageRows: (count) => `按行排列的 ${count} 张图像`,
    trees: "树，以及网络在每个节点上的判断",
    treeHint: "错的旁边，小字是正确答案",
    nodeIs: (label, truth) => `${label}：${truth}`,
    nodeRight: (label, belief, sure) => `${label}：网络认为是 ${belief}${sure && `（${sure} %）`}，对了`,
    nodeWrong: (label, belief, sure, truth) => `${label}：网络认为是 ${belief}${sure && `（${sure} %）`}，其实是 ${truth}`,
    mattered: (token, percent) => `拿掉“${token}”，答案的概率变化 ${percent} 个百分点`,
    matteredHint: "蓝色支持这个答案，橙色反对。",
    wordMap: "网络给词安排的位置",
    wordMapHint: "靠得近，在网络看来就相像。颜色是这个词最常出现的类别。点一个词看看。",
    nearest: (token) => `离“${token}”最近的（余弦）：`,
    worlds: { cart_pole: "小车上的杆", grid: "在格子里行走" },
    momentAt: (moves, all) => `第 ${moves} 步，共 ${all} 步`,
    returned: (earned) => `回报 ${earned}`,
    endings: { fallen: "杆倒了", upright: "一直没倒", goal: "走到终点", pit: "掉进陷阱", late: "时间到了" },
    playEpisode: "播放这一局",
    pauseEpisode: "停下这一局",
    momentOfEpisode: "这一局的时刻",
  },
};
