import packageJson from '../../package.json' with { type: 'json' };

export const applicationVersion: string = packageJson.version;

/** What a run was made with; written beside its parameters. */
export function versions(): Record<string, string> {
  const { node = '', electron } = process.versions;
  return {
    verisim: applicationVersion,
    node,
    ...(electron === undefined ? {} : { electron }),
    onnxruntime: packageJson.dependencies['onnxruntime-node'],
    platform: `${process.platform}-${process.arch}`,
  };
}
