import type { TagElement } from '../../preload/domain.ts';
import { deserialiseError, serialiseError, type VerisimError } from '../../preload/errors.ts';
import type { Client } from '../client.ts';

/** Scrolling through slices asks for the tags of the one where the person stops. */
const settleMs = 200;

/** The tags of one slice of one series, and the search in them. */
export class TagsState {
  elements = $state.raw<TagElement[]>([]);
  search = $state('');
  loading = $state(false);
  error = $state.raw<VerisimError | null>(null);
  readonly found: TagElement[] = $derived(find(this.elements, this.search));
  readonly #client: Client;
  #turn = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Loads the tags; the returned function gives up on an answer that is not wanted any more. */
  show(seriesId: string, sliceIndex: number): () => void {
    const turn = ++this.#turn;
    const timer = setTimeout(() => void this.#load(seriesId, sliceIndex, turn), settleMs);
    return () => clearTimeout(timer);
  }

  async #load(seriesId: string, sliceIndex: number, turn: number): Promise<void> {
    this.loading = true;
    try {
      const { elements } = await this.#client.call('studies.tags', { seriesId, sliceIndex });
      if (turn !== this.#turn) return;
      this.elements = elements;
      this.error = null;
    } catch (error) {
      if (turn === this.#turn) this.error = deserialiseError(serialiseError(error));
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  }
}

/** Every word must occur in tag, keyword, VR or value; (0010,0010), 0010,0010 and 00100010 all find a tag. */
function find(elements: TagElement[], search: string): TagElement[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return elements;
  return elements.filter(({ tag, keyword, vr, value }) => {
    const text = `${tag} ${tag.replace(/[(),]/g, '')} ${keyword} ${vr} ${value}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
