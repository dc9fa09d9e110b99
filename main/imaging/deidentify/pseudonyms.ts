import { createHmac } from 'node:crypto';
import { uidOfHash } from '../export/uid.ts';

/** Stand-ins that depend on a secret key and the original alone: equal in all files and runs that share the key. */
export interface Pseudonyms {
  uid(original: string): string;
  patient(id: string): string;
  /** By how many days the dates of a patient are moved: 1 to 3,650 into the past. */
  shiftDays(patientId: string): number;
}

/** Without the key nobody can tell an original from its stand-in, not even by trying all identifiers (RFC 2104). */
export function createPseudonyms(key: string): Pseudonyms {
  const hash = (kind: string, original: string) => createHmac('sha256', key).update(`${kind} ${original}`).digest();
  return {
    uid: (original) => uidOfHash(hash('uid', original)),
    patient: (id) => `ANON-${hash('patient', id).toString('hex').slice(0, 12).toUpperCase()}`,
    shiftDays: (id) => 1 + (hash('days', id).readUInt32BE(0) % 3650),
  };
}
