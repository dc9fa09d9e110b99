/** What a person who de-identifies wants to keep (PS3.15 E.3); everything else goes, as the Basic Profile says. */
export interface DeidentifyOptions {
  /** `shift` moves all dates of one patient by the same number of days (E.3.6), `keep` leaves them (E.3.7). */
  dates: 'remove' | 'shift' | 'keep';
  /** Keep the UIDs (E.3.9); else each is replaced, always by the same other one. */
  uids: boolean;
  /** Device identity (E.3.8). */
  device: boolean;
  /** Institution identity (E.3.12). */
  institution: boolean;
  /** Sex, age, size, weight and the like (E.3.11). */
  patient: boolean;
  /** Descriptions, reduced to known words of radiology (E.3.5). */
  descriptors: boolean;
}

export const basicProfileOnly: DeidentifyOptions = {
  dates: 'remove',
  uids: false,
  device: false,
  institution: false,
  patient: false,
  descriptors: false,
};
