import { readFileSync } from 'node:fs';

/**
 * Names this process so that another one can tell later whether it still lives: process id, and on Linux the boot and
 * the start time of the process, so that a reused id is not taken for it.
 */
export function ownOwner(): string {
  return ownerOf(process.pid);
}

/** Whether the process that wrote this name is still running. */
export function isAlive(owner: string): boolean {
  const processId = Number(owner.split('/')[0]);
  if (!Number.isSafeInteger(processId) || processId <= 0) return false;
  try {
    process.kill(processId, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return ownerOf(processId) === owner && !isZombie(processId);
}

function ownerOf(processId: number): string {
  return `${processId}/${bootId()}/${startTicks(processId)}`;
}

function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id').trim();
}

/** Fields of proc(5) `stat` after the command, which may hold spaces and brackets itself: state is the first, start time the twentieth. */
function statFields(processId: number): string[] {
  const text = readText(`/proc/${processId}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function startTicks(processId: number): string {
  return statFields(processId)[19] ?? '';
}

function isZombie(processId: number): boolean {
  return statFields(processId)[0] === 'Z';
}

/** Empty where there is no such file: systems other than Linux have the process id alone. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
