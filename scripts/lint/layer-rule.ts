import { builtinModules } from 'node:module';
import { posix, relative, sep } from 'node:path';
import type { Rule } from 'eslint';
import { layerOf, type Layer } from './layers.ts';

/** The nodes that name another module, reduced to what this rule reads. */
interface ModuleNode {
  source?: { value?: unknown } | null;
  importKind?: string;
  exportKind?: string;
  specifiers?: { importKind?: string; exportKind?: string }[];
}

/** ESLint rule: an import that the layer table does not allow is an error. Option: the repository's root. */
export const layerRule: Rule.RuleModule = {
  meta: { type: 'problem', schema: [{ type: 'string' }] },
  create(context) {
    const root = String(context.options[0]);
    const path = relative(root, context.filename).split(sep).join('/');
    const layer = layerOf(path);
    if (!layer) return {};
    const check = (node: Rule.Node) => {
      const { source, ...rest } = node as ModuleNode;
      if (typeof source?.value !== 'string') return;
      const message = violation({ layer, path, target: source.value, typesOnly: isTypesOnly(rest) });
      if (message) context.report({ node, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

interface Import {
  layer: Layer;
  path: string;
  target: string;
  typesOnly: boolean;
}

function violation({ layer, path, target, typesOnly }: Import): string | null {
  if (!target.startsWith('.')) {
    const name = builtinModules.includes(target) ? `node:${target}` : target;
    return matches(layer.packages, name) ? null : `${layer.at} may not import the package ${target}. ${layer.why}`;
  }
  const file = posix.normalize(posix.join(posix.dirname(path), target));
  const own = layerOf(file)?.at === layer.at;
  const allowed = own || covers(layer.may, file) || (typesOnly && covers(layer.types ?? [], file));
  return allowed ? null : `${layer.at} may not import ${file}${typesOnly ? '' : ' (as a value)'}. ${layer.why}`;
}

function matches(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}

function covers(places: readonly string[], file: string): boolean {
  return places.some((place) => (place.endsWith('/') ? file.startsWith(place) : file === place));
}

function isTypesOnly(node: Omit<ModuleNode, 'source'>): boolean {
  if (node.importKind === 'type' || node.exportKind === 'type') return true;
  const specifiers = node.specifiers ?? [];
  return specifiers.length > 0 && specifiers.every((one) => one.importKind === 'type' || one.exportKind === 'type');
}
