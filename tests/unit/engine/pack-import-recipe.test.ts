import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkCandidate, readCandidate } from '../../../main/engine/pack-import.ts';
import { generate, smallPlace, temporaryFolder, verisim } from '../cli/verisim.ts';

/** Packs that models/training/recipes/export_unet.py wrote; anew with a Python that has PyTorch, named by VERISIM_PYTHON. */
const recipes = path.resolve('models/training/recipes');
const fixtures = path.join(import.meta.dirname, 'fixtures', 'recipe');
const python = process.env.VERISIM_PYTHON ?? '';
const limitMs = 400_000;

const pixel = ['card.example.toml', '--unet', 'tiny_models.py:diffusers_like'];
const latent = [
  'card.example-latent.toml',
  ...['--unet', 'tiny_models.py:monai_like', '--autoencoder', 'tiny_models.py:tiny_autoencoder'],
  ...['--context', 'context.example.npy'],
];

describe('a pack written by the recipe', () => {
  for (const [name, id] of [
    ['pixel', 'tiny-pixel-16'],
    ['latent', 'tiny-latent-16'],
  ] as const) {
    it(`imports and makes images of a class with guidance (${name}, committed)`, async () => {
      const place = smallPlace();
      const imported = await verisim(['models', 'import', path.join(fixtures, name), '--json'], place);
      expect(imported).toMatchObject({ status: 0, stderr: '' });
      const args = ['--model', id, '--count', '3', '--seed', '2', '--class', 'b', '--guidance', '2', '--steps', '4'];
      const made = await generate([...args, '--out', temporaryFolder()], place);
      expect(new Set(made.outputs.map(({ sha256 }) => sha256)).size).toBe(3);
    });
  }
});

describe.skipIf(python === '')(
  'the recipe (skipped unless VERISIM_PYTHON names a Python with PyTorch and onnx)',
  () => {
    it.each([
      ['diffusers', 'pixel', pixel],
      ['MONAI', 'latent', latent],
    ])(
      'exports a module with the signature of %s into a pack that passes every check',
      { timeout: limitMs },
      async (_, name, args) => {
        const pack = path.join(temporaryFolder(), name);
        expect(exportPack([...args, '--pack', pack])).toMatchObject({ status: 0 });
        const { report } = await checkCandidate(await readCandidate(pack), { signal: AbortSignal.timeout(limitMs) });
        const committed = JSON.parse(readFileSync(path.join(fixtures, name, 'model.json'), 'utf8')) as { id: string };
        expect(report.id).toBe(committed.id);
      },
    );

    it('refuses a network that knows no label for "no class"', { timeout: limitMs }, () => {
      const four = path.join(temporaryFolder(), 'card.toml');
      const text = readFileSync(path.join(recipes, 'card.example.toml'), 'utf8');
      writeFileSync(four, text.replace('{ id = "c" }]', '{ id = "c" }, { id = "d" }]'));
      const args = [four, '--unet', 'tiny_models.py:diffusers_like', '--pack', temporaryFolder()];
      const { status, stderr } = exportPack(args);
      expect(status).toBe(1);
      expect(stderr).toContain("knows 4 labels and none for 'no class'");
    });

    for (const [library, name] of [
      ['diffusers', 'diffusers_unet'],
      ['monai', 'monai_unet'],
    ] as const) {
      const absent = python === '' || spawnSync(python, ['-c', `import ${library}`]).status !== 0;
      it.skipIf(absent)(
        `exports a real network of ${library} (skipped where it is not installed)`,
        { timeout: limitMs },
        async () => {
          const pack = path.join(temporaryFolder(), library);
          const ended = exportPack(['card.example.toml', '--unet', `real_models.py:${name}`, '--pack', pack]);
          expect(ended).toMatchObject({ status: 0 });
          await checkCandidate(await readCandidate(pack), { signal: AbortSignal.timeout(limitMs) });
        },
      );
    }
  },
);

function exportPack(args: string[]) {
  return spawnSync(python, ['export_unet.py', ...args], { cwd: recipes, encoding: 'utf8' });
}
