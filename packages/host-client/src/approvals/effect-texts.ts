import { formatDuration } from '@phonework/shared/duration';

/** What users read about effects that they are asked about. */
export const effectTexts = {
  allowOnce: 'Allow once',
  always: 'Always allow',
  deny: 'Deny',
  alwaysAllowed: '✓ Always allowed from now on. /rules lists what is, and takes it back.',
  notAsked: 'Nothing was run: that message is over. Send it again if it is still needed.',
  expired: (ttlMs: number) => `Nobody answered within ${formatDuration(ttlMs)}: not allowed, nothing was run.`,
  takenBack: 'Taken back, and nothing was run: you are asked again if it is still needed.',
} as const;
