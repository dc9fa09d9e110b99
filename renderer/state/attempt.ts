import { deserialiseError, serialiseError, type VerisimError } from '../../preload/errors.ts';

/** Does `work` for a screen: what goes wrong is kept as the screen's error, success clears it. Never throws. */
export async function attempt(screen: { error: VerisimError | null }, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
    screen.error = null;
  } catch (error) {
    screen.error = deserialiseError(serialiseError(error));
  }
}
