/** A folder as it is listed: some of its entries, folders first, then by name. */
export type Tree = {
  readonly entries: readonly TreeEntry[];
  /** How many entries were left out. */
  readonly more: number;
  /** There are even more than were counted. */
  readonly isUncounted: boolean;
};

export type TreeEntry =
  | { readonly kind: 'folder'; readonly name: string; readonly inside: Tree | FolderLeftOut }
  | { readonly kind: 'file'; readonly name: string; readonly size: number }
  | { readonly kind: 'link' | 'special'; readonly name: string };

/** `limit`: too deep, too much before it, or too slow. */
export type FolderLeftOut = 'limit' | 'no_access';
