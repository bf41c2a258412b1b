const WINDOW_MS = 60_000;
const MAX_IN_WINDOW = 20;
const BLOCK_MS = 60_000;
const MAX_ADDRESSES = 10_000;

type Tries = { readonly times: number[]; blockedUntil: number };

/**
 * Counts wrong bearers by address, so that guessing leads nowhere. It is asked only about wrong ones: the owner of a
 * right one gets in, whoever else guesses from behind the same address.
 */
export class WrongBearers {
  readonly #addresses = new Map<string, Tries>();

  /** Notes a wrong bearer from `address`. Returns for how many ms that address has to wait: 0 while it need not. */
  note(address: string): number {
    const now = performance.now();
    const tries = this.#triesFrom(networkOf(address));
    if (now < tries.blockedUntil) return tries.blockedUntil - now;
    while (tries.times[0] !== undefined && tries.times[0] <= now - WINDOW_MS) tries.times.shift();
    tries.times.push(now);
    if (tries.times.length >= MAX_IN_WINDOW) {
      tries.times.length = 0;
      tries.blockedUntil = now + BLOCK_MS;
    }
    return 0;
  }

  #triesFrom(network: string): Tries {
    const tries = this.#addresses.get(network) ?? { times: [], blockedUntil: 0 };
    // Put last: the first is the one that was quiet for longest, and has to go when there are too many.
    this.#addresses.delete(network);
    this.#addresses.set(network, tries);
    const [quietest] = this.#addresses.keys();
    if (this.#addresses.size > MAX_ADDRESSES && quietest !== undefined) this.#addresses.delete(quietest);
    return tries;
  }
}

/** An IPv4 address itself; of an IPv6 address its first half, since who has one has all addresses with the same half. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const behind = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - behind.length;
  return [...groups, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...behind].slice(0, 4).join(':');
}
