import type { ApplicationInfo } from '../../preload/domain.ts';
import type { Events } from '../../preload/contract.ts';
import { serialiseError } from '../../preload/errors.ts';
import type { Client } from '../client.ts';

export type ScreenId = 'library' | 'create' | 'compare' | 'measure' | 'review' | 'slides' | 'runs';

export interface Notice {
  id: number;
  kind: 'information' | 'error';
  text: string;
  action: { label: string; run: () => void } | null;
}

const noticeMs = 6_000;

/** What the whole window shares: the screen in view, short notices, and how the engine is. */
export class ApplicationState {
  screen = $state<ScreenId>('library');
  notices = $state.raw<Notice[]>([]);
  shortcutsShown = $state(false);
  /** Rail and tray give way to the images. */
  readingMode = $state(false);
  information = $state.raw<ApplicationInfo | null>(null);
  engine = $state.raw<Events['engine.state']>({ state: 'starting', reason: '' });
  readonly #client: Client;
  #nextNotice = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Begins to listen; the returned function ends it. */
  start(): () => void {
    void this.#loadInformation();
    return this.#client.on('engine.state', (engine) => {
      this.engine = engine;
      if (engine.state === 'ready') void this.#loadInformation();
    });
  }

  go(screen: ScreenId): void {
    this.screen = screen;
  }

  /** A sentence that goes by itself; an action keeps it until it is dismissed. */
  tell(text: string, action: Notice['action'] = null): number {
    const id = this.#add({ kind: 'information', text, action });
    if (action === null) setTimeout(() => this.dismiss(id), noticeMs);
    return id;
  }

  /** Errors stay until they are dismissed. */
  report(error: unknown): void {
    const { tag, message } = serialiseError(error);
    if (tag === 'Cancelled' || this.notices.some(({ text }) => text === message)) return;
    this.#add({ kind: 'error', text: message, action: null });
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id);
  }

  #add(notice: Omit<Notice, 'id'>): number {
    const id = this.#nextNotice++;
    this.notices = [...this.notices.slice(-3), { id, ...notice }];
    return id;
  }

  async #loadInformation(): Promise<void> {
    try {
      this.information = await this.#client.call('app.info', {});
      this.engine = { state: 'ready', reason: '' };
    } catch (error) {
      this.report(error);
    }
  }
}
