import { listInstalledModels } from '../handlers/models.ts';
import { applicationRoot, readArguments, type Command } from './command.ts';
import { printJson, printTable, reportSkipped } from './output.ts';

export const modelsCommand: Command = {
  synopsis: 'models [--json]',
  summary: 'Lists the installed model packs.',
  details: 'Packs that cannot be used are named on stderr; the exit status is 1 when no other pack is there.',
  async run(args, { json }) {
    readArguments(args, {});
    const { models, refused } = await listInstalledModels(applicationRoot());
    if (json) printJson(models);
    else {
      const rows = models.map(({ id, version, family, modality, image, parameters, classes, defaults }) => [
        id,
        version,
        family,
        modality,
        `${image.width}×${image.height}`,
        `${(parameters / 1e6).toFixed(1)} M`,
        `${defaults.sampler}, ${defaults.steps} steps`,
        classes.map((one) => one.id).join(' '),
      ]);
      printTable(['model', 'version', 'family', 'mod', 'image', 'parameters', 'default', 'classes'], rows);
    }
    for (const one of refused) reportSkipped(one, json);
    return models.length === 0 && refused.length > 0 ? 1 : 0;
  },
};
