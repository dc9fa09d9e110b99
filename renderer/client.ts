import type { CallInput, CallName, CallOutput, EventName, Events, VerisimBridge } from '../preload/contract.ts';
import type { OpenResult } from '../preload/domain.ts';
import { deserialiseError, errorTags, type ErrorTag, type VerisimError } from '../preload/errors.ts';
export { assetUrl } from '../preload/addresses.ts';

/** Everything the window can ask of the engine. Answers are values; a failure is thrown as a VerisimError. */
export interface Client {
  /** @throws VerisimError with the tag that the engine gave. */
  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>>;
  /** Indexes the files of a drop event; their paths never reach the page. */
  openDropped(files: File[]): Promise<OpenResult>;
  /** Returns the function that ends the subscription. */
  on<Name extends EventName>(name: Name, listener: (payload: Events[Name]) => void): () => void;
}

/** The one client of this window, over the bridge that the preload script puts on `window.verisim`. */
export function createClient(): Client {
  const { verisim: bridge } = window as unknown as { verisim: VerisimBridge };
  return {
    async call(name, input) {
      const envelope = await bridge.invoke(name, input);
      if (envelope.ok) return envelope.value;
      throw asVerisimError(envelope.error);
    },
    async openDropped(files) {
      const envelope = await bridge.openDropped(files);
      if (envelope.ok) return envelope.value;
      throw asVerisimError(envelope.error);
    },
    on: (name, listener) => bridge.on(name, listener),
  };
}

function asVerisimError(error: { tag: string; message: string; details: object }): VerisimError {
  const known = (errorTags as readonly string[]).includes(error.tag);
  return deserialiseError({ ...error, tag: known ? (error.tag as ErrorTag) : 'Internal' });
}
