/** How many line ends stand before a block: 1 where it goes on with a list or a paragraph, else 2. */
export type Gap = 1 | 2;

/** A paragraph, a heading, a quote, a rule or an item of a list, as it was written. */
export type TextBlock = {
  readonly kind: 'text';
  readonly gap: Gap;
  readonly text: string;
  readonly isHeading?: true;
  /** How deep it stands in a list: 0 for its items, 1 for what is within these. Absent outside of lists. */
  readonly level?: number;
  /** It begins with the marker of an item. */
  readonly isItem?: true;
};

export type CodeBlock = {
  readonly kind: 'code';
  readonly gap: Gap;
  /** As written behind the fence, such as `ts`; perhaps empty. */
  readonly language: string;
  readonly code: string;
  /** Its fence has no end: it may go on. */
  readonly isOpen?: true;
};

export type Alignment = 'left' | 'center' | 'right';

/** Each row has as many cells as the header; a `|` in a cell is written `\|`. */
export type TableBlock = {
  readonly kind: 'table';
  readonly gap: Gap;
  readonly header: readonly string[];
  readonly alignments: readonly Alignment[];
  readonly rows: readonly (readonly string[])[];
};

export type Block = TextBlock | CodeBlock | TableBlock;
