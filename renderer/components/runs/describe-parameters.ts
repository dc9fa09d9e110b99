const names: Record<string, string> = {
  modelId: 'Model',
  count: 'Images',
  seed: 'Seed',
  classId: 'Class',
  guidance: 'Guidance',
  sampler: 'Sampler',
  steps: 'Steps',
  provider: 'Runs on',
  source: 'Source',
  'source.seriesId': 'Source series',
  'source.sliceIndices': 'Source slices (from 0)',
  'source.strength': 'Strength',
  coarseScale: 'Drawn first, times smaller',
  reviewId: 'Review',
  title: 'Title',
  'real.kind': 'Real set',
  'real.seriesId': 'Real series',
  'synthetic.kind': 'Synthetic set',
  'synthetic.seriesId': 'Synthetic series',
  'synthetic.runId': 'Synthetic run',
  casesPerClass: 'Cases per class',
  designSha256: 'Design, SHA-256',
  'left.kind': 'Left image',
  'left.seriesId': 'Left series',
  'left.sliceIndex': 'Left slice (from 0)',
  'left.runId': 'Left run',
  'left.index': 'Left number (from 0)',
  'right.kind': 'Right image',
  'right.seriesId': 'Right series',
  'right.sliceIndex': 'Right slice (from 0)',
  'right.runId': 'Right run',
  'right.index': 'Right number (from 0)',
};
const mostItems = 6;

/** Parameters of a run as rows of name and value: known ones in words, nested ones as dotted names, none left out. */
export function describeParameters(parameters: Record<string, unknown>, prefix = ''): [string, string][] {
  return Object.entries(parameters).flatMap(([name, value]): [string, string][] => {
    const path = `${prefix}${name}`;
    if (isRecord(value)) return describeParameters(value, `${path}.`);
    return [[names[path] ?? path, describeValue(path, value)]];
  });
}

function describeValue(path: string, value: unknown): string {
  if (path === 'source' && value === null) return 'noise alone';
  if (path === 'classId' && value === null) return 'any';
  if (value === null || value === undefined) return '–';
  if (!Array.isArray(value)) return String(value);
  const first = value.slice(0, mostItems).map(String).join(', ');
  return value.length > mostItems ? `${first}, … (${value.length})` : first;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
