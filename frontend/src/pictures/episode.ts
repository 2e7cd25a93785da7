// A moment of an episode, drawn: a pole on its cart, or a walk over a grid. Large and small alike.
import type { Episode } from "../api/types.ts";
import { colourOf, css, palette } from "./colours.ts";

/** How wide a picture of the world is for its height. */
export function aspectOf(episode: Episode): number {
  const { grid } = episode;
  return grid ? grid[0]!.length / grid.length : 16 / 9;
}

/** Moments a second at which to watch: a pole in its own time, a short episode slower, a long walk faster. */
export function paceOf(episode: Episode): number {
  const moves = episode.actions.length;
  return episode.world === "cart_pole" ? Math.min(50, Math.max(8, moves / 1.2)) : Math.max(4, moves / 8);
}

/** The rewards of the first moves, added up. */
export function earned(episode: Episode, moves: number): number {
  return episode.rewards.slice(0, moves).reduce((sum, reward) => sum + reward, 0);
}

export type Ending = "fallen" | "upright" | "goal" | "pit" | "late";

/** How the episode ended. */
export function endingOf(episode: Episode): Ending {
  const { grid } = episode;
  if (!grid) return episode.actions.length >= episode.limit ? "upright" : "fallen";
  const cell = grid.join("")[episode.states.at(-1)?.[0] ?? 0];
  return cell === "G" ? "goal" : cell === "O" ? "pit" : "late";
}

/** Draws the world after so many moves, of which the last may be under way. */
export function drawEpisode(context: CanvasRenderingContext2D, episode: Episode, moves: number, width: number, height: number, dark: boolean): void {
  const last = episode.states.length - 1;
  const at = Math.max(0, Math.min(last, moves));
  const [from, to, share] = [episode.states[Math.floor(at)]!, episode.states[Math.ceil(at)]!, at - Math.floor(at)];
  if (episode.grid) grid(context, episode, episode.grid, from[0]!, to[0]!, share, width, height, dark);
  else pole(context, from.map((number, place) => number + (to[place]! - number) * share), episode.actions[Math.min(Math.floor(at), last - 1)], width, height, dark);
}

const FARTHEST = 2.4;
const STEEPEST = (12 * Math.PI) / 180;

/** `state`: place of the cart in metres, its speed, angle of the pole in radians, its turn. */
function pole(context: CanvasRenderingContext2D, state: number[], action: number | undefined, width: number, height: number, dark: boolean): void {
  const { ink, paper } = palette(dark);
  const metre = width / (2 * FARTHEST + 1.2);
  const x = width / 2 + state[0]! * metre;
  const ground = height * 0.8;
  const [wide, tall, long] = [0.62 * metre, 0.3 * metre, 1.35 * metre];
  const pivot = ground - tall;
  context.lineCap = "round";
  context.strokeStyle = css(ink, 0.25);
  context.lineWidth = Math.max(1, metre * 0.02);
  line(context, 0, ground + metre * 0.06, width, ground + metre * 0.06);
  for (const side of [-1, 1]) {
    // Where the track ends, and how far the pole may lean.
    line(context, width / 2 + side * FARTHEST * metre, ground - metre * 0.12, width / 2 + side * FARTHEST * metre, ground + metre * 0.06);
    context.setLineDash([metre * 0.05, metre * 0.08]);
    line(context, x, pivot, x + side * Math.sin(STEEPEST) * long * 1.1, pivot - Math.cos(STEEPEST) * long * 1.1);
    context.setLineDash([]);
  }
  if (action !== undefined) {
    // The push: blue to the right, orange to the left, as in the map of the policy.
    const side = action === 1 ? 1 : -1;
    const [begin, end, y] = [x - side * (wide / 2 + metre * 0.55), x - side * (wide / 2 + metre * 0.1), ground - tall / 2];
    context.strokeStyle = colourOf(side, dark);
    context.lineWidth = metre * 0.07;
    line(context, begin, y, end, y);
    line(context, end - side * metre * 0.13, y - metre * 0.11, end, y);
    line(context, end - side * metre * 0.13, y + metre * 0.11, end, y);
  }
  context.fillStyle = css(ink);
  context.beginPath();
  context.roundRect(x - wide / 2, ground - tall, wide, tall, metre * 0.06);
  context.fill();
  context.strokeStyle = css(ink, 0.8);
  context.lineWidth = metre * 0.11;
  line(context, x, pivot, x + Math.sin(state[2]!) * long, pivot - Math.cos(state[2]!) * long);
  context.fillStyle = css(paper);
  context.strokeStyle = css(ink);
  context.lineWidth = Math.max(1, metre * 0.03);
  disc(context, x, pivot, metre * 0.06);
  context.stroke();
}

