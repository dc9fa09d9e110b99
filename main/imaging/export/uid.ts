import { createHash } from 'node:crypto';

/**
 * A UID that depends on nothing but the text: 2.25 and the decimal value of a version 8 UUID (PS3.5 B.2, RFC 9562) made of
 * the first 122 free bits of its SHA-256.
 */
export function deriveUid(text: string): string {
  return uidOfHash(createHash('sha256').update(text).digest());
}

/** As `deriveUid`, of a hash of at least 16 bytes. */
export function uidOfHash(hash: Uint8Array): string {
  const bytes = Buffer.from(hash.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${bytes.toString('hex')}`)}`;
}
