import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { access, link, readFile, rename, rm } from 'node:fs/promises';
import { VerisimError } from '../../preload/errors.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import type { DataFolder } from '../log/data-folder.ts';
import { canonicalJson } from '../review/canonical-json.ts';
import type { StudyKey } from '../review/design.ts';

/**
 * Encrypts the key of a study (AES-256-GCM) with a secret of its own, which lies in a file that only this user may read,
 * apart from the log and from every file that leaves the machine. It keeps readers, copies of the log and packed studies
 * from the truth; it does not keep it from whoever may read the whole data folder.
 */
export async function sealKey(folder: DataFolder, reviewId: string, key: StudyKey): Promise<string> {
  const secret = randomBytes(32);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce);
  const sealed = Buffer.concat([cipher.update(canonicalJson(key), 'utf8'), cipher.final()]);
  await writeSecret(folder.reviewSecret(reviewId), secret.toString('base64'));
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

/** Throws ReviewLocked where the secret is gone, HashMismatch where the sealed key was changed. */
export async function openKey(folder: DataFolder, reviewId: string, sealed: string): Promise<StudyKey> {
  const file = folder.reviewSecret(reviewId);
  const secret = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new VerisimError(
      'ReviewLocked',
      `The key of the study ${reviewId} cannot be opened: its secret ${file} is missing. Restore the data folder from a copy.`,
      { path: file, expected: 'the secret of the study', found: 'no file', cause },
    );
  });
  const bytes = Buffer.from(sealed, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(secret, 'base64'), bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    const plain = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    return JSON.parse(plain) as StudyKey;
  } catch (cause) {
    throw new VerisimError('HashMismatch', `The key of the study ${reviewId} was changed and cannot be trusted.`, {
      expected: 'the key that was sealed',
      found: 'other bytes',
      cause,
    });
  }
}

export interface Signed<Body> {
  body: Body;
  /** Base64 SPKI of the machine that signed. */
  machine: string;
  /** Over canonicalJson(body), base64: Ed25519, or ECDSA P-256 of a browser. */
  signature: string;
}

/**
 * Signs with the Ed25519 key of this data folder, made at first use. The signature proves that the body was not changed
 * since and came from the same data folder as others with that key; it proves nothing about who sat there.
 */
export async function signBody<Body>(folder: DataFolder, body: Body): Promise<Signed<Body>> {
  const privateKey = createPrivateKey(await signingKey(folder.signingKey));
  const machine = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
  const signature = sign(null, Buffer.from(canonicalJson(body), 'utf8'), privateKey).toString('base64');
  return { body, machine, signature };
}

export function isSigned({ body, machine, signature }: Signed<unknown>): boolean {
  try {
    const publicKey = createPublicKey({ key: Buffer.from(machine, 'base64'), type: 'spki', format: 'der' });
    const [text, signed] = [Buffer.from(canonicalJson(body), 'utf8'), Buffer.from(signature, 'base64')];
    if (publicKey.asymmetricKeyType === 'ed25519') return verify(null, text, publicKey, signed);
    // Browsers that read a study as a page sign with what all of them have: ECDSA over P-256, as WebCrypto writes it.
    const isP256 = publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1';
    return isP256 && verify('sha256', text, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signed);
  } catch {
    return false;
  }
}

async function signingKey(file: string): Promise<string> {
  const known = await readFile(file, 'utf8').catch(() => null);
  if (known !== null) return known;
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  // Whole before it has its name; of two processes that come here at once the first one's key stays.
  const own = `${file}.${process.pid}`;
  await writeSecret(own, pem);
  // Not every file system has links.
  await link(own, file).catch(() => access(file).catch(() => rename(own, file)));
  await rm(own, { force: true });
  return readFile(file, 'utf8');
}

/** For this user only, from its first byte on. */
async function writeSecret(file: string, content: string): Promise<void> {
  await writeFileAtomic(file, content, { mode: 0o600 });
}
