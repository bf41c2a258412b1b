import { WebSocket } from 'ws';

/** What a door says to an upgrade with these headers: the status, 101 when it lets in. */
export async function knock(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const socket = new WebSocket(url, { headers });
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

export const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
