import { WebSocket } from 'ws';

/** What the door says to an upgrade with this bearer: the status, 101 when it lets in. */
export async function knock(url: string, bearer: string): Promise<number> {
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${bearer}` } });
  return await new Promise((resolve, reject) => {
    socket.on('upgrade', (response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('error', reject);
  });
}
