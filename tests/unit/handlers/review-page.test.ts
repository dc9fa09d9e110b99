import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReviewSummary } from '../../../preload/review.ts';
import { canonicalJson } from '../../../main/review/canonical-json.ts';
import { repositoryRoot, temporaryFolder } from '../cli/verisim.ts';
import { studyPlan } from './requests.ts';
import { context, generate, openBench, openPhantom, type Bench } from './workspace.ts';

let bench: Bench;
let study: ReviewSummary;
let seriesId: string;
let runId: string;
beforeEach(async () => {
  bench = await openBench();
  ({ seriesId } = await openPhantom(bench));
  runId = (await generate(bench, { count: 8 })).id;
  study = await bench.handlers['reviews.create'](
    studyPlan(
      { real: { kind: 'series', seriesId }, synthetic: { kind: 'run', runId } },
      {
        title: 'Heads </script><b>',
        casesPerClass: 3,
        tools: { zoom: true, window: true, mark: true, comment: true },
      },
    ),
    context,
  );
});
afterEach(() => bench.workspace.close());

async function page(): Promise<string> {
  const file = path.join(temporaryFolder(), 'study.html');
  await bench.handlers['reviews.write']({ what: 'page', id: study.id, file }, context);
  return readFileSync(file, 'utf8');
}

interface Keys {
  own: object;
  machine: string;
}
type Sign = (body: object, keys: Keys | null) => Promise<{ text: string; keys: Keys }>;

/** The page's own signing, run in this process: it stands on WebCrypto alone. */
function signer(): Sign {
  const code = readFileSync(path.join(repositoryRoot, 'resources', 'offline-reader', 'answers.js'), 'utf8');
  const scope = globalThis as unknown as { signAnswers?: Sign; canonicalJson?: typeof canonicalJson };
  scope.canonicalJson = canonicalJson;
  new Function(code)();
  return scope.signAnswers!;
}

const body = (pseudonym: string) => ({
  format: 'verisim-answers',
  version: 1,
  designSha256: study.designSha256,
  readingId: `offline-${pseudonym}`,
  reader: { pseudonym, yearsOfExperience: 4, specialty: 'Thorax' },
  session: 1,
  startedAt: '2026-11-26T08:00:00.000Z',
  finishedAt: '2026-11-26T08:05:00.000Z',
  answers: Array.from({ length: 6 }, (_, position) => ({
    position,
    choice: position % 2,
    confidence: 3,
    elapsedMs: 1234.5,
    mark: position === 0 ? { image: 0, x: 0.5, y: 0.25, radius: 0.1 } : null,
    comment: position === 1 ? 'Kante übersteuert' : '',
  })),
});

function read(text: string): Promise<{ review: ReviewSummary | null }> {
  const file = path.join(temporaryFolder(), 'back.verisim-answers');
  writeFileSync(file, text);
  return bench.handlers['reviews.read']({ file }, context);
}

describe('a study as a page for any browser', () => {
  it('asks for nothing outside itself, and runs no script but its own', async () => {
    const html = await page();
    const [policy = ''] = /content="(default-src[^"]*)"/.exec(html)?.slice(1) ?? [];
    const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, code = '']) => code);
    expect(scripts).toHaveLength(1);
    const hash = createHash('sha256').update(scripts[0]!).digest('base64');
    expect(policy).toBe(`default-src 'none'; img-src blob:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`);
    expect(html.replace('http://www.w3.org/2000/svg', '').replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:\/\//,
    );
    expect(html).not.toContain('</script><b>');
  });

  it('tells neither truth nor origin of an image', async () => {
    const html = await page();
    for (const secret of [seriesId, runId, '"truth"', '"imageId"', 'phantom']) expect(html).not.toContain(secret);
    expect(html).toContain(study.designSha256);
  });

  it('gives back signed answers that are merged once, and refused when they were changed', async () => {
    const sign = signer();
    const { text, keys } = await sign(body('Dora'), null);
    await expect(read(text.replace('"choice": 0', '"choice": 1'))).rejects.toMatchObject({ tag: 'HashMismatch' });
    const { review } = await read(text);
    expect(review?.readings).toMatchObject([
      { reader: { pseudonym: 'Dora' }, answered: 6, state: 'finished', merged: true },
    ]);
    await expect(read(text)).rejects.toMatchObject({ tag: 'InvalidInput' });
    const second = await sign(body('Emil'), keys);
    expect(second.keys).toBe(keys);
    expect((await read(second.text)).review?.readings).toHaveLength(2);
    await bench.handlers['reviews.close']({ reviewId: study.id }, context);
    const result = await bench.handlers['reviews.result']({ reviewId: study.id }, context);
    expect(result.readers.map(({ n }) => n)).toEqual([6, 6]);
    expect(
      result.items.flatMap(({ answers }) => answers).filter(({ comment }) => comment === 'Kante übersteuert'),
    ).toHaveLength(2);
  });

  it('does not take a signature by a key of another kind', async () => {
    const { text } = await signer()(body('Dora'), null);
    const signed = JSON.parse(text) as { machine: string };
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, ['sign', 'verify']);
    signed.machine = Buffer.from(await crypto.subtle.exportKey('spki', pair.publicKey)).toString('base64');
    await expect(read(JSON.stringify(signed))).rejects.toMatchObject({ tag: 'HashMismatch' });
  });
});
