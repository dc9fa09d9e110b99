/**
 * A tile of TIFF compression 7 as a stream that any JPEG decoder reads: the tables of the directory (TIFF Technical Note 2)
 * come first, then the tile's own markers. What the three components are, the directory's photometric tag says (OpenSlide
 * does the same); decoders look at Adobe's marker, and without one they guess YCbCr, which turns Aperio's RGB tiles violet.
 */
export function jpegStream(tile: Buffer, tables: Buffer | null, colour: 'rgb' | 'ycbcr' | null): Buffer {
  const parts: Buffer[] = [Buffer.of(0xff, 0xd8)];
  if (colour !== null) parts.push(adobeMarker(colour === 'rgb' ? 0 : 1));
  if (tables !== null) parts.push(...segments(tables, colour !== null));
  parts.push(...segments(tile, colour !== null));
  return Buffer.concat(parts);
}

/** Everything after SOI, without EOI where the stream holds tables only, and without the file's own Adobe marker where asked. */
function segments(stream: Buffer, dropAdobe: boolean): Buffer[] {
  const parts: Buffer[] = [];
  let at = stream[0] === 0xff && stream[1] === 0xd8 ? 2 : 0;
  while (at + 4 <= stream.length && stream[at] === 0xff) {
    const marker = stream[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    // The scan, its restarts and what follows are taken as they are.
    if (marker === 0xda || marker === 0xd9) break;
    const end = at + 2 + stream.readUInt16BE(at + 2);
    if (!(dropAdobe && marker === 0xee)) parts.push(stream.subarray(at, end));
    at = end;
  }
  const rest = stream.subarray(at);
  return rest[0] === 0xff && rest[1] === 0xd9 ? parts : [...parts, rest];
}

function adobeMarker(transform: 0 | 1): Buffer {
  return Buffer.from([0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, transform]);
}
