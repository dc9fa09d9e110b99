import type { DeidentifyOptions } from '../../../preload/deidentify.ts';
import profile from './confidentiality-profile.json' with { type: 'json' };

/** What happens to one element; `items` is done inside a sequence that stays. */
export type Action = 'keep' | 'remove' | 'empty' | 'dummy' | 'uid' | 'shift' | 'clean';

interface ProfileAttribute {
  tag: string;
  name: string;
  basic: string;
  uids?: string;
  device?: string;
  institution?: string;
  patient?: string;
  fullDates?: string;
  modifiedDates?: string;
  descriptors?: string;
}

export const profileSource = profile.source;
const attributes: readonly ProfileAttribute[] = profile.attributes;
const byTag = new Map(attributes.map((attribute) => [attribute.tag, attribute]));

/** Identifiers of the standard itself, such as SOP classes and transfer syntaxes, identify nobody. */
export const standardRoot = '1.2.840.10008.';
/** Required, though empty, in computed radiography, digital X-ray and others (PS3.3 C.7.6.14). */
const acquisitionContext = '00400555';
/** SOP classes, coding schemes and context groups say what an object is, also where a maker has defined its own. */
const classTags = new Set(['00080016', '0008001A', '0008001B', '0008010C', '00080117', '00080118', '00081150']);
/** Attributes of group 0010 that were added to the standard after the table and say nothing about who the patient is. */
const harmlessPatientTags = new Set(['00102201', '00102202', '00109431', '00100200']);

/**
 * The action of PS3.15 table E.1-1 under the chosen options. Where the table leaves a choice by the type of the attribute, the
 * one that is valid for every type is taken: a dummy before an empty value before removal. Beyond the table, private and unknown
 * elements go, and so do dates, names, UIDs and patient attributes that are younger than it.
 */
export function actionFor(tag: string, vr: string, options: DeidentifyOptions): Action {
  const upper = tag.toUpperCase();
  const group = parseInt(upper.slice(0, 4), 16);
  if (group % 2 === 1) return 'remove';
  const attribute = byTag.get(upper) ?? byTag.get(`${upper.slice(0, 2)}XX${upper.slice(4)}`);
  if (attribute === undefined) return isCurve(group) ? 'remove' : unlistedAction(upper, vr, options);
  return optionAction(attribute, vr, options) ?? basicAction(attribute, vr);
}

/** Standard tag without a name of its own in the table. */
function unlistedAction(tag: string, vr: string, options: DeidentifyOptions): Action {
  if (vr === 'DA' || vr === 'DT' || vr === 'TM') return dateAction(vr, options.dates) ?? 'dummy';
  if (vr === 'UI') return options.uids || classTags.has(tag) ? 'keep' : 'uid';
  if (vr === 'PN') return 'empty';
  return tag.startsWith('0010') && !harmlessPatientTags.has(tag) ? 'remove' : 'keep';
}

function isCurve(group: number): boolean {
  return group >= 0x5000 && group <= 0x501e;
}

function optionAction(attribute: ProfileAttribute, vr: string, options: DeidentifyOptions): Action | null {
  if (attribute.fullDates !== undefined) {
    const action = dateAction(vr, options.dates);
    if (action !== null) return action;
  }
  if (options.uids && attribute.uids === 'K') return 'keep';
  if (options.device && attribute.device === 'K') return 'keep';
  if (options.institution && attribute.institution === 'K') return 'keep';
  if (options.patient && attribute.patient === 'K') return 'keep';
  // Codes cannot be cleaned word by word.
  if (vr === 'SQ') return null;
  const isText = options.descriptors && attribute.descriptors === 'C';
  const isPatientText = options.patient && options.descriptors && attribute.patient === 'C';
  return isText || isPatientText ? 'clean' : null;
}

/** Times of day stay as they are where dates are shifted by whole days. */
function dateAction(vr: string, dates: DeidentifyOptions['dates']): Action | null {
  if (dates === 'remove') return null;
  return dates === 'keep' || vr === 'TM' ? 'keep' : 'shift';
}

function basicAction({ tag, basic }: ProfileAttribute, vr: string): Action {
  if (basic.includes('U')) return vr === 'SQ' ? 'keep' : 'uid';
  if (basic.includes('D')) return vr === 'SQ' ? 'keep' : 'dummy';
  // Most sequences that may be removed may not be empty.
  if (vr === 'SQ' && basic.includes('X') && tag !== acquisitionContext) return 'remove';
  return basic.includes('Z') ? 'empty' : 'remove';
}
