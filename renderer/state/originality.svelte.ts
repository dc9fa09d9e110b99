import type { CallInput } from '../../preload/contract.ts';
import type { ExportFormat, RunRow } from '../../preload/domain.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type { SetPart } from '../../preload/measure.ts';
import type { CheckedPair, OriginalityCheck, OriginalityDecision } from '../../preload/originality.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';

/** An export of synthetic images that waits for the question whether one of them repeats a real image. */
interface WaitingExport {
  request: Omit<CallInput<'exports.choose'>, 'originality'>;
  /** Told of the files that were written; none where the folder dialog was dismissed. */
  done: (files: string[]) => void;
}

export type Choice = { kind: 'exclude' } | { kind: 'keep'; reason: string };
const fewestLetters = 3;

/** The gate before every export of generated images: look, decide on each suspect, then write. */
export class OriginalityState {
  waiting = $state.raw<WaitingExport | null>(null);
  against = $state.raw<SetPart[]>([]);
  check = $state.raw<OriginalityCheck | null>(null);
  run = $state.raw<RunRow | null>(null);
  busy = $state(false);
  error = $state.raw<VerisimError | null>(null);
  threshold = $state(1);
  choices = $state.raw<Readonly<Record<number, Choice>>>({});
  /** Why nothing is looked at. */
  reason = $state('');
  /** A series leaves as a whole: no slice can be left out. */
  readonly whole: boolean = $derived(this.waiting?.request.set.kind === 'series');
  readonly suspects: CheckedPair[] = $derived(this.check?.pairs.filter(({ score }) => score > this.threshold) ?? []);
  readonly undecided: number = $derived(
    this.suspects.filter(({ index }) => {
      const choice = this.choiceOf(index);
      return choice.kind === 'keep' && choice.reason.trim().length < fewestLetters;
    }).length,
  );
  readonly excluded: number[] = $derived(
    this.suspects.map(({ index }) => index).filter((index) => this.choiceOf(index).kind === 'exclude'),
  );
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Begins to listen; the returned function ends it. */
  start(): () => void {
    return this.#client.on('runs.changed', (row) => {
      if (row.kind !== 'originality') return;
      const over = row.state === 'done' || row.state === 'failed' || row.state === 'cancelled';
      this.run = over ? null : row;
    });
  }

  /** Before images of a run leave. */
  askForRun(runId: string, format: ExportFormat, done: WaitingExport['done']): Promise<void> {
    return this.ask({ request: { set: { kind: 'run', runId }, format, deidentify: false }, done });
  }

  async ask(waiting: WaitingExport): Promise<void> {
    this.waiting = waiting;
    this.#take(null);
    await attempt(this, async () => {
      const { check, against } = await this.#client.call('originality.find', { set: waiting.request.set });
      if (this.waiting !== waiting) return;
      this.against = against;
      this.#take(check);
    });
  }

  close(): void {
    this.waiting = null;
  }

  async look(): Promise<void> {
    const { waiting } = this;
    if (waiting === null || this.busy || this.against.length === 0) return;
    this.busy = true;
    await attempt(this, async () => {
      const { set } = waiting.request;
      const check = await this.#client.call('originality.check', { set, against: this.against });
      if (this.waiting === waiting) this.#take(check);
    });
    if (this.error?.tag === 'Cancelled') this.error = null;
    this.busy = false;
  }

  async cancel(): Promise<void> {
    const runId = this.run?.id;
    if (runId !== undefined) await attempt(this, () => this.#client.call('runs.cancel', { runId }));
  }

  /** Looks again, among other images. */
  again(): void {
    this.#take(null);
  }

  choiceOf(index: number): Choice {
    return this.choices[index] ?? (this.whole ? { kind: 'keep', reason: '' } : { kind: 'exclude' });
  }

  choose(index: number, choice: Choice): void {
    this.choices = { ...this.choices, [index]: choice };
  }

  /** Writes what was decided on. */
  async write(decision: 'checked' | 'unchecked'): Promise<void> {
    const { waiting, check, threshold, excluded, suspects } = this;
    if (waiting === null || (decision === 'checked' && check === null)) return;
    const kept = suspects.flatMap(({ index }) => {
      const choice = this.choiceOf(index);
      return choice.kind === 'keep' ? [{ index, reason: choice.reason.trim() }] : [];
    });
    const originality: OriginalityDecision =
      decision === 'checked' && check !== null
        ? { kind: 'checked', checkId: check.checkId, threshold, excluded, kept }
        : { kind: 'unchecked', reason: this.reason.trim() };
    await attempt(this, async () => {
      const { files } = await this.#client.call('exports.choose', { ...waiting.request, originality });
      this.waiting = null;
      waiting.done(files);
    });
  }

  #take(check: OriginalityCheck | null): void {
    this.check = check;
    this.threshold = check?.threshold ?? 1;
    this.choices = {};
    this.reason = '';
  }
}
