import type { Arbitrary } from 'fast-check';

/** Something that reads a text, and has no state. */
export type Reader = {
  readonly name: string;
  readonly inputs: Arbitrary<string>;
  /** Only this is measured. What it returns throws when what was made of the text is wrong. */
  readonly read: (text: string) => (() => void) | undefined;
  /** Long texts are read in a thread of their own, where nobody is kept waiting. */
  readonly isApart?: true;
};
