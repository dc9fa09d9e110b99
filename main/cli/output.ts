import type { RunProgress, SkippedFile } from '../../preload/domain.ts';
import type { SerialisedError } from '../../preload/errors.ts';
import type { Finding } from '../../preload/usefulness.ts';

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Columns as wide as their longest cell; numbers should come as text. */
export function printTable(header: string[], rows: string[][]): void {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  for (const row of [header, ...rows]) {
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
}

/** What was found, in plain words. */
export function printFindings(findings: readonly Finding[]): void {
  for (const { title, word, sentence, advice } of findings)
    process.stdout.write(`${title}: ${word}. ${[sentence, ...advice].join(' ')}\n`);
  process.stdout.write('\n');
}

/** `error Tag: message`, or with --json one line of JSON; both on stderr. */
export function reportError({ tag, message, details }: SerialisedError, json: boolean): void {
  const text = json ? JSON.stringify({ error: { tag, message, details } }) : `error ${tag}: ${message}`;
  process.stderr.write(`${text}\n`);
}

export function reportSkipped({ path, error }: SkippedFile, json: boolean): void {
  const { tag, message } = error;
  const text = json ? JSON.stringify({ error: { tag, message, details: { path } } }) : `error ${tag}: ${message}`;
  process.stderr.write(`${text}\n`);
}

/** One line on stderr that overwrites itself; nothing where stderr is not a terminal. */
export function showProgress({
  done,
  total,
  secondsLeft,
  phase,
}: Omit<RunProgress, 'total'> & { total: number | null }): void {
  if (!process.stderr.isTTY) return;
  const left = secondsLeft === null ? '' : `, ${Math.ceil(secondsLeft)} s left`;
  const count = total === null ? `${done}` : `${done} of ${total}`;
  process.stderr.write(`\r\x1b[K${count}${left} · ${phase}`);
}

export function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}
