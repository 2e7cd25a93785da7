// Drawing once a frame, however often the data changes.

/** Draws at the next frame; the returned function takes that back (so it can be the clean-up of an effect). */
export function onNextFrame(draw: () => void): () => void {
  const request = requestAnimationFrame(draw);
  return () => cancelAnimationFrame(request);
}
