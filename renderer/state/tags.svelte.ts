import type { TagElement } from '../../preload/domain.ts';
import { deserialiseError, serialiseError, type VerisimError } from '../../preload/errors.ts';
import type { Client } from '../client.ts';
import { compareTags, type ComparedElement } from './compare-tags.ts';

/** Scrolling through slices asks for the tags of the one where the person stops. */
const settleMs = 200;

/** The tags of one slice of one series, and the search in them. */
export class TagsState {
  elements = $state.raw<TagElement[]>([]);
  /** The elements of the file this one is compared with; null where it stands alone. */
  others = $state.raw<TagElement[] | null>(null);
  search = $state('');
  onlyDifferences = $state(false);
  loading = $state(false);
  error = $state.raw<VerisimError | null>(null);
  readonly compared: ComparedElement[] = $derived(
    this.others === null
      ? this.elements.map((element) => ({ ...element, other: null, differs: false }))
      : compareTags(this.elements, this.others),
  );
  readonly differences: number = $derived(this.compared.filter(({ differs }) => differs).length);
  readonly found: ComparedElement[] = $derived(
    find(this.compared, this.search).filter(({ differs }) => differs || !this.onlyDifferences || this.others === null),
  );
  readonly #client: Client;
  #turn = 0;
  #otherTurn = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Loads the tags; the returned function gives up on an answer that is not wanted any more. */
  show(seriesId: string, sliceIndex: number): () => void {
    const turn = ++this.#turn;
    const timer = setTimeout(() => void this.#load(seriesId, sliceIndex, turn), settleMs);
    return () => clearTimeout(timer);
  }

  /** Loads what the file is compared with, or nothing; the returned function gives up on the answer. */
  compareWith(seriesId: string | null, sliceIndex: number): () => void {
    const turn = ++this.#otherTurn;
    if (seriesId === null) {
      this.others = null;
      return () => undefined;
    }
    const timer = setTimeout(() => void this.#loadOther(seriesId, sliceIndex, turn), settleMs);
    return () => clearTimeout(timer);
  }

  async #loadOther(seriesId: string, sliceIndex: number, turn: number): Promise<void> {
    try {
      const { elements } = await this.#client.call('studies.tags', { seriesId, sliceIndex });
      if (turn === this.#otherTurn) this.others = elements;
    } catch (error) {
      if (turn === this.#otherTurn) this.error = deserialiseError(serialiseError(error));
    }
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
function find(elements: ComparedElement[], search: string): ComparedElement[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return elements;
  return elements.filter(({ tag, keyword, vr, value, other }) => {
    const text = `${tag} ${tag.replace(/[(),]/g, '')} ${keyword} ${vr} ${value} ${other ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
