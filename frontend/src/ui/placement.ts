// Where a floating box goes: beside its anchor, inside the window.

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const GAP = 6;
const EDGE = 8;

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
