/** Where a find starts: the words before its expression. */
export function findStarts(args: readonly string[]): readonly string[] {
  const start = args.findIndex((arg) => !/^-([HLP]|O\d?|D)$/.test(arg));
  if (start === -1) return ['.'];
  const rest = args.slice(start);
  const end = rest.findIndex((arg) => /^[-(!,]/.test(arg));
  const starts = end === -1 ? rest : rest.slice(0, end);
  return starts.length === 0 ? ['.'] : starts;
}

/** Whether a test narrows what find finds, so that it does not mean all that lies under its start. */
export function deletesSelectively(args: readonly string[]): boolean {
  return args.some(
    (arg, index) =>
      /^-(i?name|i?path|i?wholename|i?regex|[acm]time|[acm]min|newer\w*|size|user|inum|empty)$/.test(arg) &&
      !/^[*?.]*$/.test(args[index + 1] ?? 'narrow'),
  );
}

/** The calls in a find's `-exec … ;`, with its starts in the place of `{}`. */
export function findExecs(name: string, args: readonly string[]): readonly (readonly string[])[] {
  if (name !== 'find') return [];
  const starts = deletesSelectively(args) ? [] : findStarts(args);
  const calls: (readonly string[])[] = [];
  for (let index = 0; index < args.length; index++) {
    if (!/^-(exec|ok)(dir)?$/.test(args[index] ?? '')) continue;
    const begin = index + 1;
    while (index < args.length && args[index] !== ';' && args[index] !== '+') index++;
    calls.push(fillIn(args.slice(begin, index), /^\{\}$/, starts));
  }
  return calls;
}

/** `words` with `values` in the first place that is kept for them; further ones would only say the same again. */
export function fillIn(words: readonly string[], place: RegExp, values: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => place.test(word));
  return words.flatMap((word, index) => (place.test(word) ? (index === first ? values : []) : [word]));
}
