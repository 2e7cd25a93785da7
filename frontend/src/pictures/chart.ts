// The curves' canvas: training and validation by epoch with the gap between them shaded, before the losses of the steps.
import type { PlacedLabel, Tick } from "./axes.ts";
import { downOf, FONT, SANS, type ChartArea, type Layout, type Scales } from "./plot.ts";
import { Trace } from "./trace.ts";

/** The page's colours, which a canvas has to be told. */
export interface ChartColours {
  card: string;
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

/** A run's evaluations, by epoch. */
export interface Pair {
  training: Trace;
  validation: Trace;
}

/** All that there is to draw. Its traces go on growing: it is made anew whenever they have. */
export interface ChartState extends Scales {
  marks: readonly Mark[];
  /** What a simple method reaches, as a dashed line across. */
  level: number | null;
  own: Pair;
  others: readonly (Pair & { colour: string })[];
  /** Losses of the steps, by step, for the faint band behind the curves. */
  steps: Trace;
  /** Steps in an epoch. */
  rate: number;
}

const MARK_FONT = `600 10.5px ${SANS}`;

/** Draws the chart, in CSS pixels on a clean sheet; `ratio` is how many pixels of the screen one of them has. */
export function paint(context: CanvasRenderingContext2D, state: ChartState, { area, across, down }: Layout, colours: ChartColours, ratio: number): void {
  const hand = new Hand(context, state, area, colours, ratio);
  hand.grid(down);
  hand.labels(across);
  context.save();
  context.beginPath();
  context.rect(area.left - 1, area.top - 1, area.width + 2, area.height + 2);
  context.clip();
  hand.band();
  hand.gap();
  hand.level();
  for (const other of state.others) {
    hand.curve(other.training, other.colour, 1.3, 0.75, [4, 3]);
    hand.curve(other.validation, other.colour, 1.6);
  }
  hand.curve(state.own.training, colours.ink, 1.8);
  hand.curve(state.own.validation, colours.validation, 1.8);
  context.restore();
  hand.heads();
  hand.marks();
}

// Where the folded traces of one drawing lie; the next drawing takes the same.
const [STRIP, SECOND] = [new Trace(), new Trace()];
/** Evaluations this far apart are seen as points. */
const APART = 12;

class Hand {
  constructor(
    private readonly context: CanvasRenderingContext2D,
    private readonly state: ChartState,
    private readonly area: ChartArea,
    private readonly colours: ChartColours,
    private readonly ratio: number,
  ) {}

  private x(epoch: number): number {
    return this.area.left + (epoch / this.state.epochs) * this.area.width;
  }

  private y(value: number): number {
    return downOf(value, this.state, this.area);
  }

  /** The middle of a pixel of the screen, where a hairline is sharp. */
  private crisp(position: number): number {
    return (Math.floor(position * this.ratio) + 0.5) / this.ratio;
  }

  /** A trace by the columns of the screen, `wide` pixels each. */
  private strip(trace: Trace, target = STRIP, perEpoch = 1, wide = 1): Trace {
    return trace.folded((wide * this.state.epochs * perEpoch) / (this.area.width * this.ratio), target);
  }

  grid(ticks: readonly Tick[]): void {
    const { context, area, colours } = this;
    context.lineWidth = 1 / this.ratio;
    context.strokeStyle = colours.line;
    context.fillStyle = colours.muted;
    context.font = FONT;
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.beginPath();
    for (const { value, label } of ticks) {
      const y = this.crisp(this.y(value));
      context.moveTo(area.left, y);
      context.lineTo(area.left + area.width, y);
      context.fillText(label, area.left - 7, y);
    }
    context.stroke();
  }

  labels(labels: readonly PlacedLabel[]): void {
    const { context, area } = this;
    context.textAlign = "left";
    context.textBaseline = "top";
    for (const { label, left } of labels) context.fillText(label, left, area.top + area.height + 6);
  }

