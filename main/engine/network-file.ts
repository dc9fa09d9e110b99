import { VerisimError } from '../../preload/errors.ts';
import { type OnnxGraph, readOnnxGraph } from './onnx-graph.ts';

/** ONNX itself and the operators that ONNX Runtime adds for quantised and fused networks. */
const knownDomains = new Set(['', 'ai.onnx', 'com.microsoft']);
/** Would load a compiled program, or another file, from a place that the network names. */
const refusedOperators = new Set(['EPContext']);

/**
 * Reads an ONNX file from a stranger without running it. Throws PackInvalid where it is cut off or no ONNX, keeps numbers
 * in other files, or asks for operators of another library: ONNX Runtime would look for those on this machine.
 */
export function readNetworkFile(filePath: string, bytes: Uint8Array, batch: number | null = null): OnnxGraph {
  const graph = parse(filePath, bytes, batch);
  const [outside] = graph.outside;
  if (outside !== undefined) {
    throw new VerisimError(
      'PackInvalid',
      `The network ${filePath} keeps the numbers of ${outside} in another file. Export it again as one file (external_data=False in torch.onnx.export).`,
      {
        path: filePath,
        expected: 'all weights inside the ONNX file',
        found: `external data of ${graph.outside.length} tensors`,
      },
    );
  }
  const foreign = graph.nodes.find(
    ({ domain, operator }) =>
      refusedOperators.has(operator) || !(knownDomains.has(domain) || graph.functions.has(`${domain}::${operator}`)),
  );
  if (foreign === undefined) return graph;
  const { operator, domain } = foreign;
  throw unsupportedOperator(filePath, domain === '' ? operator : `${domain}.${operator}`);
}

export function unsupportedOperator(filePath: string, operator: string, cause?: unknown): VerisimError {
  return new VerisimError(
    'PackInvalid',
    `The network ${filePath} uses the operator ${operator}, which is not supported. Export it again with standard ONNX operators, opset 18 or older.`,
    { path: filePath, expected: 'operators of ONNX', found: operator, cause },
  );
}

function parse(filePath: string, bytes: Uint8Array, batch: number | null): OnnxGraph {
  try {
    return readOnnxGraph(bytes, batch);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new VerisimError(
      'PackInvalid',
      `The network ${filePath} cannot be read as ONNX: ${found}. Copy or export the file again.`,
      { path: filePath, expected: 'an ONNX model', found, cause },
    );
  }
}
