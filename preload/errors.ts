/** The whole error vocabulary. A tag names what went wrong; `details` names the file, what was expected, what was found. */
export const errorTags = [
  'WrongUse',
  'InvalidInput',
  'FileNotReadable',
  'NotRecognised',
  'EmptyFolder',
  'ArchiveInvalid',
  'DicomInvalid',
  'NiftiInvalid',
  'VolumeInvalid',
  'UnsupportedTransferSyntax',
  'UnsupportedPixelData',
  'SlideInvalid',
  'UnsupportedCompression',
  'TooLarge',
  'OutputNotWritable',
  'DiskFull',
  'UnknownModel',
  'PackInvalid',
  'HashMismatch',
  'ModelDoesNotFit',
  'ModelExists',
  'ModelInUse',
  'NotEnoughMemory',
  'ProviderUnavailable',
  'InferenceFailed',
  'UnknownSeries',
  'UnknownImage',
  'UnknownSlide',
  'UnknownRun',
  'UnknownReview',
  'ReviewLocked',
  'OriginalityOpen',
  'DatabaseUnusable',
  'Cancelled',
  'EngineStopped',
  'Internal',
] as const;

export type ErrorTag = (typeof errorTags)[number];

export interface ErrorDetails {
  path?: string;
  expected?: string;
  found?: string;
}

/** The form in which an error crosses a process boundary. */
export interface SerialisedError {
  tag: ErrorTag;
  message: string;
  details: ErrorDetails;
}

/** `message` is one whole neutral sentence that says what happened, to which input, and what to do where that is known. */
export class VerisimError extends Error {
  readonly tag: ErrorTag;
  readonly details: ErrorDetails;

  constructor(tag: ErrorTag, message: string, details: ErrorDetails & { cause?: unknown } = {}) {
    const { cause, ...rest } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'VerisimError';
    this.tag = tag;
    this.details = rest;
  }
}

export function serialiseError(error: unknown): SerialisedError {
  if (error instanceof VerisimError) return { tag: error.tag, message: error.message, details: error.details };
  if (isAbort(error)) return { tag: 'Cancelled', message: 'The work was cancelled.', details: {} };
  return { tag: 'Internal', message: error instanceof Error ? error.message : String(error), details: {} };
}

export function deserialiseError(error: SerialisedError): VerisimError {
  return new VerisimError(error.tag, error.message, error.details);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
