/** What happens to a call instead of the right answer. `perform` means that the call takes effect all the same. */
export type FaultEffect =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly code?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly perform?: boolean;
    }
  /** The TCP connection ends without an answer. */
  | { readonly kind: 'cut'; readonly perform?: boolean }
  /** No answer, until the server closes. */
  | { readonly kind: 'hang'; readonly perform?: boolean }
  /** The right answer, late. The call takes effect at the end of the wait. */
  | { readonly kind: 'slow'; readonly ms: number };

/** Which calls are meant. What is left out matches everything. */
export type CallFilter = {
  readonly method?: string;
  /** A route such as `/im/v1/messages/:message_id/reply`, or a pattern for the path; both without `/open-apis`. */
  readonly path?: string | RegExp;
};

/** What happens to which calls. */
export type Fault = CallFilter & {
  /** How many calls it spoils. Infinity is fine. */
  readonly times?: number;
  readonly effect: FaultEffect;
};

/** The faults still to come, oldest first. */
export class Faults {
  #waiting: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** Uses up one time of the first fault that fits. */
  take(call: FilteredCall): FaultEffect | undefined {
    const found = this.#waiting.find(({ fault }) => fits(fault, call));
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left <= 0) this.#waiting = this.#waiting.filter((entry) => entry !== found);
    return found.fault.effect;
  }
}

type FilteredCall = { readonly method: string; readonly path: string; readonly route: string | undefined };

export function fits(filter: CallFilter, call: FilteredCall): boolean {
  if (filter.method !== undefined && filter.method !== call.method) return false;
  if (filter.path === undefined) return true;
  if (typeof filter.path === 'string') return filter.path === call.route || filter.path === call.path;
  return filter.path.test(call.path);
}
