import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { watchProcessorTime } from '../../../main/imaging/thread-watch.ts';

let worker: Worker;
afterEach(() => worker.terminate());

const started = async (script: string): Promise<Worker> => {
  worker = new Worker(`require('node:worker_threads').parentPort.postMessage('begun'); ${script}`, { eval: true });
  await once(worker, 'message');
  return worker;
};

/** (module (func (export "f") (loop br 0))) */
const endlessModule = '0061736d01000000010401600000030201000705010166' + '0000' + '0a090107000340' + '0c000b0b';
const endlessDecoder = `
  const bytes = Buffer.from('${endlessModule}', 'hex');
  new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f();`;

describe('the watch over a thread', () => {
  it.each([
    ['a script', 'for (;;);'],
    ['a WebAssembly decoder', endlessDecoder],
  ])('tells of %s without end, which can then be ended', async (_, script) => {
    const endless = await started(script);
    await new Promise<void>((resolve) => watchProcessorTime(endless, 600, resolve));
    expect(await endless.terminate()).toBe(1);
  });

  it('does not count the time in which a thread waits, and can be ended', async () => {
    const idle = await started('setInterval(() => undefined, 1000)');
    let told = 0;
    const end = watchProcessorTime(idle, 300, () => told++);
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect(told).toBe(0);
    end();
  });
});
