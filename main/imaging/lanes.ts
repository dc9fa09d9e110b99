/**
 * Works on items, `lanes` at a time, in their order; `work` may end it by returning false. The first failure ends it too, and is thrown when
 * the other lanes have finished what they were at, so that nothing goes on behind.
 */
export async function inLanes<Item>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item, lane: number) => Promise<boolean | void>,
): Promise<void> {
  const waiting = items.values();
  let isOver = false;
  const follow = async (lane: number): Promise<void> => {
    for (const item of waiting) {
      if (isOver) return;
      try {
        if ((await work(item, lane)) === false) isOver = true;
      } catch (error) {
        isOver = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, (_, lane) => follow(lane)));
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}
