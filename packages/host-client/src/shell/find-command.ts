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

/** The calls in `-exec … ;`, with each start in the place of `{}`. */
export function findExecs(args: readonly string[]): readonly (readonly string[])[] {
  const starts = deletesSelectively(args) ? [] : findStarts(args);
  return args.flatMap((arg, index) => {
    if (!/^-(exec|ok)(dir)?$/.test(arg)) return [];
    const rest = args.slice(index + 1);
    const end = rest.findIndex((word) => word === ';' || word === '+');
    const call = end === -1 ? rest : rest.slice(0, end);
    return [call.flatMap((word) => (word === '{}' ? starts : [word]))];
  });
}
