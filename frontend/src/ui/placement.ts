// Where a floating box goes: beside its anchor, inside the window.

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const GAP = 6;
const EDGE = 8;

/** Left and top of a floating box to the right or left of the anchor; null where neither side has the room. */
export function aside(anchor: Box, width: number, height: number, room: { width: number; height: number }): { left: number; top: number } | null {
  const right = anchor.right + 2 * GAP;
  const left = right + width + EDGE <= room.width ? right : anchor.left - 2 * GAP - width;
  if (left < EDGE) return null;
  return { left, top: Math.max(EDGE, Math.min((anchor.top + anchor.bottom - height) / 2, room.height - height - EDGE)) };
}

/** Left and top of a floating box, below its anchor or above it where there is more room; `centred` over the anchor or flush with its left. */
export function beside(
  anchor: Box,
  width: number,
  height: number,
  room: { width: number; height: number },
  centred = false,
): { left: number; top: number; above: boolean } {
  const above = anchor.bottom + GAP + height > room.height - EDGE && anchor.top > room.height - anchor.bottom;
  const wanted = centred ? (anchor.left + anchor.right - width) / 2 : anchor.left;
  const left = Math.max(EDGE, Math.min(wanted, room.width - width - EDGE));
  const top = above ? Math.max(EDGE, anchor.top - GAP - height) : anchor.bottom + GAP;
  return { left, top, above };
}
