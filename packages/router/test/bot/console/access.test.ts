import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ConsoleRouter } from './console-router.ts';

const assets = ['/', '/console/app.js', '/console/style.css', '/console/marked.js', '/console/purify.js'];

test('the printed address gives a cookie that no script and no other site gets, and leads to the page', async () => {
  await using router = await ConsoleRouter.start();
  const response = await fetch(router.channel.url(router.origin), { redirect: 'manual' });
  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toBe('/');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const cookie = response.headers.get('set-cookie') ?? '';
  expect(cookie.startsWith(`${router.cookie};`)).toBe(true);
  expect(cookie).toContain('HttpOnly');
  expect(cookie).toContain('SameSite=Strict');
  expect(cookie).toContain('Path=/');
});

test('a browser without the cookie, or with a wrong key, gets a readable 401 and nothing of the console', async () => {
  await using router = await ConsoleRouter.start();
  const wrong = `${router.cookie.slice(0, -1)}!`;
  const attempts = [
    ...assets.map((path) => ({ path, cookie: '' })),
    { path: '/', cookie: wrong },
    { path: '/', cookie: `phonework_1=${router.token}` },
    { path: '/?token=wrong', cookie: '' },
    { path: '/?token=wrong', cookie: router.cookie },
    { path: `/?token=${router.token}&token=${router.token}`, cookie: '' },
    { path: `/console/app.js?token=${router.token}`, cookie: '' },
  ];
  for (const { path, cookie } of attempts) {
    const response = await fetch(`${router.origin}${path}`, { headers: { cookie } });
    expect([path, response.status]).toEqual([path, 401]);
    expect(await response.text()).toContain('Open the address that PhoneWork printed');
    expect(response.headers.get('set-cookie')).toBeNull();
  }
});

test('the page and all its parts come from the router, and only to its cookie', async () => {
  await using router = await ConsoleRouter.start();
  for (const path of assets) {
    const response = await fetch(`${router.origin}${path}`, { headers: { cookie: router.cookie } });
    expect([path, response.status]).toEqual([path, 200]);
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('private, no-cache');
    const etag = response.headers.get('etag') ?? '';
    const again = await fetch(`${router.origin}${path}`, {
      headers: { cookie: router.cookie, 'if-none-match': etag },
    });
    expect(again.status).toBe(304);
  }
});

test('every asset that the page refers to is served', async () => {
  await using router = await ConsoleRouter.start();
  const seen = new Set(['/']);
  for (const path of seen) {
    const response = await fetch(`${router.origin}${path}`, { headers: { cookie: router.cookie } });
    expect([path, response.status]).toEqual([path, 200]);
    const text = await response.text();
    for (const [, found] of text.matchAll(/(?:src|href|from) ?=? ?["'](\.?\/[\w./-]+)["']/g)) {
      if (found !== undefined && !path.endsWith('purify.js'))
        seen.add(new URL(found, `${router.origin}${path}`).pathname);
    }
  }
  expect(seen.size).toBeGreaterThan(10);
});

test('a name that an attacker made to resolve to this machine is refused (DNS rebinding)', async () => {
  await using router = await ConsoleRouter.start();
  const port = new URL(router.origin).port;
  const hosts = [
    `evil.example:${port}`,
    'evil.example',
    `127.0.0.1.evil.example:${port}`,
    `localhost.evil.example`,
    `192.168.1.2:${port}`,
    `0.0.0.0:${port}`,
  ];
  for (const host of hosts) {
    for (const path of ['/', `/?token=${router.token}`, '/console/app.js']) {
      const response = await get(router, path, { host, cookie: router.cookie, 'x-forwarded-for': '127.0.0.1' });
      expect([host, path, response.statusCode]).toEqual([host, path, 403]);
      expect(response.headers['set-cookie']).toBeUndefined();
    }
    const origin = `http://${host}`;
    expect([host, await upgradeStatus(router, { host, origin, cookie: router.cookie })]).toEqual([host, 403]);
  }
});

test('each name of this machine works, with a cookie of its own port', async () => {
  await using router = await ConsoleRouter.start();
  for (const host of ['localhost:9000', '127.0.0.1:9000', '[::1]:9000']) {
    const response = await get(router, '/', { host, cookie: `phonework_9000=${router.token}` });
    expect([host, response.statusCode]).toEqual([host, 200]);
  }
});

test('a socket opens with the cookie and the origin of the page only', async () => {
  await using router = await ConsoleRouter.start();
  const { cookie, origin } = router;
  expect(await upgradeStatus(router, { origin })).toBe(401);
  expect(await upgradeStatus(router, { cookie })).toBe(403);
  expect(await upgradeStatus(router, { cookie, origin: 'http://evil.example' })).toBe(403);
  expect(await upgradeStatus(router, { cookie, origin: 'http://127.0.0.1:1' })).toBe(403);
  expect(await upgradeStatus(router, { cookie, origin: 'null' })).toBe(403);
  expect(await upgradeStatus(router, { cookie, origin })).toBe(101);
});

test('the token is the same after a restart, and stands in no log line', async () => {
  await using first = await ConsoleRouter.start();
  const { token, dataDir } = first;
  await fetch(first.channel.url(first.origin), { redirect: 'manual' });
  await fetch(`${first.origin}/`, { headers: { cookie: first.cookie } });
  expect(first.log.join('')).not.toContain(token);
  await first.stop();
  await using second = await ConsoleRouter.start({ dataDir });
  expect(second.token).toBe(token);
  expect(Buffer.from(token, 'base64url').length).toBe(32);
});

async function get(router: ConsoleRouter, path: string, headers: Record<string, string>): Promise<IncomingMessage> {
  // Not fetch, which does not let a Host be set.
  const sent = request(`${router.origin}${path}`, { headers }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  return response;
}

/** The status that an upgrade was answered with. */
async function upgradeStatus(router: ConsoleRouter, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(`${router.origin.replace('http', 'ws')}/console/ws`, { headers });
  return await new Promise((resolve) => {
    socket.on('error', () => {});
    socket.on('upgrade', (response) => resolve(response.statusCode ?? 0));
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('open', () => socket.close());
  });
}