const TURNS = [Math.PI, Math.PI / 2, 0, -Math.PI / 2];

function grid(
  context: CanvasRenderingContext2D,
  episode: Episode,
  rows: readonly string[],
  from: number,
  to: number,
  share: number,
  width: number,
  height: number,
  dark: boolean,
): void {
  const { ink, paper } = palette(dark);
  const columns = rows[0]!.length;
  const side = Math.min(width / columns, height / rows.length);
  const [left, top] = [(width - side * columns) / 2, (height - side * rows.length) / 2];
  const middle = (cell: number): [number, number] => [left + ((cell % columns) + 0.5) * side, top + (Math.floor(cell / columns) + 0.5) * side];
  const most = Math.max(1e-9, ...(episode.values ?? []).map((value) => Math.abs(value ?? 0)));
  [...rows.join("")].forEach((kind, cell) => {
    const [x, y] = middle(cell);
    const value = episode.values?.[cell] ?? null;
    context.fillStyle = kind === "#" ? css(ink, 0.55) : value === null ? css(ink, 0.04) : colourOf(value / most, dark);
    context.fillRect(x - side / 2 + 0.75, y - side / 2 + 0.75, side - 1.5, side - 1.5);
    if (kind === "O") {
      context.fillStyle = css(ink, 0.85);
      disc(context, x, y, side * 0.33);
    } else if (kind === "G") flag(context, x, y, side, ink, dark);
    else if (kind === "S") {
      context.strokeStyle = css(ink, 0.5);
      context.lineWidth = Math.max(1, side * 0.04);
      context.strokeRect(x - side * 0.36, y - side * 0.36, side * 0.72, side * 0.72);
    }
    const action = episode.policy?.[cell];
    if (action !== null && action !== undefined && side > 9) arrow(context, x, y, side, TURNS[action]!, css(ink, 0.55));
  });
  const [[x0, y0], [x1, y1]] = [middle(from), middle(to)];
  context.fillStyle = css(ink);
  context.strokeStyle = css(paper);
  context.lineWidth = Math.max(1, side * 0.06);
  disc(context, x0 + (x1 - x0) * share, y0 + (y1 - y0) * share, side * 0.24);
  context.stroke();
}

function arrow(context: CanvasRenderingContext2D, x: number, y: number, side: number, turn: number, colour: string): void {
  context.save();
  context.translate(x, y);
  context.rotate(turn);
  context.strokeStyle = colour;
  context.lineWidth = Math.max(1, side * 0.045);
  context.lineCap = "round";
  line(context, -side * 0.2, 0, side * 0.24, 0);
  line(context, side * 0.1, -side * 0.12, side * 0.24, 0);
  line(context, side * 0.1, side * 0.12, side * 0.24, 0);
  context.restore();
}

function flag(context: CanvasRenderingContext2D, x: number, y: number, side: number, ink: readonly [number, number, number], dark: boolean): void {
  context.strokeStyle = css(ink);
  context.lineWidth = Math.max(1, side * 0.05);
  line(context, x - side * 0.16, y - side * 0.32, x - side * 0.16, y + side * 0.34);
  context.fillStyle = colourOf(1, dark);
  context.beginPath();
  context.moveTo(x - side * 0.14, y - side * 0.32);
  context.lineTo(x + side * 0.28, y - side * 0.15);
  context.lineTo(x - side * 0.14, y + side * 0.02);
  context.fill();
}

function line(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

function disc(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}
