/** What `/rules` answers. */
export const rulesTexts = {
  none: 'Nothing is always allowed. "Always allow" under a question about a command stores what it allows here.',
  title: 'Always allowed, without a question:',
  rule: (call: string, place: string) => `${call} in ${place} and below`,
  workingFolder: 'the working folder',
  hint: '/rules remove <id> takes one back.',
  removed: (rule: string) => `Not always allowed any more: ${rule}. You are asked again.`,
  unknown: (id: string) => `There is no rule ${id}. /rules lists them.`,
  usage: 'Send /rules for the list, or /rules remove and the id of one.',
} as const;
