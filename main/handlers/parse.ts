import { type CallName, type CallParsed, calls } from '../../preload/contract.ts';
import { VerisimError } from '../../preload/errors.ts';

/** The input of a call, checked by the contract's schema, with its defaults. Throws InvalidInput with the field's path. */
export function parseInput<Name extends CallName>(name: Name, input: unknown): CallParsed<Name> {
  const parsed = calls[name].input.safeParse(input);
  if (parsed.success) return parsed.data as CallParsed<Name>;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`);
  const found = issues.slice(0, 5).join('; ');
  throw new VerisimError('InvalidInput', `The call ${name} was given a value that does not fit: ${found}.`, {
    path: parsed.error.issues[0]?.path.join('.') ?? '',
    expected: parsed.error.issues[0]?.message ?? '',
    cause: parsed.error,
  });
}
