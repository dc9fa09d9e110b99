import type { VerisimError } from '../../preload/errors.ts';
import type { LogBackup, LogCheck, LogExportFormat, ProjectReceipt } from '../../preload/run-log.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';
import type { RunPages } from './run-pages.svelte.ts';

/** The log as files, and its queue: check, copies, projects, exports, pause and order. */
export class LogKeepingState {
  paused = $state(false);
  /** Ids of the jobs that wait, in the order in which they will be taken. */
  waiting = $state.raw<string[]>([]);
  check = $state.raw<LogCheck | null>(null);
  backups = $state.raw<LogBackup[]>([]);
  backupHours = $state(6);
  /** What was done last, in one sentence. */
  told = $state<string | null>(null);
  notes = $state.raw<string[]>([]);
  working = $state<string | null>(null);
  error = $state.raw<VerisimError | null>(null);
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Begins to listen; the returned function ends it. */
  start(): () => void {
    const ends = [
      this.#client.on('queue.changed', (state) => this.#take(state)),
      this.#client.on('runs.changed', ({ kind }) => void (kind === 'generation' && this.#loadQueue())),
      this.#client.on('log.checked', (check) => (this.check = check)),
    ];
    void this.#loadQueue();
    return () => ends.forEach((end) => end());
  }

  pause(paused: boolean): Promise<void> {
    return attempt(this, async () => this.#take(await this.#client.call('queue.pause', { paused })));
  }

  /** By one place; −1 is sooner. */
  move(runId: string, by: -1 | 1): Promise<void> {
    const order = [...this.waiting];
    const at = order.indexOf(runId);
    const other = order[at + by];
    if (at < 0 || other === undefined) return Promise.resolve();
    order[at] = other;
    order[at + by] = runId;
    return this.#reorder(order);
  }

  putFirst(runId: string): Promise<void> {
    return this.#reorder([runId, ...this.waiting.filter((id) => id !== runId)]);
  }

  runCheck(thorough: boolean): Promise<void> {
    return this.#work('Looking through log and files…', async () => {
      const check = await this.#client.call('log.check', { thorough });
      this.check = check;
      const wrong = check.missing.length + check.orphans.length + check.damage.length;
      if (wrong === 0) this.told = `${check.runs} runs with ${check.files} images: everything is in its place.`;
    });
  }

  mend(what: { remake: boolean; setAside: boolean }): Promise<void> {
    return this.#work('Mending…', async () => {
      const { remade, setAside, folder } = await this.#client.call('log.mend', what);
      const parts = [
        ...(remade.length > 0 ? [`${remade.length} runs make their missing images again`] : []),
        ...(folder === null ? [] : [`${setAside.length} places were taken aside to ${folder}`]),
      ];
      this.told = parts.length === 0 ? 'There was nothing to mend.' : `${parts.join('; ')}.`;
      this.check = null;
    });
  }

  async loadBackups(): Promise<void> {
    await attempt(this, async () => {
      const { backups, hours } = await this.#client.call('log.backups', {});
      this.backups = backups;
      this.backupHours = hours;
    });
  }

  backUp(): Promise<void> {
    return this.#work('Copying the log…', async () => {
      const { file } = await this.#client.call('log.backup', {});
      this.told = `The log was copied to ${file}`;
      await this.loadBackups();
    });
  }

  setBackupHours(hours: number): Promise<void> {
    return attempt(this, async () => {
      this.backupHours = (await this.#client.call('log.backupHours', { hours })).hours;
    });
  }

  exportLog(format: LogExportFormat, { text, kind, runState: state }: RunPages): Promise<void> {
    return this.#work('Writing…', async () => {
      const { path, runs } = await this.#client.call('log.chooseExport', { format, text: text.trim(), kind, state });
      this.told = path === null ? null : `${runs} runs were written to ${path}`;
    });
  }

  archive(runIds: readonly string[]): Promise<void> {
    return this.#work('Archiving…', async () => {
      const { receipt } = await this.#client.call('projects.chooseArchive', { runIds: [...runIds] });
      this.#tell(receipt, 'archived in');
    });
  }

  openProject(): Promise<void> {
    return this.#work('Reading the project…', async () => {
      const { receipt } = await this.#client.call('projects.chooseOpen', {});
      this.#tell(receipt, 'added from');
    });
  }

  #tell(receipt: ProjectReceipt | null, done: string): void {
    if (receipt === null) return;
    const known = receipt.known > 0 ? `, ${receipt.known} were there already` : '';
    this.told = `${receipt.runs} runs ${done} ${receipt.folder}${known}.`;
    this.notes = receipt.notes;
  }

  async #work(words: string, work: () => Promise<void>): Promise<void> {
    this.working = words;
    this.told = null;
    this.notes = [];
    await attempt(this, work);
    this.working = null;
  }

  #reorder(runIds: string[]): Promise<void> {
    this.waiting = runIds;
    return attempt(this, async () => this.#take(await this.#client.call('queue.reorder', { runIds })));
  }

  async #loadQueue(): Promise<void> {
    await attempt(this, async () => this.#take(await this.#client.call('queue.state', {})));
  }

  #take({ paused, waiting }: { paused: boolean; waiting: string[] }): void {
    this.paused = paused;
    this.waiting = waiting;
  }
}
