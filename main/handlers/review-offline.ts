import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { VerisimError } from '../../preload/errors.ts';
import { askedQuestion, certainties, confidences } from '../../preload/review-questions.ts';
import { canonicalJson } from '../review/canonical-json.ts';
import { sequenceOf } from '../review/design.ts';
import type { Workspace } from './dependencies.ts';
import { studyParts } from './review-packing.ts';

/** Browsers read pages of several hundred megabytes slowly, and some not at all. */
const mostBytes = 400e6;

/**
 * A study as one web page that asks for nothing outside itself: it is read in any browser, keeps the answers there as they are given, and
 * hands them over as a signed file. Like the pack it holds neither truth nor origin of an image; training cases carry their right answer,
 * as feedback needs it. Throws UnknownReview, InvalidInput for a review of an earlier version, TooLarge.
 */
export async function offlineReader(workspace: Workspace, reviewId: string): Promise<string> {
  const { design, designSha256, images } = await studyParts(workspace, reviewId);
  const bytes = images.reduce((sum, { length }) => sum + length, 0);
  if (bytes > mostBytes) {
    throw new VerisimError(
      'TooLarge',
      `The images of this study take ${Math.round(bytes / 1e6)} MB, too much for a page. Save it for readers with Verisim instead.`,
      { expected: `at most ${mostBytes} bytes`, found: String(bytes) },
    );
  }
  const folder = path.join(workspace.applicationRoot, 'resources', 'offline-reader');
  const file = (name: string): Promise<string> => readFile(path.join(folder, name), 'utf8');
  const scripts = await Promise.all(['frame.js', 'answers.js', 'reader.js'].map(file));
  const { question, choices } = design;
  const study = {
    design,
    designSha256,
    sequences: design.orders.map((_, at) => sequenceOf(design, at + 1)),
    question: {
      ...askedQuestion({ question, choices }),
      needsConfidence: question !== 'quality',
      confidences: confidences.map((level) => [level, certainties[level]]),
    },
    images: images.map((png) => png.toString('base64')),
  };
  const code = [
    "globalThis.study = JSON.parse(document.getElementById('study').textContent);",
    `globalThis.canonicalJson = ${canonicalJson.toString()};`,
    // Each in a scope of its own.
    ...scripts.map((script) => `(() => {\n${script}\n})();`),
  ].join('\n');
  return page({
    title: design.title,
    style: await file('reader.css'),
    code,
    study: JSON.stringify(study).replaceAll('<', '\\u003c'),
  });
}

function page({ title, style, code, study }: { title: string; style: string; code: string; study: string }): string {
  const hash = createHash('sha256').update(code).digest('base64');
  const policy = `default-src 'none'; img-src blob:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<section id="intro">
  <h1 id="title"></h1>
  <p id="asked"></p>
  <p id="what"></p>
  <form id="about">
    <label for="pseudonym">Pseudonym</label><input id="pseudonym" maxlength="80" required>
    <label for="years">Years of experience</label><input id="years" type="number" min="0" max="80">
    <label for="specialty">Specialty</label><input id="specialty" maxlength="120">
    <span></span><button id="begin" class="primary">Begin reading</button>
  </form>
  <p id="wait" role="status"></p>
  <p id="unkept" hidden>This browser keeps nothing for pages from the disk: read to the end without closing the page.</p>
</section>
<main id="screen" aria-label="Blind reading" hidden>
  <header><span id="count" aria-live="polite"></span>
    <button type="button" id="back">Change last answer <kbd>Backspace</kbd></button>
    <button type="button" id="pause">Pause <kbd>P</kbd></button></header>
  <div class="stage" id="stage"></div>
  <footer>
    <p id="feedback" role="status"></p>
    <div class="row">
      <div class="group" id="options" role="group" aria-label="Answer"></div>
      <div class="group" id="confidences" role="group" aria-label="Confidence"></div>
      <input id="comment" aria-label="Comment" placeholder="Comment" maxlength="2000">
      <button type="button" id="mark"></button>
      <button type="button" id="confirm" class="primary">Confirm <kbd>Enter</kbd></button>
    </div>
  </footer>
</main>
<section id="paused" aria-label="Paused" hidden>
  <h1>Paused</h1>
  <p>Time stands still. What you answered is kept; you can close the page and go on another day.</p>
  <button type="button" id="resume" class="primary">Go on reading</button>
</section>
<section id="end" aria-label="Finished" hidden>
  <h1>Finished</h1>
  <p id="thanks"></p>
  <button type="button" id="save" class="primary">Save the answers</button>
</section>
<script type="application/json" id="study">${study}</script>
<script>${code}</script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
