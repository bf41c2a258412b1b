/** Numbers that look random and are the same for the same seed, wherever they are drawn. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 (included) to 1. The generator is mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  pick<T>(choices: readonly T[]): T {
    const chosen = choices[this.between(0, choices.length - 1)];
    if (chosen === undefined) throw new RangeError('there is nothing to pick from');
    return chosen;
  }

  /** `count` different numbers from `min` to `max`, in order; all of them where there are no more. */
  someBetween(count: number, min: number, max: number): number[] {
    const chosen = new Set<number>();
    const most = Math.min(count, max - min + 1);
    while (chosen.size < most) chosen.add(this.between(min, max));
    return [...chosen].sort((a, b) => a - b);
  }

  /** Another generator of its own, so that one part's draws do not move another's. */
  fork(name: string): Random {
    let hash = 0x811c9dc5 ^ this.#state;
    for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    return new Random(hash);
  }
}
