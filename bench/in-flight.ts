import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A message has 1 KB. */
const filling = 'All work and no play. '.repeat(45);

/** ms from each message until its answer, and how many were answered in a second. */
export type Throughput = { readonly latenciesMs: readonly number[]; readonly perSecond: number };

/**
 * Sends messages over a WebSocket, each in the chat of the answer that made room for it, `inFlight` at a time. What is
 * sent before `warmUp` are answered does not count. Rejects when an answer comes twice.
 */
export async function keepInFlight(
  url: string,
  { inFlight, warmUp, count }: { readonly inFlight: number; readonly warmUp: number; readonly count: number },
): Promise<Throughput> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, 'open');
  const sent = new Map<string, { readonly chatId: number; readonly at: number }>();
  const latenciesMs: number[] = [];
  let next = 0;
  let answered = 0;
  let startedAt = 0;
  const send = (chatId: number) => {
    const id = `om_${next}`;
    next += 1;
    sent.set(id, { chatId, at: performance.now() });
    socket.send(JSON.stringify({ id, chat_id: String(chatId), text: `message ${id} ${filling}` }));
  };
  return await new Promise((resolve, reject) => {
    socket.on('message', (data) => {
      const { reply_to } = JSON.parse(data.toString());
      const message = sent.get(reply_to);
      if (message === undefined) {
        reject(new Error(`a second answer to ${reply_to}`));
        return;
      }
      sent.delete(reply_to);
      answered += 1;
      const now = performance.now();
      if (answered === warmUp) startedAt = now;
      if (answered > warmUp) latenciesMs.push(now - message.at);
      if (answered === warmUp + count) {
        socket.terminate();
        resolve({ latenciesMs, perSecond: (count * 1000) / (now - startedAt) });
      } else if (next < warmUp + count + inFlight) send(message.chatId);
    });
    for (let chatId = 0; chatId < inFlight; chatId += 1) send(chatId);
  });
}
