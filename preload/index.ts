import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron';
import { callChannel, eventChannel } from './channels.ts';
import type { CallInput, CallName, CallOutput, Envelope, EventName, Events, VerisimBridge } from './contract.ts';

/** Calls whose input holds paths: the page never knows paths, so it cannot make these. */
const callsWithPaths = new Set<CallName>(['studies.open', 'exports.write']);

const bridge: VerisimBridge = {
  invoke(name, input) {
    if (callsWithPaths.has(name)) return Promise.resolve(refusal(name));
    return send(name, input);
  },

  openDropped(files) {
    const paths = files.map((file) => webUtils.getPathForFile(file)).filter((path) => path !== '');
    return send('studies.open', { paths });
  },

  on<Name extends EventName>(name: Name, listener: (payload: Events[Name]) => void) {
    const receive = (_event: IpcRendererEvent, eventName: EventName, payload: Events[Name]) => {
      if (eventName === name) listener(payload);
    };
    ipcRenderer.on(eventChannel, receive);
    return () => ipcRenderer.off(eventChannel, receive);
  },
};

contextBridge.exposeInMainWorld('verisim', bridge);

function send<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<Envelope<CallOutput<Name>>> {
  return ipcRenderer.invoke(callChannel, name, input) as Promise<Envelope<CallOutput<Name>>>;
}

function refusal(name: string): { ok: false; error: { tag: string; message: string; details: Record<string, never> } } {
  return {
    ok: false,
    error: { tag: 'InvalidInput', message: `The page may not name paths, so it cannot call ${name}.`, details: {} },
  };
}
