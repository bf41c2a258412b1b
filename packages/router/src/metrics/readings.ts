/** What is so right now, read at each scrape. */
export type Readings = {
  /** All that ever registered. */
  readonly nodes: () => readonly { readonly online: boolean }[];
  /** How much waits, by the queue it waits in. */
  readonly queues: () => {
    readonly forwards: number;
    readonly node_outbox: number;
    readonly chat_outbox: number;
  };
  readonly channels: () => readonly { readonly name: string; readonly connected: boolean }[];
  readonly storeWritable: () => boolean;
};
