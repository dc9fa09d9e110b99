import type { Annotation } from '../../preload/annotations.ts';
import { deserialiseError, serialiseError, type VerisimError } from '../../preload/errors.ts';
import type { Client } from '../client.ts';

/** One step that can be undone: an annotation before and after it; null where there was or is none. */
interface Step {
  before: Annotation | null;
  after: Annotation | null;
}

const none: Annotation[] = [];
const mostSteps = 200;

/** What is drawn on the series in view, kept in the log as it is drawn; every change can be undone. */
export class AnnotationsState {
  bySeries = $state.raw<Readonly<Record<string, Annotation[]>>>({});
  selectedId = $state<string | null>(null);
  error = $state.raw<VerisimError | null>(null);
  done = $state.raw<Step[]>([]);
  undone = $state.raw<Step[]>([]);
  readonly #client: Client;
  #saving: Promise<void> = Promise.resolve();

  constructor(client: Client) {
    this.#client = client;
  }

  of(seriesId: string): Annotation[] {
    return this.bySeries[seriesId] ?? none;
  }

  async load(seriesId: string): Promise<void> {
    if (this.bySeries[seriesId] !== undefined) return;
    try {
      const { annotations } = await this.#client.call('annotations.list', { seriesId });
      if (this.bySeries[seriesId] === undefined) this.bySeries = { ...this.bySeries, [seriesId]: annotations };
    } catch (error) {
      this.error = deserialiseError(serialiseError(error));
    }
  }

  /** Adds an annotation, or changes the one with its id. */
  put(annotation: Annotation): void {
    const before = this.of(annotation.seriesId).find(({ id }) => id === annotation.id) ?? null;
    this.#do({ before, after: annotation });
  }

  remove(annotation: Annotation): void {
    if (this.selectedId === annotation.id) this.selectedId = null;
    this.#do({ before: annotation, after: null });
  }

  /** Marks a slice, or takes its mark away. */
  toggleKeyImage(mark: Annotation): void {
    const { seriesId, sliceIndex } = mark;
    const there = this.of(seriesId).find(
      (one) => one.kind === 'keyImage' && one.sliceIndex === sliceIndex && samePlane(one, mark),
    );
    if (there === undefined) this.put(mark);
    else this.remove(there);
  }

  undo(): void {
    const step = this.done.at(-1);
    if (step === undefined) return;
    this.done = this.done.slice(0, -1);
    this.undone = [...this.undone, step];
    this.#apply(step.after, step.before);
  }

  redo(): void {
    const step = this.undone.at(-1);
    if (step === undefined) return;
    this.undone = this.undone.slice(0, -1);
    this.done = [...this.done, step];
    this.#apply(step.before, step.after);
  }

  #do(step: Step): void {
    this.done = [...this.done.slice(1 - mostSteps), step];
    this.undone = [];
    this.#apply(step.before, step.after);
  }

  #apply(from: Annotation | null, to: Annotation | null): void {
    const seriesId = to?.seriesId ?? from?.seriesId;
    if (seriesId === undefined) return;
    const list = this.of(seriesId);
    const id = to?.id ?? from?.id;
    const next = to === null ? list.filter((one) => one.id !== id) : replaced(list, to);
    this.bySeries = { ...this.bySeries, [seriesId]: next };
    const change = { saved: to === null ? [] : [to], removed: to === null && from !== null ? [from.id] : [] };
    // One after the other, so that the log ends as the screen does.
    this.#saving = this.#saving.then(async () => {
      try {
        await this.#client.call('annotations.save', change);
        this.error = null;
      } catch (error) {
        this.error = deserialiseError(serialiseError(error));
      }
    });
  }
}

function replaced(list: Annotation[], annotation: Annotation): Annotation[] {
  return list.some(({ id }) => id === annotation.id)
    ? list.map((one) => (one.id === annotation.id ? annotation : one))
    : [...list, annotation].sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

function samePlane(a: Annotation, b: Annotation): boolean {
  const along = (one: Annotation) =>
    [...one.rightLps, ...one.downLps].map((value) => Math.round(Math.abs(value) * 100));
  return along(a).join() === along(b).join();
}
