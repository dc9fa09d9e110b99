import type { Client } from '../client.ts';
import { type ViewerAction, viewerActions } from './viewer-actions.ts';

/** Which key does what in the viewer: the defaults, and what the person chose instead, kept in the settings. */
export class ViewerKeysState {
  /** Action → key; only those that were changed. */
  own = $state.raw<Readonly<Record<string, string>>>({});
  readonly #client: Client;
  readonly #byKey: Record<string, string> = $derived(
    Object.fromEntries(viewerActions.flatMap((action) => this.keysOf(action).map((key) => [key, action.id] as const))),
  );

  constructor(client: Client) {
    this.#client = client;
  }

  async load(): Promise<void> {
    const { value } = await this.#client.call('settings.read', { name: 'viewer.keys' });
    if (value !== null) this.own = value;
  }

  keysOf({ id, keys }: ViewerAction): readonly string[] {
    const own = this.own[id];
    if (own !== undefined) return own === '' ? [] : [own];
    const taken = Object.values(this.own);
    return keys.filter((key) => !taken.includes(key));
  }

  /** The action behind a key press, or null. */
  actionOf(event: KeyboardEvent): string | null {
    return this.#byKey[keyName(event)] ?? null;
  }

  /** The key does this from now on, and nothing else. */
  async choose(actionId: string, key: string): Promise<void> {
    const others = Object.entries(this.own).map(([id, own]) => [id, own === key ? '' : own] as const);
    await this.#keep({ ...Object.fromEntries(others), [actionId]: key });
  }

  async restore(): Promise<void> {
    await this.#keep({});
  }

  async #keep(own: Record<string, string>): Promise<void> {
    this.own = own;
    await this.#client.call('settings.write', { name: 'viewer.keys', value: own });
  }
}

/** `Shift+M`, `Ctrl+Z`, `ArrowUp`, `+`: letters in capitals, Shift named only where the sign itself does not tell. */
export function keyName({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): string {
  const isLetter = /^\p{L}$/u.test(key);
  const base = key.length === 1 ? key.toUpperCase() : key;
  const shifted = shiftKey && (isLetter || key.length > 1);
  return [ctrlKey || metaKey ? 'Ctrl' : '', altKey ? 'Alt' : '', shifted ? 'Shift' : '', base]
    .filter(Boolean)
    .join('+');
}
