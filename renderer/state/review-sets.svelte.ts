import type { RunRow } from '../../preload/domain.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type { MeasureFolder, SetPart } from '../../preload/measure.ts';
import type { ReaderAnswer, ReviewSetSurvey, ReviewSurvey } from '../../preload/review.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';
import { chooseFolder } from './choose-folder.ts';

type Chosen = Record<ReaderAnswer, SetPart[]>;

/** The real and the synthetic set of the next review, and what the engine says of them. */
export class ReviewSetsState {
  folders = $state.raw<MeasureFolder[]>([]);
  /** Finished tilings of slides, newest first. */
  tilings = $state.raw<RunRow[]>([]);
  /** What the person chose; null: the first set that there is. */
  chosen = $state.raw<Record<ReaderAnswer, SetPart[] | null>>({ real: null, synthetic: null });
  /** Null until the chosen sets were looked at. */
  survey = $state.raw<ReviewSurvey | null>(null);
  error = $state.raw<VerisimError | null>(null);
  readonly #client: Client;
  #turn = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Begins to listen; the returned function ends it. */
  start(): () => void {
    void this.load();
    return this.#client.on('runs.changed', ({ kind, state }) => {
      if (kind === 'tiling' && state === 'done') void this.load();
    });
  }

  async load(): Promise<void> {
    await attempt(this, async () => {
      this.folders = (await this.#client.call('measure.choices', {})).folders;
      this.tilings = (await this.#client.call('runs.list', { kind: 'tiling', state: 'done' })).rows;
    });
  }

  choose(truth: ReaderAnswer, parts: SetPart[]): void {
    this.chosen = { ...this.chosen, [truth]: parts };
  }

  /** Shows the folder dialog; null when it was dismissed. */
  chooseFolder(): Promise<SetPart | null> {
    return chooseFolder(this, this.#client);
  }

  /** Looks at the sets; an answer that another choice has overtaken is dropped. */
  async look(sets: Chosen): Promise<void> {
    const turn = ++this.#turn;
    await attempt(this, async () => {
      const survey = await this.#client.call('reviews.survey', sets);
      if (turn === this.#turn) this.survey = survey;
    });
  }

  /** What is known of one part; null until it was looked at. */
  about(truth: ReaderAnswer, part: SetPart): ReviewSetSurvey | null {
    const wanted = JSON.stringify(part);
    return this.survey?.[truth].find((one) => JSON.stringify(one.part) === wanted) ?? null;
  }
}
