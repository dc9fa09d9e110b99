/** `load` as a call of which one runs at a time: calls that arrive while it runs are answered by a single further one. */
export function oneMore(load: () => Promise<void>): () => Promise<void> {
  let running: { again: boolean } | null = null;
  return async () => {
    if (running !== null) {
      running.again = true;
      return;
    }
    const mine = { again: true };
    running = mine;
    while (mine.again) {
      mine.again = false;
      await load();
    }
    running = null;
  };
}
