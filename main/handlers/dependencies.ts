import type { EventName, Events } from '../../preload/contract.ts';
import type { ApplicationInfo } from '../../preload/domain.ts';
import type { DryRunHost } from '../engine/dry-run.ts';
import { disposeInference } from '../engine/inference.ts';
import { recoverPacks } from '../engine/pack-install.ts';
import { createQueue, type Queue } from '../engine/queue.ts';
import type { IndexedSeries } from '../imaging/indexed-series.ts';
import { type DataFolder, makeDataFolder } from '../log/data-folder.ts';
import { type Log, openLog } from '../log/log.ts';
import { createEnding, type Ending } from './ending.ts';
import { builtInPacks } from './models.ts';
import { createPackStore, type PackStore } from './pack-store.ts';
import { createSlideStore, type SlideStore } from './slide-store.ts';
import { isRunning, sweepTemporaryFiles } from './sweep.ts';
import { createVolumeStore, type VolumeStore } from './volume-store.ts';

/** Everything that handlers work with; one for each process. */
export interface Workspace {
  readonly folder: DataFolder;
  readonly applicationRoot: string;
  readonly engineHost: ApplicationInfo['engineHost'];
  readonly log: Log<IndexedSeries>;
  readonly queue: Queue;
  readonly packs: PackStore;
  readonly volumes: VolumeStore;
  readonly slides: SlideStore;
  readonly ending: Ending;
  /** Where dry runs are started by another process than this one. */
  readonly dryRunHost: DryRunHost | undefined;
  emit<Name extends EventName>(event: Name, payload: Events[Name]): void;
  /** Stops all work, keeping what is finished, and closes the log. */
  close(): Promise<void>;
}

export interface WorkspaceOptions {
  dataFolder: string;
  /** Holds models/ and resources/. */
  applicationRoot: string;
  /** `in-process` is the command line, which runs its own jobs only; an engine takes every job that waits. */
  engineHost: ApplicationInfo['engineHost'];
  emit?: Workspace['emit'];
  dryRunHost?: DryRunHost;
}

const defaultVolumeCacheBytes = 4 * 2 ** 30;

/** Opens the data folder and goes on with what waits there. Throws OutputNotWritable, DatabaseUnusable, DiskFull. */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const { applicationRoot, engineHost } = options;
  const emit: Workspace['emit'] = options.emit ?? (() => undefined);
  const folder = makeDataFolder(options.dataFolder);
  const log = openLog<IndexedSeries>(folder.database);
  const packs = createPackStore({ builtIn: builtInPacks(applicationRoot), imported: folder.packs.packs });
  const volumes = createVolumeStore(folder, log.settings.number('volumeCacheBytes', defaultVolumeCacheBytes));
  const slides = createSlideStore(log.settings);
  const ending = createEnding();
  const queue = createQueue({
    log,
    folder,
    shared: engineHost !== 'in-process',
    findPack: (id) => packs.find(id),
    readVolume: (series, signal) => volumes.read(series, { signal }),
    onRow: (row) => emit('runs.changed', row),
    onQueue: () => emit('queue.changed', { paused: queue.paused(), waiting: log.runs.waiting() }),
    onPreview: engineHost === 'in-process' ? undefined : (preview) => emit('runs.preview', preview),
  });
  const interrupted = log.runs.owned().map(({ id }) => id);
  const deliveries = interrupted.flatMap((id) => log.runs.delivery(id)?.folder ?? []);
  await sweepTemporaryFiles(
    [folder.volumes, folder.images, folder.thumbnails, ...interrupted.map((id) => folder.run(id))],
    { flat: [folder.masks, folder.reviewSecrets, folder.backups, ...deliveries] },
  );
  await recoverPacks(folder.packs, isRunning);
  queue.wake();
  return {
    folder,
    applicationRoot,
    engineHost,
    log,
    queue,
    packs,
    volumes,
    slides,
    ending,
    dryRunHost: options.dryRunHost,
    emit,
    async close() {
      // The inference thread does not hold the process while it ends; this does.
      const hold = setInterval(() => undefined, 1_000);
      try {
        await ending.close();
        await queue.stop();
        await slides.close();
        await disposeInference();
        log.close();
      } finally {
        clearInterval(hold);
      }
    },
  };
}
