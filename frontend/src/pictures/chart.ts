// The curves' canvas: a uPlot chart of training and validation by epoch, with the gap between them shaded.
import uPlot from "uplot";

/** The page's colours, which a canvas has to be told. */
export interface ChartColours {
  ink: string;
  muted: string;
  line: string;
  validation: string;
  warn: string;
}

export interface Mark {
  epoch: number;
  label: string;
}

/** What the chart reads afresh each time it draws. */
export interface ChartState {
  bounds: [number, number];
  epochs: number;
  marks: readonly Mark[];
  /** Evaluations, for the shaded gap. */
  epoch: readonly number[];
  training: readonly (number | null)[];
  validation: readonly (number | null)[];
  /** Mean, least and greatest loss of the steps, for the faint band behind the curves. */
  band: { epoch: readonly number[]; mean: readonly (number | null)[]; low: readonly (number | null)[]; high: readonly (number | null)[] };
}

/** Where the curves are drawn, in CSS pixels within the chart. */
export interface ChartArea {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface ChartOptions {
  width: number;
  height: number;
  colours: ChartColours;
  logarithmic: boolean;
  percent: boolean;
  /** The horizontal axis's first label, which says what is counted. */
  firstTick: string;
  others: readonly { colour: string }[];
  state: () => ChartState;
  /** The plotting area has been laid out anew. */
  onlayout: (area: ChartArea) => void;
}

export const SANS = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif';
const FONT = `11px ${SANS}`;

/** Columns with places of their own, put onto one axis. */
export function aligned(tables: uPlot.AlignedData[]): uPlot.AlignedData {
  return uPlot.join(tables);
}

/** Makes the chart. Its series: x, mean loss of the steps, training, validation, then training and validation of each other run. */
export function makeChart(target: HTMLElement, data: uPlot.AlignedData, options: ChartOptions): uPlot {
  const { colours, logarithmic, percent, state } = options;
  const line = (stroke: string, width: number, dash?: number[]): uPlot.Series => ({
    stroke,
    width,
    points: { show: false },
    ...(dash ? { dash } : {}),
  });
  return new uPlot(
    {
      width: options.width,
      height: options.height,
      legend: { show: false },
      cursor: { show: false },
      padding: [14, 14, 0, 0],
      scales: {
        x: { time: false, range: () => [0, state().epochs] },
        y: { distr: logarithmic ? 3 : 1, range: () => state().bounds },
      },
      axes: [
        {
          stroke: colours.muted,
          font: FONT,
          size: 22,
          gap: 6,
          space: 48,
          grid: { show: false },
          ticks: { show: false },
          values: (_, splits) => splits.map((epoch) => (epoch === 0 ? options.firstTick : epoch < 10_000 ? String(epoch) : `${epoch / 1000}k`)),
        },
        {
          stroke: colours.muted,
          font: FONT,
          size: percent ? 46 : 38,
          gap: 7,
          space: logarithmic ? 18 : 30,
          grid: { stroke: colours.line, width: 1, filter: (_, splits) => (logarithmic ? rounded(splits) : splits) },
          ticks: { show: false },
          filter: (_, splits) => (logarithmic ? rounded(splits) : splits),
          values: (_, splits) => splits.map((value) => (value === null ? "" : label(value, percent))),
        },
      ],
      series: [
        {},
        line(fade(colours.ink, 0.3), 1),
        line(colours.ink, 1.8),
        line(colours.validation, 1.8),
        ...options.others.flatMap((other) => [line(fade(other.colour, 0.75), 1.3, [4, 3]), line(other.colour, 1.6)]),
      ],
      hooks: {
        drawAxes: [
          (chart) => {
            const { band, epoch, training, validation } = state();
            shade(chart, band.epoch, band.low, band.high, fade(colours.ink, 0.07));
            shade(chart, epoch, training, validation, fade(colours.validation, 0.13));
          },
        ],
        draw: [
          (chart) => {
            drawMarks(chart, state().marks, colours);
            drawHeads(chart, state(), colours);
            const ratio = uPlot.pxRatio;
            const { left, top, width, height } = chart.bbox;
            options.onlayout({ left: left / ratio, top: top / ratio, width: width / ratio, height: height / ratio });
          },
        ],
      },
    },
    data,
    target,
  );
}

// Of a logarithmic axis's places, 1, 2 and 5 times powers of ten, or over many decades the powers alone.
function rounded(splits: (number | null)[]): (number | null)[] {
  const known = splits.filter((value) => value !== null);
  const kept = (known.at(-1) ?? 1) / (known[0] ?? 1) > 300 ? ["1"] : ["1", "2", "5"];
  return splits.map((value) => (value !== null && kept.includes(value.toExponential(0)[0]!) ? value : null));
}

function label(value: number, percent: boolean): string {
  if (percent) return `${value} %`;
  return (value < 0 ? "−" : "") + String(Math.abs(Number(value.toPrecision(6))));
}

/** A hexadecimal or named colour with less than full strength. */
export function fade(colour: string, share: number): string {
  return `color-mix(in srgb, ${colour} ${share * 100}%, transparent)`;
}

// Fills between two curves wherever both are known. Between training and validation, the gap is what overfitting looks like.
function shade(
  chart: uPlot,
  epoch: readonly number[],
  from: readonly (number | null)[],
  to: readonly (number | null)[],
  fill: string,
): void {
  const { ctx, bbox } = chart;
  const across = (place: number): number => chart.valToPos(epoch[place]!, "x", true);
  // Nothing lies below a logarithmic axis's foot, not even zero.
  const foot = chart.scales["y"]?.min ?? 0;
  const down = (value: number): number => chart.valToPos(chart.scales["y"]?.distr === 3 ? Math.max(value, foot) : value, "y", true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = fill;
  let start = 0;
  for (let end = 0; end <= epoch.length; end++) {
    if (end < epoch.length && from[end] !== null && to[end] !== null) continue;
    if (end - start > 1) {
      ctx.beginPath();
      for (let place = start; place < end; place++) ctx.lineTo(across(place), down(to[place]!));
      for (let place = end - 1; place >= start; place--) ctx.lineTo(across(place), down(from[place]!));
      ctx.fill();
    }
    start = end + 1;
  }
  ctx.restore();
}

// Dashed lines for what was found, each with its label beside it; labels that would meet go one line down.
function drawMarks(chart: uPlot, marks: readonly Mark[], colours: ChartColours): void {
  const { ctx, bbox } = chart;
  const ratio = uPlot.pxRatio;
  ctx.save();
  ctx.font = `600 ${10.5 * ratio}px ${SANS}`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  const taken: { left: number; right: number; row: number }[] = [];
  for (const mark of [...marks].sort((a, b) => a.epoch - b.epoch)) {
    const x = Math.round(chart.valToPos(mark.epoch, "x", true));
    const width = ctx.measureText(mark.label).width;
    const leftwards = x + width + 8 * ratio > bbox.left + bbox.width;
    const left = leftwards ? x - width - 5 * ratio : x + 5 * ratio;
    let row = 0;
    while (taken.some((other) => other.row === row && left < other.right + 6 * ratio && other.left < left + width + 6 * ratio)) row++;
    taken.push({ left, right: left + width, row });
    ctx.strokeStyle = colours.warn;
    ctx.lineWidth = 1.4 * ratio;
    ctx.setLineDash([3.5 * ratio, 2.5 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top - 9 * ratio);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillStyle = colours.warn;
    ctx.fillText(mark.label, left, bbox.top + (row * 13 - 4) * ratio);
  }
  ctx.restore();
}

// A dot at the newest value of each curve, so that even the first evaluation can be seen.
function drawHeads(chart: uPlot, state: ChartState, colours: ChartColours): void {
  const { ctx } = chart;
  const last = state.epoch.length - 1;
  if (last < 0) return;
  const heads = [
    [state.validation[last], colours.validation],
    [state.training[last], colours.ink],
  ] as const;
  ctx.save();
  for (const [value, colour] of heads) {
    if (value === null || value === undefined) continue;
    ctx.fillStyle = colour;
    ctx.beginPath();
    ctx.arc(chart.valToPos(state.epoch[last]!, "x", true), chart.valToPos(value, "y", true), 2.8 * uPlot.pxRatio, 0, 2 * Math.PI);
    ctx.fill();
  }
  ctx.restore();
}
