import type { QuestionOwner } from './question.ts';

/** Whoever has to act on a question's outcome could not. */
export class OwnerFault extends Error {
  override readonly name = 'OwnerFault';
  readonly code: 'no_owner' | 'owner_failed';
  readonly kind: string;
  constructor(code: OwnerFault['code'], kind: string, options?: ErrorOptions) {
    super(`${code}: questions of the kind ${kind}`, options);
    this.code = code;
    this.kind = kind;
  }
}

/** Whose business each kind of question is. */
export class Owners {
  readonly #owners = new Map<string, QuestionOwner>();

  set(kind: string, owner: QuestionOwner): void {
    this.#owners.set(kind, owner);
  }

  /** What the owner of this kind makes of an outcome. Throws OwnerFault. */
  consult<T>(kind: string, ask: (owner: QuestionOwner) => T): T {
    const owner = this.#owners.get(kind);
    if (owner === undefined) throw new OwnerFault('no_owner', kind);
    try {
      return ask(owner);
    } catch (cause) {
      throw new OwnerFault('owner_failed', kind, { cause });
    }
  }
}
