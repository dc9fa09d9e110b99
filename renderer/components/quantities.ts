/** Numbers as people read them: units always shown, a narrow no-break space between number and unit. */

const thin = '\u202f';
const unknown = '–';

/** 7 412 345 → "7.4 M". */
export function formatParameters(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)}${thin}B`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)}${thin}M`;
  if (count >= 1e3) return `${(count / 1e3).toFixed(0)}${thin}k`;
  return String(count);
}

/** Whole numbers with thin group separators: 12 345. */
export function formatCount(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, thin);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** 0.42 → "0.42 s", 12.3 → "12.3 s", 94 → "1 min 34 s", 7500 → "2 h 5 min". */
export function formatSeconds(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return unknown;
  if (seconds < 1) return `${seconds.toFixed(2)}${thin}s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)}${thin}s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}${thin}min ${whole % 60}${thin}s`;
  return `${Math.floor(whole / 3600)}${thin}h ${Math.floor((whole % 3600) / 60)}${thin}min`;
}

/** 512 000 000 → "512 MB", 1 600 000 000 → "1.6 GB"; decimal units, as systems show them. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)}${thin}GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(0)}${thin}MB`;
  return `${(bytes / 1e3).toFixed(0)}${thin}kB`;
}

/** Time left, coarse on purpose: "about 40 s left", "estimating" until it is known. */
export function formatSecondsLeft(seconds: number | null): string {
  if (seconds === null) return 'estimating time left';
  if (seconds < 1) return 'less than 1 s left';
  if (seconds < 60) return `about ${Math.round(seconds)}${thin}s left`;
  if (seconds < 3600) return `about ${Math.round(seconds / 60)}${thin}min left`;
  return `about ${(seconds / 3600).toFixed(1)}${thin}h left`;
}

/** ISO 8601 → "just now", "4 min ago", "3 h ago", "yesterday", "12 Nov", "12 Nov 2024". */
export function formatRelativeTime(iso: string | null, nowMs: number): string {
  if (iso === null) return unknown;
  const then = new Date(iso);
  const seconds = (nowMs - then.getTime()) / 1000;
  if (Number.isNaN(seconds)) return unknown;
  if (seconds < 45) return 'just now';
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))}${thin}min ago`;
  if (seconds < 20 * 3600) return `${Math.round(seconds / 3600)}${thin}h ago`;
  if (seconds < 48 * 3600) return 'yesterday';
  const sameYear = then.getFullYear() === new Date(nowMs).getFullYear();
  return then.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
}

/** ISO 8601 → local date and time to the second, with the UTC offset. */
export function formatExactTime(iso: string | null): string {
  if (iso === null) return unknown;
  return new Date(iso).toLocaleString('en-GB', {
    dateStyle: 'medium',
    timeStyle: 'long',
  });
}

/** Proportion in per cent with its interval: "62.5 % (95 % CI 45.8 to 77.3 %)". */
export function formatPercentInterval(interval: { value: number; low: number; high: number }): string {
  return `${percent(interval.value)}${thin}% (95${thin}% CI ${percent(interval.low)} to ${percent(interval.high)}${thin}%)`;
}

export function formatPercent(proportion: number): string {
  return `${percent(proportion)}${thin}%`;
}

/** A number to a fixed count of decimals; a dash for what is not a number, ∞ where two images are identical. */
export function formatNumber(value: number, decimals: number): string {
  if (Number.isNaN(value)) return unknown;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  return value.toFixed(decimals).replace('-', '−');
}

/** "p < 0.001" or "p = 0.042". */
export function formatPValue(value: number): string {
  return value < 0.001 ? 'p < 0.001' : `p = ${value.toFixed(3)}`;
}

/** The first twelve digits of a SHA-256; the whole of it belongs in a title or a copy button. */
export function shortHash(sha256: string): string {
  return sha256.slice(0, 12);
}

function percent(proportion: number): string {
  return (proportion * 100).toFixed(1);
}