  /** Least and greatest loss of the steps in each column, faintly; their mean as a thin line; and what stands far out of the band. */
  band(): void {
    const { context, area, colours, state } = this;
    const { length, fields } = this.strip(state.steps, STRIP, state.rate, Math.max(1, this.ratio));
    if (length === 0) return;
    const column = area.width / Math.max(1, length);
    context.fillStyle = fade(colours.ink, 0.085);
    this.between(length, (place) => (fields.gaps[place]! > 0 && fields.weight[place] === 0 ? null : [this.x(fields.x[place]! / state.rate), fields.high[place]!, fields.low[place]!]));
    context.strokeStyle = fade(colours.ink, 0.3);
    context.lineWidth = 1;
    context.lineJoin = "round";
    context.beginPath();
    let open = false;
    const reach: number[] = [];
    for (let place = 0; place < length; place++) {
      const weight = fields.weight[place]!;
      if (weight > 0) {
        const [x, mean] = [this.x(fields.x[place]! / state.rate), this.y(fields.sum[place]! / weight)];
        if (open) context.lineTo(x, mean);
        else context.moveTo(x, mean);
        reach.push(mean - this.y(fields.high[place]!));
      }
      open = weight > 0 && fields.gaps[place] === 0;
    }
    // A single step that leaps out of the band would be too faint to see.
    const usual = reach.filter((each) => each > 0).sort((a, b) => a - b);
    const far = Math.max(8, 4 * (usual[usual.length >> 1] ?? 0));
    for (let place = 0; place < length && column < 3; place++) {
      const weight = fields.weight[place]!;
      if (weight === 0) continue;
      const [mean, peak] = [this.y(fields.sum[place]! / weight), this.y(fields.high[place]!)];
      if (mean - peak <= far) continue;
      const x = this.x(fields.x[place]! / state.rate);
      context.moveTo(x, mean);
      context.lineTo(x, peak);
    }
    context.stroke();
    this.beyond(length, fields);
    this.missing(length, fields, state.rate, fade(colours.ink, 0.4));
  }

  /** Short ticks at the top edge where a step's loss has left the picture. */
  private beyond(length: number, { x, high }: Trace["fields"]): void {
    const { context, area, state } = this;
    context.beginPath();
    for (let place = 0; place < length; place++) {
      if (high[place]! <= state.bounds[1]) continue;
      context.moveTo(this.x(x[place]! / state.rate), area.top);
      context.lineTo(this.x(x[place]! / state.rate), area.top + 3);
    }
    context.stroke();
  }

  level(): void {
    const { context, area, state, colours } = this;
    if (state.level === null) return;
    context.strokeStyle = colours.muted;
    context.lineWidth = 1.2;
    context.setLineDash([5, 4]);
    context.beginPath();
    context.moveTo(area.left, this.y(state.level));
    context.lineTo(area.left + area.width, this.y(state.level));
    context.stroke();
    context.setLineDash([]);
  }

  /** Fills between training and validation wherever both are known: the gap is what overfitting looks like. */
  gap(): void {
    const { training, validation } = this.state.own;
    const [from, to] = [this.strip(training), this.strip(validation, SECOND)];
    this.context.fillStyle = fade(this.colours.validation, 0.13);
    this.between(from.length, (place) =>
      from.fields.weight[place] === 0 || to.fields.weight[place] === 0 ? null : [this.x(from.fields.x[place]!), to.fields.last[place]!, from.fields.last[place]!],
    );
  }

  /** Fills between two heights at each of `length` places, and not across a place that has none. */
  private between(length: number, at: (place: number) => [number, number, number] | null): void {
    const { context } = this;
    let edge: [number, number][] = [];
    const close = (): void => {
      for (const [x, y] of edge.reverse()) context.lineTo(x, y);
      if (edge.length > 1) context.fill();
      edge = [];
    };
    for (let place = 0; place < length; place++) {
      const here = at(place);
      if (!here) {
        close();
        continue;
      }
      if (edge.length === 0) context.beginPath();
      context.lineTo(here[0], this.y(here[1]));
      edge.push([here[0], this.y(here[2])]);
    }
    close();
  }

  curve(trace: Trace, colour: string, width: number, strength = 1, dash: number[] = []): void {
    const { context } = this;
    const { length, fields } = this.strip(trace);
    if (length === 0) return;
    context.strokeStyle = fade(colour, strength);
    context.lineWidth = width;
    context.lineJoin = "round";
    context.lineCap = dash.length > 0 ? "butt" : "round";
    context.setLineDash(dash);
    context.beginPath();
    let open = false;
    for (let place = 0; place < length; place++) {
      const weight = fields.weight[place]!;
      if (weight > 0) {
        const x = this.x(fields.x[place]!);
        const first = this.y(fields.first[place]!);
        // A point between two gaps is a line of hardly any length, which its round ends make visible.
        if (open) context.lineTo(x, first);
        else context.moveTo(x - 0.01, first);
        if (weight > 1) {
          context.lineTo(x, this.y(fields.low[place]!));
          context.lineTo(x, this.y(fields.high[place]!));
        }
        context.lineTo(x, this.y(fields.last[place]!));
      }
      open = weight > 0 && fields.gaps[place] === 0;
    }
    context.stroke();
    context.setLineDash([]);
    if (dash.length === 0) this.points(length, fields, colour);
    // A metric that a run does not have at all is no gap in it.
    if (trace.least <= trace.greatest) this.missing(length, fields, 1, this.colours.warn);
  }

