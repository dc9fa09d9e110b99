import { readFile } from 'node:fs/promises';

/** What stands in the JSON file beside a NIfTI that Verisim wrote. */
export interface NiftiSidecar {
  synthetic: boolean;
  /** SHA-256 of the NIfTI file's bytes. */
  sha256: string;
}

export function sidecarPath(niftiPath: string): string {
  return `${niftiPath.replace(/\.gz$/i, '').replace(/\.(nii|hdr|img)$/i, '')}.json`;
}

/** Null where there is no side-car or it is not ours (BIDS has JSON side-cars as well). */
export async function readSidecar(niftiPath: string): Promise<NiftiSidecar | null> {
  const text = await readFile(sidecarPath(niftiPath), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return null;
    const synthetic = 'SyntheticData' in parsed && parsed.SyntheticData === true;
    const sha256 = 'Sha256' in parsed && typeof parsed.Sha256 === 'string' ? parsed.Sha256 : '';
    return { synthetic, sha256 };
  } catch {
    return null;
  }
}
