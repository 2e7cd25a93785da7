// What the editor itself says, in both languages; titles and help of layers come from the catalogue.

import type { Locale } from "../api/types.ts";

/** Shorter titles for where there is little room; every other layer goes by its title in the catalogue. */
export const shortTitles: Record<string, { en: string; zh: string }> = {
  dense: { en: "Dense", zh: "全连接" },
  conv2d: { en: "Conv", zh: "卷积" },
  silu: { en: "SiLU", zh: "SiLU" },
  batch_norm: { en: "Batch norm", zh: "批归一化" },
  layer_norm: { en: "Layer norm", zh: "层归一化" },
  group_norm: { en: "Group norm", zh: "组归一化" },
  gaussian_noise: { en: "Noise", zh: "噪声" },
  average_pool2d: { en: "Mean pooling", zh: "平均池化" },
  concatenate: { en: "Concat", zh: "拼接" },
};

export interface EditorWords {
  network: string;
  data: string;
  weights(count: number): string;
  noWeights: string;
  units(count: number): string;
  given(count: number): string;
  more(count: number): string;
  unit(index: number, column: string): string;
  channel(index: number, column: string): string;
  feature(name: string): string;
  withFeature(name: string): string;
  withoutFeature(name: string): string;
  layer(index: number): string;
  separator: string;
  column(parts: string[]): string;
  columnHelp: string;
  insertAfter(name: string): string;
  weight: string;
  bias: string;
  shapeUnknown: string;
  moreProblems(count: number): string;
  applyFix: string;
  insertFix(title: string): string;
  setFix(label: string, value: number): string;
  fedBy(titles: string[]): string;
  search: string;
  layers: string;
  nothingFound(query: string): string;
  addLayer: string;
  remove: string;
  replaceBy: string;
  moreHelp: string;
  lessHelp: string;
  inputs: string;
  before: string;
  inputsNeeded: string;
  sharing: string;
  ownWeights: string;
  shape: string;
  weightsTable: string;
  hideWeights: string;
  filters: string;
  filtersTitle: string;
  hideFilters: string;
  filter(index: number): string;
  noSettings: string;
  axis(name: string, size: number): string;
  reach(from: string, to: string): string;
}

const en: EditorWords = {
  network: "Network",
  data: "Data",
  weights: (count) => `${grouped(count)} ${count === 1 ? "weight" : "weights"}`,
  noWeights: "no weights",
  units: (count) => `${grouped(count)} ${count === 1 ? "unit" : "units"}`,
  given: (count) => `${grouped(count)} ${count === 1 ? "input" : "inputs"}`,
  more: (count) => `+ ${grouped(count)} more`,
  unit: (index, column) => `unit ${index + 1} of ${column}`,
  channel: (index, column) => `channel ${index + 1} of ${column}`,
  feature: (name) => `input ${name}`,
  withFeature: (name) => `Give the network ${name}, too`,
  withoutFeature: (name) => `Take ${name} away`,
  layer: (index) => `Layer ${index}`,
  separator: " · ",
  column: (parts) => parts.join(", "),
  columnHelp: "Enter selects, Alt with left and right moves, Delete removes.",
  insertAfter: (name) => `Add a layer after ${name}`,
  weight: "weight",
  bias: "bias",
  shapeUnknown: "shape not known yet",
  moreProblems: (count) => `and ${count} more ${count === 1 ? "problem" : "problems"}`,
  applyFix: "Fix it",
  insertFix: (title) => `Insert ${title}`,
  setFix: (label, value) => `Set ${label.toLowerCase()} to ${value}`,
  fedBy: (titles) => `fed by ${titles.join(" and ")}`,
  search: "Search layers",
  layers: "Layers",
  nothingFound: (query) => `No layer matches “${query}”.`,
  addLayer: "Add a layer",
  remove: "Remove",
  replaceBy: "Kind of layer",
  moreHelp: "More",
  lessHelp: "Less",
  inputs: "Input from",
  before: "The layer before",
  inputsNeeded: "Choose at least two.",
  sharing: "Weights from",
  ownWeights: "Its own",
  shape: "Shape",
  weightsTable: "Show weights",
  hideWeights: "Hide weights",
  filters: "Show filters",
  filtersTitle: "Filters",
  hideFilters: "Hide filters",
  filter: (index) => `filter ${index + 1}`,
  noSettings: "Nothing to set.",
  axis: (name, size) => {
    const one: Record<string, string> = { features: "feature", time: "time step", channels: "channel" };
    const side: Record<string, string> = { height: "high", width: "wide" };
    return `${grouped(size)} ${side[name] ?? (one[name] ?? name) + (size === 1 ? "" : "s")}`;
  },
  reach: (from, to) => `from ${from} to ${to}`,
};

const zh: EditorWords = {
  network: "网络",
  data: "数据",
  weights: (count) => `${grouped(count)} 个权重`,
  noWeights: "没有权重",
  units: (count) => `${grouped(count)} 个神经元`,
  given: (count) => `${grouped(count)} 个输入`,
  more: (count) => `还有 ${grouped(count)} 个`,
  unit: (index, column) => `“${column}”的第 ${index + 1} 个神经元`,
  channel: (index, column) => `“${column}”的第 ${index + 1} 个通道`,
  feature: (name) => `输入 ${name}`,
  withFeature: (name) => `再给网络一个输入：${name}`,
  withoutFeature: (name) => `去掉输入 ${name}`,
  layer: (index) => `第 ${index} 层`,
  separator: " · ",
  column: (parts) => parts.join("，"),
  columnHelp: "回车选中，Alt 加左右键移动，Delete 删除。",
  insertAfter: (name) => `在“${name}”后面加一层`,
  weight: "权重",
  bias: "偏置",
  shapeUnknown: "形状还不知道",
  moreProblems: (count) => `还有 ${count} 个问题`,
  applyFix: "修正",
  insertFix: (title) => `插入${title}`,
  setFix: (label, value) => `把${label}改为 ${value}`,
  fedBy: (titles) => `输入来自${titles.join("和")}`,
  search: "搜索层",
  layers: "层",
  nothingFound: (query) => `没有叫“${query}”的层。`,
  addLayer: "加一层",
  remove: "删除",
  replaceBy: "层的种类",
  moreHelp: "展开",
  lessHelp: "收起",
  inputs: "输入来自",
  before: "前一层",
  inputsNeeded: "至少选两个。",
  sharing: "权重来自",
  ownWeights: "自己",
  shape: "形状",
  weightsTable: "看权重",
  hideWeights: "收起权重",
  filters: "看滤波器",
  filtersTitle: "滤波器",
  hideFilters: "收起滤波器",
  filter: (index) => `第 ${index + 1} 个滤波器`,
  noSettings: "没有要设置的。",
  axis: (name, size) => {
    const measures: Record<string, string> = { features: "个特征", time: "个时刻", channels: "个通道" };
    const sides: Record<string, string> = { height: "高", width: "宽" };
    return name in sides ? `${sides[name]} ${grouped(size)}` : `${grouped(size)} ${measures[name] ?? name}`;
  },
  reach: (from, to) => `从${from}到${to}`,
};

export const editorWords: Record<Locale, EditorWords> = { en, zh };

/** A whole number with commas between thousands. */
export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** Sizes as people write them: 6 × 12 × 12. */
export function sizes(shape: readonly number[]): string {
  return shape.join(" × ");
}
