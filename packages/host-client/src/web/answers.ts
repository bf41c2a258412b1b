import * as z from 'zod';

/** One thing that was found. Texts are as they came; what is missing is empty. */
export type WebResult = {
  readonly title: string;
  /** An http(s) address, or empty. */
  readonly url: string;
  readonly snippet: string;
  readonly date: string;
};

/** A page, or an answer in words. */
export type WebProse = { readonly title: string; readonly text: string; readonly sources: readonly WebResult[] };

/** Reads a list of results; undefined where `answer` has another shape, and is to be shown as it is. */
export function readResults(answer: string): readonly WebResult[] | undefined {
  const value = parse(answer);
  return findResults(value) ?? findResults(fieldsOf(value)?.data);
}

/** Reads what may be bare text, or JSON around it. Never fails: at worst the text is `answer` as it came. */
export function readProse(answer: string): WebProse {
  const outer = parse(answer);
  const fields = fieldsOf(fieldsOf(outer)?.data) ?? fieldsOf(outer);
  if (fields === undefined) return { title: '', text: typeof outer === 'string' ? outer : answer, sources: [] };
  const text = firstText(fields, ['markdown', 'content', 'answer', 'text', 'message']) || chatMessage(fields);
  if (text === '') return { title: '', text: answer, sources: [] };
  return { title: firstText(fields, ['title']), text, sources: findResults(fields) ?? [] };
}

/** More than anybody asks for. */
const maxResults = 50;

type Fields = Readonly<Record<string, unknown>>;

const Chat = z.object({
  choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]).rest(z.unknown()),
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Fields | undefined {
  // Not by a schema, which would look at each of what may be very many. An object's members are `unknown` all the same.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** The list is under a name that depends on what was searched for: webpages, scholars, videos. */
function findResults(value: unknown): readonly WebResult[] | undefined {
  const lists = (Array.isArray(value) ? [value] : Object.values(fieldsOf(value) ?? {})).filter(Array.isArray);
  const results = lists.map((list) => list.slice(0, maxResults).flatMap(toResult)).find((list) => list.length > 0);
  return results ?? (lists.some((list) => list.length === 0) ? [] : undefined);
}

function toResult(entry: unknown): WebResult[] {
  const fields = fieldsOf(entry);
  if (fields === undefined) return [];
  const title = firstText(fields, ['title', 'name']);
  const url = firstText(fields, ['link', 'url']);
  if (title === '' && url === '') return [];
  return [
    {
      title,
      url: /^https?:\/\//i.test(url) ? url : '',
      snippet: firstText(fields, ['summary', 'snippet', 'description', 'content']),
      date: firstText(fields, ['date', 'publishedDate']),
    },
  ];
}

function chatMessage(fields: Fields): string {
  return Chat.safeParse(fields).data?.choices[0].message.content.trim() ?? '';
}

function firstText(fields: Fields, names: readonly string[]): string {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return '';
}
