// Turns pictures as they travel (base64 in JSON, raw bytes behind a header on the socket) into pictures that can be drawn.
import type { Frame, Heatmap, Images, Picture, View } from "./types.ts";

/** A picture in JSON: the same as in the page, but for its bytes, which are base64 text. */
export type WirePicture =
  | Exclude<Picture, Heatmap | Images>
  | (Omit<Heatmap, "cells"> & { cells: string })
  | (Omit<Images, "pixels"> & { pixels: string });

/** A picture with its bytes decoded. */
export function unpack(picture: WirePicture): Picture {
  switch (picture.kind) {
    case "heatmap":
      return { ...picture, cells: bytes(picture.cells) };
    case "images":
      return { ...picture, pixels: bytes(picture.pixels) };
    case "matrix":
    case "points":
    case "bars":
    case "table":
    case "lines":
    case "tokens":
    case "trees":
    case "episode":
      return picture;
  }
}

/** A binary frame of the socket: u32 little-endian header length, header JSON, then the picture's bytes. */
export function decodeFrame(buffer: ArrayBuffer): Frame {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as {
    key: string;
    step: number;
    picture: Picture;
  };
  const body = new Uint8Array(buffer, 4 + length);
  const picture = header.picture;
  if (picture.kind === "heatmap") picture.cells = body;
  else if (picture.kind === "images") picture.pixels = body;
  return { key: JSON.parse(header.key) as View, step: header.step, picture };
}

function bytes(base64: string): Uint8Array {
  // Pydantic writes the URL-safe alphabet, atob reads the plain one.
  const text = atob(base64.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
