import type { HeadToHead, HeadToHeadRow } from '../../preload/head-to-head.ts';

const [width, height] = [860, 520];
const margin = { left: 72, right: 24, top: 56, bottom: 60 };
/** One colour for each family, told apart with every common colour vision deficiency (Okabe and Ito 2008). */
const colours = { ddpm: '#0072b2', ldm: '#d55e00', wdm: '#009e73', lwdm: '#cc79a7' } as const;

/**
 * Speed, quality and diversity of every row as one picture: seconds an image to the right and FID upwards (both logarithmic, small
 * is good), the area of a disc grows with the recall, and the rows of the frontier are joined. Rows without one of the three are left out.
 */
export function frontierSvg({ rows, data, n, extractor, floor }: HeadToHead): string {
  const points = rows.flatMap((row) => {
    const { secondsPerImage: seconds, metrics } = row;
    const [fid, recall] = [metrics.fid.value, metrics.recall.value];
    return seconds === null || fid === null || recall === null ? [] : [{ row, seconds, fid, recall }];
  });
  const x = logarithmic(
    points.map(({ seconds }) => seconds),
    [margin.left, width - margin.right],
  );
  const y = logarithmic(
    points.map(({ fid }) => fid),
    [height - margin.bottom, margin.top],
  );
  const frontier = points.filter(({ row }) => row.onFrontier === true).sort((a, b) => a.seconds - b.seconds);
  const line = frontier.map(({ seconds, fid }) => `${x.at(seconds).toFixed(1)},${y.at(fid).toFixed(1)}`).join(' ');
  const families = [...new Set(points.map(({ row }) => row.family))];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>Speed, quality and diversity on ${escaped(data)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(
      margin.left,
      22,
      `Speed, quality and diversity: ${data}, ${n.real} held-out images, ${extractor.id}`,
      'font-size="14" font-weight="600"',
    ),
    text(
      margin.left,
      40,
      `Disc area: recall. Line: no other row is faster, better and more diverse at once.${floor.fid === null ? '' : ` FID of real halves: ${floor.fid.value.toFixed(1)}.`}`,
      'fill="#555"',
    ),
    ...x.ticks.map(
      (tick) =>
        `<path d="M${x.at(tick).toFixed(1)} ${margin.top}V${height - margin.bottom}" stroke="#ddd"/>${text(x.at(tick), height - margin.bottom + 18, `${tick}`, 'text-anchor="middle"')}`,
    ),
    ...y.ticks.map(
      (tick) =>
        `<path d="M${margin.left} ${y.at(tick).toFixed(1)}H${width - margin.right}" stroke="#ddd"/>${text(margin.left - 8, y.at(tick) + 4, `${tick}`, 'text-anchor="end"')}`,
    ),
    text(
      (margin.left + width - margin.right) / 2,
      height - 18,
      'Seconds an image (faster to the left)',
      'text-anchor="middle"',
    ),
    text(
      18,
      (margin.top + height - margin.bottom) / 2,
      'FID (better below)',
      `text-anchor="middle" transform="rotate(-90 18 ${(margin.top + height - margin.bottom) / 2})"`,
    ),
    line === '' ? '' : `<polyline points="${line}" fill="none" stroke="#333" stroke-dasharray="5 4"/>`,
    ...points.flatMap(({ row, seconds, fid, recall }) => disc(row, { cx: x.at(seconds), cy: y.at(fid), recall })),
    ...families.map((family, at) => {
      const left = width - margin.right - 76 * (families.length - at);
      return `<circle cx="${left}" cy="${height - 22}" r="6" fill="${colours[family]}"/>${text(left + 11, height - 18, family.toUpperCase(), '')}`;
    }),
    '</svg>',
    '',
  ].join('\n');
}

function disc(
  { family, model, sampler, steps, onFrontier }: HeadToHeadRow,
  { cx, cy, recall }: { cx: number; cy: number; recall: number },
): string[] {
  const radius = 4 + 16 * Math.sqrt(recall);
  const stroke = onFrontier === true ? 'stroke="#222" stroke-width="1.5"' : 'stroke="none"';
  const title = `${model}, ${sampler}, ${steps} steps, recall ${recall.toFixed(2)}`;
  return [
    `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="${radius.toFixed(1)}" fill="${colours[family]}" fill-opacity="0.7" ${stroke}><title>${escaped(title)}</title></circle>`,
    text(cx, cy - radius - 4, `${sampler} ${steps}`, 'text-anchor="middle" font-size="11"'),
  ];
}

/** Ticks at 1, 2, 5 of every decade, at every digit within one; a twelfth more room than the values at both ends. */
function logarithmic(
  values: number[],
  [from, to]: readonly [number, number],
): { at: (value: number) => number; ticks: number[] } {
  const logs = values.length === 0 ? [0, 1] : values.map(Math.log10);
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const room = Math.max(0.12, (high - low) / 12);
  const [first, last] = [low - room, high + room];
  const ticks: number[] = [];
  for (let decade = Math.floor(first); decade <= Math.ceil(last); decade++)
    for (const step of last - first > 1 ? [1, 2, 5] : [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      const tick = Number((step * 10 ** decade).toPrecision(1));
      if (Math.log10(tick) >= first && Math.log10(tick) <= last) ticks.push(tick);
    }
  return { at: (value) => from + ((Math.log10(value) - first) / (last - first)) * (to - from), ticks };
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
