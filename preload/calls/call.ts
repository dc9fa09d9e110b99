import type { z } from 'zod';

export interface Call<Input extends z.ZodType, Output> {
  input: Input;
  where: 'engine' | 'app';
  /** Exists only in the type system. */
  readonly output?: Output;
}

/** One call: its input is parsed where it arrives; `app` marks the few that need the application process (dialogs). */
export function call<Output>() {
  return <Input extends z.ZodType>(input: Input, where: 'engine' | 'app' = 'engine'): Call<Input, Output> => ({
    input,
    where,
  });
}
