// Pictures made of pixels, in the page's own tones: grey images are drawn as ink on paper.
import type { Images } from "../api/types.ts";
import { mix, pack, palette } from "./colours.ts";

const inkTables: [Uint32Array | undefined, Uint32Array | undefined] = [undefined, undefined];

// 256 tones from paper (0) to ink (255).
function inkTable(dark: boolean): Uint32Array {
  const place = dark ? 1 : 0;
  const known = inkTables[place];
  if (known) return known;
  const { paper, ink } = palette(dark);
  const table = Uint32Array.from({ length: 256 }, (_, byte) => pack(mix(paper, ink, byte / 255)));
  inkTables[place] = table;
  return table;
}

/** The pixels of one of several images, ready for a canvas; coloured ones as they are. */
export function imagePixels(images: Images, index: number, dark: boolean): Uint32Array<ArrayBuffer> {
  const size = images.width * images.height;
  const pixels = new Uint32Array(size);
  const start = index * size * images.channels;
  const { pixels: bytes, channels } = images;
  if (channels === 1) {
    const table = inkTable(dark);
    for (let place = 0; place < size; place++) pixels[place] = table[bytes[start + place] ?? 0]!;
  } else {
    for (let place = 0; place < size; place++) {
      const at = start + place * 3;
      pixels[place] = pack([bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0]);
    }
  }
  return pixels;
}
