/** The package's door for durable mail: what must arrive (Outbox) and what has arrived (Inbox). */

export type { Letter, NewLetter } from './inbox.ts';
export { Inbox } from './inbox.ts';
export type { Courier, NewParcel, Parcel } from './outbox.ts';
export { Outbox } from './outbox.ts';
export { MailFullError, mailSchema, outboxSchema } from './schema.ts';
