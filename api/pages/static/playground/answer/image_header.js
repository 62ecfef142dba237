// The type and the size of a picture, read from its bytes. A browser decodes a picture of any size, and a file of a few
// kilobytes can have gigabytes of pixels. So the page checks the size before it shows a picture.

/** Pixels that a picture may have to be shown. */
export const PIXELS_MOST = 25_000_000;

/**
 * Return the type and the size of a picture, null if the bytes are none that the page shows.
 *
 * @param {ArrayBuffer} bytes
 * @returns {{type: string, width: number, height: number} | null}
 */
export function readImageHeader(bytes) {
  const view = new DataView(bytes);
  for (const [type, read] of Object.entries(READERS)) {
    try {
      const size = read(view);
      if (size) return size.width > 0 && size.height > 0 ? { type, ...size } : null;
    } catch (error) {
      // It ends within its header.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return null;
}

const READERS = { "image/png": readPng, "image/gif": readGif, "image/jpeg": readJpeg, "image/webp": readWebp };

function readPng(view) {
  if (view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a || !hasName(view, 12, "IHDR")) return null;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** A browser enlarges a GIF to its largest frame, so all frames count. */
function readGif(view) {
  if (!hasName(view, 0, "GIF87a") && !hasName(view, 0, "GIF89a")) return null;
  let width = view.getUint16(6, true);
  let height = view.getUint16(8, true);
  let at = 13 + colourTable(view.getUint8(10));
  const skipBlocks = () => {
    while (view.getUint8(at) !== 0) at += view.getUint8(at) + 1;
    at += 1;
  };
  while (at < view.byteLength && view.getUint8(at) !== 0x3b) {
    if (view.getUint8(at) === 0x21) {
      // Some browsers read these extensions with their usual length, whatever the file says.
      const usual = USUAL_LENGTHS[view.getUint8(at + 1)];
      if (usual !== undefined && view.getUint8(at + 2) !== usual) return null;
      at += 2;
    } else if (view.getUint8(at) === 0x2c) {
      width = Math.max(width, view.getUint16(at + 1, true) + view.getUint16(at + 5, true));
      height = Math.max(height, view.getUint16(at + 3, true) + view.getUint16(at + 7, true));
      at += 11 + colourTable(view.getUint8(at + 9));
    } else {
      return null;
    }
    skipBlocks();
  }
  return { width, height };
}

/** The length of the first block of a graphic control extension, and of a plain text extension. */
const USUAL_LENGTHS = { 0xf9: 4, 0x01: 12 };

function colourTable(flags) {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

/** The size is in the frame header. Pictures in the metadata have one too, in segments that are skipped. */
function readJpeg(view) {
  if (view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; view.getUint8(at) === 0xff; ) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    // A browser reads no length after these, and 0 is no marker. Otherwise a frame could hide from this function.
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += 2;
      continue;
    }
    if (marker === 0x00 || (marker >= 0xd8 && marker <= 0xda)) return null;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

function readWebp(view) {
  if (!hasName(view, 0, "RIFF") || !hasName(view, 8, "WEBP")) return null;
  if (hasName(view, 12, "VP8X")) return { width: uint24(view, 24) + 1, height: uint24(view, 27) + 1 };
  if (hasName(view, 12, "VP8L")) {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  if (!hasName(view, 12, "VP8 ")) return null;
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

function uint24(view, at) {
  return view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000;
}

function hasName(view, at, name) {
  return [...name].every((character, index) => view.getUint8(at + index) === character.charCodeAt(0));
}