  /** Evaluations as points, while they are few enough to be told apart. */
  private points(length: number, fields: Trace["fields"], colour: string): void {
    const { context } = this;
    if (length < 2 || this.x(fields.x[length - 1]!) - this.x(fields.x[0]!) < APART * (length - 1)) return;
    context.fillStyle = colour;
    for (let place = 0; place < length; place++) {
      if (fields.weight[place]! > 0) this.disc(this.x(fields.x[place]!), this.y(fields.last[place]!), 2.1);
    }
  }

  /** Where there is no number: a line along the top edge for as long as it lasts, which begins with a cross. */
  private missing(length: number, fields: Trace["fields"], perEpoch: number, colour: string): void {
    const { context, area } = this;
    const top = area.top + 3.5;
    context.strokeStyle = colour;
    context.lineWidth = 1.3;
    context.lineCap = "round";
    context.beginPath();
    for (let start = 0; start < length; start++) {
      if (fields.gaps[start] === 0) continue;
      let end = start;
      while (end + 1 < length && fields.gaps[end + 1]! > 0) end += 1;
      // The cross stays whole at the ends of the picture.
      const from = Math.max(area.left + 3, Math.min(area.left + area.width - 3, this.x(fields.x[start]! / perEpoch)));
      const to = Math.max(from, this.x(fields.x[end]! / perEpoch));
      for (const [dx, dy] of [[3, 3], [3, -3]] as const) {
        context.moveTo(from - dx, top - dy);
        context.lineTo(from + dx, top + dy);
      }
      context.moveTo(from, top);
      context.lineTo(to, top);
      start = end;
    }
    context.stroke();
  }

  /** A dot at the newest value of each curve, so that even the first evaluation can be seen. */
  heads(): void {
    const { own, others } = this.state;
    const heads = [
      ...others.map((other) => [other.validation, other.colour] as const),
      [own.validation, this.colours.validation] as const,
      [own.training, this.colours.ink] as const,
    ];
    for (const [{ length, fields }, colour] of heads) {
      const value = fields.last[length - 1];
      if (length === 0 || value === undefined || Number.isNaN(value)) continue;
      this.context.fillStyle = colour;
      const { top, height } = this.area;
      this.disc(this.x(fields.x[length - 1]!), Math.max(top, Math.min(top + height, this.y(value))), 2.8);
    }
  }

  private disc(x: number, y: number, radius: number): void {
    this.context.beginPath();
    this.context.arc(x, y, radius, 0, 2 * Math.PI);
    this.context.fill();
  }

  /** Dashed lines for what was found, each with its label beside it; labels that would meet go one line down. */
  marks(): void {
    const { context, area, colours } = this;
    context.font = MARK_FONT;
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.lineJoin = "round";
    const end = area.left + area.width;
    const taken: { left: number; right: number; row: number }[] = [];
    for (const mark of [...this.state.marks].sort((a, b) => a.epoch - b.epoch)) {
      const x = this.crisp(this.x(mark.epoch));
      const label = this.fitting(mark.label, end);
      const width = context.measureText(label).width;
      const left = Math.max(2, x + width + 8 > end ? x - width - 5 : x + 5);
      let row = 0;
      while (taken.some((other) => other.row === row && left < other.right + 6 && other.left < left + width + 6)) row++;
      taken.push({ left, right: left + width, row });
      context.strokeStyle = colours.warn;
      context.lineWidth = 1.2;
      context.setLineDash([3.5, 2.5]);
      context.beginPath();
      context.moveTo(x, area.top - 9);
      context.lineTo(x, area.top + area.height);
      context.stroke();
      context.setLineDash([]);
      context.strokeStyle = fade(colours.card, 0.85);
      context.lineWidth = 3;
      context.strokeText(label, left, area.top + row * 13 - 4);
      context.fillStyle = colours.warn;
      context.fillText(label, left, area.top + row * 13 - 4);
    }
  }

  // A label that is wider than the chart is shortened.
  private fitting(text: string, room: number): string {
    if (this.context.measureText(text).width <= room) return text;
    let end = text.length;
    while (end > 1 && this.context.measureText(`${text.slice(0, end)}…`).width > room) end -= 1;
    return `${text.slice(0, end)}…`;
  }
}

/** A hexadecimal or named colour with less than full strength. */
function fade(colour: string, share: number): string {
  return share === 1 ? colour : `color-mix(in srgb, ${colour} ${share * 100}%, transparent)`;
}
