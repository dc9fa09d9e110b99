/** Decoded tiles by key, the least recently used thrown out beyond so many bytes. Tiles asked for twice at once are decoded once. */
export interface TileCache {
  get(key: string, decode: () => Promise<Uint8Array>): Promise<Uint8Array>;
}

export function createTileCache(mostBytes: number): TileCache {
  const tiles = new Map<string, Promise<Uint8Array>>();
  const sizes = new Map<string, number>();
  let bytes = 0;
  const drop = (key: string): void => {
    bytes -= sizes.get(key) ?? 0;
    sizes.delete(key);
    tiles.delete(key);
  };
  return {
    get(key, decode) {
      const known = tiles.get(key);
      if (known !== undefined) {
        tiles.delete(key);
        tiles.set(key, known);
        return known;
      }
      const tile = decode();
      tiles.set(key, tile);
      tile.then(
        (values) => {
          if (tiles.get(key) !== tile) return;
          sizes.set(key, values.byteLength);
          bytes += values.byteLength;
          for (const oldest of [...sizes.keys()]) {
            if (bytes <= mostBytes || oldest === key) break;
            drop(oldest);
          }
        },
        () => drop(key),
      );
      return tile;
    },
  };
}
