// The reading of one packed study in any browser, without a network. main/handlers/review-offline.ts puts frame.js, answers.js, this
// script and the study into one page; they meet in globalThis.
'use strict';

const { study, makeFrame, signAnswers } = globalThis;

const { design, designSha256, question, sequences } = study;
const storeName = `verisim-reading-${designSha256}`;
const element = (id) => document.getElementById(id);
const [intro, screen, paused, end] = ['intro', 'screen', 'paused', 'end'].map(element);

/** Everything of this reader, as it is kept in the browser: { keys, readings: [{ readingId, reader, session, … }] }. */
let kept = load();
let reading = null;
let given = null;
let clock = { spentMs: 0, since: null };
let timer;
let shownUrls = [];

start();

function load() {
  try {
    return JSON.parse(localStorage.getItem(storeName) ?? 'null') ?? { keys: null, readings: [] };
  } catch {
    return { keys: null, readings: [] };
  }
}

/** A browser that keeps nothing for pages from the disk is told to the reader once. */
function keep() {
  try {
    localStorage.setItem(storeName, JSON.stringify(kept));
  } catch {
    element('unkept').hidden = false;
  }
}

function start() {
  element('title').textContent = design.title;
  element('asked').textContent = question.asked;
  const cases = sequences[0].length;
  const limit = design.timeLimitSeconds === null ? '' : ` Each case is shown for ${design.timeLimitSeconds} seconds.`;
  element('what').textContent =
    `${cases} cases.${limit} Answer by key or by mouse; P pauses. Answers are kept in this browser as you give them, so you can stop and go on later.`;
  const last = kept.readings.at(-1);
  if (last !== undefined) {
    element('pseudonym').value = last.reader.pseudonym;
    element('years').value = last.reader.yearsOfExperience ?? '';
    element('specialty').value = last.reader.specialty;
    if (last.finishedAt === null) element('begin').textContent = `Go on at case ${last.answers.length + 1}`;
  }
  element('about').addEventListener('submit', (event) => {
    event.preventDefault();
    begin();
  });
  document.addEventListener('keydown', onKey);
  document.addEventListener('visibilitychange', () => document.hidden && pause());
  element('pause').addEventListener('click', () => pause());
  element('resume').addEventListener('click', resume);
  element('back').addEventListener('click', back);
  element('confirm').addEventListener('click', () => void confirm());
  element('save').addEventListener('click', () => void save());
  element('comment').hidden = !design.tools.comment;
  element('comment').addEventListener('input', () => (given.comment = element('comment').value));
  element('mark').hidden = !design.tools.mark;
  element('mark').addEventListener('click', () => {
    given.mark = null;
    drawMark();
  });
  for (const option of question.options) {
    element('options').append(button(`${option.name} `, option.keys[0].toUpperCase(), () => choose(option.choice)));
  }
  for (const [level, word] of question.needsConfidence ? question.confidences : []) {
    element('confidences').append(button(`${word} `, String(level), () => rate(level)));
  }
}

function button(text, key, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.append(text, Object.assign(document.createElement('kbd'), { textContent: key }));
  made.addEventListener('click', act);
  return made;
}

function begin() {
  const years = element('years').value;
  const reader = {
    pseudonym: element('pseudonym').value.trim(),
    yearsOfExperience: years === '' ? null : Number(years),
    specialty: element('specialty').value.trim(),
  };
  if (reader.pseudonym === '') return;
  const own = kept.readings.filter((one) => one.reader.pseudonym === reader.pseudonym);
  const open = own.find((one) => one.finishedAt === null);
  const done = own.filter((one) => one.finishedAt !== null);
  if (open === undefined && done.length > 0) {
    if (done.length >= sequences.length) return finish(done.at(-1));
    const next = Date.parse(done.at(-1).finishedAt) + design.washOutDays * 86_400_000;
    if (Date.now() < next) {
      element('wait').textContent = `The next session can begin on ${new Date(next).toLocaleDateString()}.`;
      return;
    }
  }
  reading = open ?? {
    readingId: `offline-${crypto.randomUUID()}`,
    reader,
    session: done.length + 1,
    startedAt: new Date().toISOString(),
    finishedAt: null,
    answers: [],
  };
  if (open === undefined) kept.readings.push(reading);
  keep();
  intro.hidden = true;
  screen.hidden = false;
  void document.documentElement.requestFullscreen?.().catch(() => undefined);
  void show(reading.answers.length);
}

/** The training cases come first, as in the application; their feedback is the right choice. */
async function show(position, before = null) {
  const sequence = sequences[reading.session - 1];
  if (position >= sequence.length) return finish(reading);
  clearTimeout(timer);
  given = before ?? { position, choice: null, confidence: null, elapsedMs: 0, mark: null, comment: '' };
  clock = { spentMs: given.elapsedMs, since: null };
  element('feedback').textContent = '';
  element('comment').value = given.comment;
  const training = position < design.training.length;
  element('count').textContent = `Case ${position + 1} of ${sequence.length}${training ? ', training' : ''}`;
  element('back').disabled = position === 0 || before !== null || training || position - 1 < design.training.length;
  const stage = element('stage');
  stage.replaceChildren();
  for (const url of shownUrls) URL.revokeObjectURL(url);
  shownUrls = [];
  const images = await Promise.all(design.items[sequence[position]].map(decode));
  if (given.position !== position) return;
  stage.replaceChildren(...images.map((image, place) => frameOf(image, place)));
  drawMark();
  drawChoice();
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  clock.since = performance.now();
  if (design.timeLimitSeconds !== null)
    timer = setTimeout(() => stage.replaceChildren(), design.timeLimitSeconds * 1000);
}

