/**
 * A window in rescaled units (HU for CT). Without `shape` or `table` it is the linear window of DICOM PS3.3 C.11.2.1.2.
 * `sigmoid` is 1 / (1 + exp(−4 (x − centre) / width)); `linearExact` runs from centre − width/2 to centre + width/2.
 */
export interface VoiWindow {
  centre: number;
  width: number;
  label?: string;
  shape?: 'sigmoid' | 'linearExact';
  /** A VOI LUT: brightness 0…1 at values spread evenly from `first` to `last`; the end entries hold beyond them. */
  table?: { first: number; last: number; outputs: number[] };
}
