// Signs the answers with a key of this browser (ECDSA, P-256), made at first use; `keys` is that of before, or null.
'use strict';

globalThis.signAnswers = async function signAnswers(body, keys) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const known = keys ?? (await newKeys(algorithm));
  const own = await crypto.subtle.importKey('jwk', known.own, algorithm, false, ['sign']);
  const bytes = new TextEncoder().encode(globalThis.canonicalJson(body));
  const signature = base64(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, own, bytes));
  return { text: `${JSON.stringify({ body, machine: known.machine, signature }, null, 1)}\n`, keys: known };
};

async function newKeys(algorithm) {
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  return {
    own: await crypto.subtle.exportKey('jwk', pair.privateKey),
    machine: base64(await crypto.subtle.exportKey('spki', pair.publicKey)),
  };
}

function base64(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer)));
}
