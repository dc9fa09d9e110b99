import { open } from 'node:fs/promises';

export type PictureKind = 'png' | 'jpeg' | 'tiff' | 'webp';

/** What a file's first bytes say that it is; null for anything else, DICOM and NIfTI among it. */
export async function pictureKindOf(file: string): Promise<PictureKind | null> {
  const handle = await open(file).catch(() => null);
  if (handle === null) return null;
  try {
    const { buffer } = await handle.read(Buffer.alloc(12), 0, 12, 0);
    const text = buffer.toString('latin1');
    if (text.startsWith('\x89PNG')) return 'png';
    if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
    if (/^(II[*+]\0|MM\0[*+])/.test(text)) return 'tiff';
    return /^RIFF....WEBP/s.test(text) ? 'webp' : null;
  } finally {
    await handle.close();
  }
}
