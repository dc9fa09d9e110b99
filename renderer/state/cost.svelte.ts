import type { CallInput } from '../../preload/contract.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type { ModelCost } from '../../preload/models.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';

type CostQuestion = CallInput<'models.cost'>;

/** While a slider moves, nothing is asked. */
const settleMs = 200;

/** What the settings on screen would cost on this machine. Answers of former settings are dropped. */
export class CostState {
  cost = $state.raw<ModelCost | null>(null);
  asking = $state(false);
  error = $state.raw<VerisimError | null>(null);
  readonly #client: Client;
  #turn = 0;
  #asked: CostQuestion | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Asks once the settings rest. */
  ask(question: CostQuestion | null): void {
    this.#asked = question;
    this.#turn += 1;
    clearTimeout(this.#timer);
    if (question === null) this.cost = null;
    else this.#timer = setTimeout(() => void this.#load(question), settleMs);
  }

  /** The same settings once more, after something was measured. */
  askAgain(): void {
    this.ask(this.#asked);
  }

  async #load(question: CostQuestion): Promise<void> {
    const turn = this.#turn;
    this.asking = true;
    await attempt(this, async () => {
      const cost = await this.#client.call('models.cost', question);
      if (turn === this.#turn) this.cost = cost;
    });
    if (turn === this.#turn) this.asking = false;
  }
}
