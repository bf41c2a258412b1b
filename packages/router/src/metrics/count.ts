/**
 * How often something happened, by labels from closed sets. In plain numbers: counting must cost next to nothing in a
 * process that nobody ever asks.
 */
export class Count<Labels extends Readonly<Record<string, string>>> {
  #counted = new Map<string, { readonly labels: Labels; times: number }>();

  add(labels: Labels): void {
    // With each frame: cheaper than a list of the values.
    let key = '';
    for (const name in labels) key += `${labels[name]} `;
    const entry = this.#counted.get(key);
    if (entry === undefined) this.#counted.set(key, { labels, times: 1 });
    else entry.times += 1;
  }

  /** What was counted since it was last taken. */
  take(): readonly { readonly labels: Labels; readonly times: number }[] {
    const taken = [...this.#counted.values()];
    this.#counted = new Map();
    return taken;
  }
}