async function decode(number) {
  const bytes = Uint8Array.from(atob(study.images[number]), (character) => character.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type: 'image/png' }));
  shownUrls.push(url);
  const image = new Image();
  image.src = url;
  image.draggable = false;
  await image.decode();
  return image;
}

function frameOf(image, place) {
  const several = design.items[0].length > 1;
  const label = several ? question.options[place].name : 'The image to judge';
  return makeFrame({ image, label, tools: design.tools, onmark: (at, radius) => setMark(place, at, radius) });
}

function setMark(image, { x, y }, radius) {
  given.mark = { image, x, y, radius };
  drawMark();
}

function drawMark() {
  for (const [place, svg] of [...document.querySelectorAll('.surface svg')].entries()) {
    svg.replaceChildren();
    if (given.mark === null || given.mark.image !== place) continue;
    const circle = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
    for (const [name, value] of [
      ['cx', given.mark.x],
      ['cy', given.mark.y],
      ['r', given.mark.radius],
    ])
      circle.setAttribute(name, value);
    svg.append(circle);
  }
  element('mark').disabled = given.mark === null;
  element('mark').textContent = given.mark === null ? 'Drag on the image to mark a region' : 'Take the mark away';
}

function drawChoice() {
  const pressed = (group, at) => {
    for (const [place, one] of [...element(group).children].entries())
      one.setAttribute('aria-pressed', String(place === at));
  };
  pressed(
    'options',
    question.options.findIndex(({ choice }) => choice === given.choice),
  );
  pressed(
    'confidences',
    question.confidences.findIndex(([level]) => level === given.confidence),
  );
  for (const [place, frame] of [...document.querySelectorAll('.frame')].entries())
    frame.classList.toggle('chosen', design.items[0].length > 1 && given.choice === place);
  element('confirm').disabled = !complete();
}

const complete = () => given.choice !== null && (given.confidence !== null || !question.needsConfidence);
const answerable = () => clock.since !== null && paused.hidden && element('feedback').textContent === '';

function choose(choice) {
  if (!answerable()) return;
  given.choice = choice;
  drawChoice();
}

function rate(level) {
  if (!answerable()) return;
  given.confidence = level;
  drawChoice();
}

async function confirm() {
  if (element('feedback').textContent !== '') return show(given.position + 1);
  if (!answerable() || !complete()) return;
  stopClock();
  const { position, choice, mark } = given;
  const answer = {
    position,
    choice,
    confidence: given.confidence ?? 4,
    elapsedMs: clock.spentMs,
    mark,
    comment: given.comment,
  };
  reading.answers = [...reading.answers.filter((one) => one.position !== position), answer];
  keep();
  const training = design.training[position];
  if (training === undefined) return show(reading.answers.length);
  const right = question.options.find((option) => option.choice === training.right)?.name ?? '';
  element('feedback').textContent =
    `${training.right === choice ? 'Right' : 'Not right'}: the answer is “${right}”. Enter shows the next case.`;
}

function back() {
  if (element('back').disabled) return;
  void show(
    given.position - 1,
    reading.answers.find((one) => one.position === given.position - 1),
  );
}

function stopClock() {
  if (clock.since !== null) clock.spentMs += performance.now() - clock.since;
  clock.since = null;
}

function pause() {
  if (screen.hidden || !paused.hidden || given === null) return;
  stopClock();
  element('stage').style.visibility = 'hidden';
  paused.hidden = false;
  element('resume').focus();
}

function resume() {
  paused.hidden = true;
  element('stage').style.visibility = 'visible';
  clock.since = performance.now();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || screen.hidden) return;
  if (event.target instanceof HTMLInputElement && event.key !== 'Enter') return;
  const key = event.key.toLowerCase();
  if (!paused.hidden) {
    if (key === 'p') resume();
    return;
  }
  const option = question.options.find(({ keys }) => keys.includes(event.key) || keys.includes(key));
  const confidence = question.needsConfidence
    ? question.confidences.find(([level]) => String(level) === event.key)
    : undefined;
  if (event.key === 'Enter') void confirm();
  else if (option !== undefined) choose(option.choice);
  else if (confidence !== undefined) rate(confidence[0]);
  else if (event.key === 'Backspace') back();
  else if (key === 'p' || event.key === 'Escape') pause();
  else return;
  if (event.key === 'Enter') document.activeElement?.blur();
  event.preventDefault();
}

/** No result, whatever the design says: the truth is not in this page. */
function finish(done) {
  clearTimeout(timer);
  reading = done;
  reading.finishedAt ??= new Date().toISOString();
  reading.answers.sort((a, b) => a.position - b.position);
  keep();
  void document.exitFullscreen?.().catch(() => undefined);
  intro.hidden = screen.hidden = paused.hidden = true;
  element('thanks').textContent =
    `All ${reading.answers.length} answers are kept. Save them as a file and send it back.`;
  end.hidden = false;
  element('save').focus();
}

async function save() {
  const { readingId, reader, session, startedAt, finishedAt, answers } = reading;
  const body = {
    format: 'verisim-answers',
    version: 1,
    designSha256,
    readingId,
    reader,
    session,
    startedAt,
    finishedAt,
    answers,
  };
  const { text, keys } = await signAnswers(body, kept.keys);
  kept.keys = keys;
  keep();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const name = reader.pseudonym.replace(/[^\w-]+/g, '_');
  link.download = `${name}-session-${session}.verisim-answers`;
  link.click();
  element('thanks').textContent = `Saved as ${link.download}. Thank you.`;
}
