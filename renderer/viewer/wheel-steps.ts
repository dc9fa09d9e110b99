interface Wheel {
  deltaY: number;
  deltaMode: number;
}

const notch = 50;
const finePixelsPerSlice = 24;

/** Slices to go for each wheel event: one for a notch of a mouse wheel, one for every few pixels of a touch pad. */
export function createWheelSteps(): (event: Wheel) => number {
  let rest = 0;
  return ({ deltaY, deltaMode }) => {
    if (deltaMode !== 0 || Math.abs(deltaY) >= notch) {
      rest = 0;
      return Math.sign(deltaY);
    }
    rest += deltaY;
    const steps = Math.trunc(rest / finePixelsPerSlice);
    rest -= steps * finePixelsPerSlice;
    return steps;
  };
}
