import * as z from 'zod';

/** What a terminal asks of the node on its machine: a line of JSON. */
export const AttachRequest = z.object({
  /** Name, id or the beginning of a name; empty: the session that was used last. */
  session: z.string().max(200),
});
export type AttachRequest = z.infer<typeof AttachRequest>;

/** What the node answers: lines of JSON, up to `ready` or `error`. */
export const AttachAnswer = z.discriminatedUnion('kind', [
  /** The session works on something; it is given when that is done. */
  z.object({ kind: z.literal('waiting'), name: z.string() }),
  /** It is the terminal's for as long as the connection stays open. */
  z.object({
    kind: z.literal('ready'),
    name: z.string(),
    command: z.string(),
    args: z.array(z.string()),
    cwd: z.string(),
  }),
  z.object({ kind: z.literal('error'), message: z.string() }),
]);
export type AttachAnswer = z.infer<typeof AttachAnswer>;
