import { signedHeaders, webhookRequest } from '@phonework/testkit/feishu-server';
import * as fc from 'fast-check';
import type { OpenDoor } from '../door.ts';
import { defineDoor, expectThat } from '../door.ts';
import { platformEvents } from '../events.ts';
import { ENCRYPT_KEY, SiegeRouter } from '../siege-router.ts';
import { jsonOf, spoiled, strangeText } from '../strange.ts';

/** What is posted to the webhook: by the platform, by one who knows the key and writes nonsense, and by others. */
export const webhookBodies = defineDoor({ name: 'webhook-bodies', share: 4, open });

type Posted = {
  readonly body: unknown;
  readonly how: 'sealed' | 'signed' | 'unsigned' | 'wrong-key' | 'old';
  /** Over the body as it is sent. */
  readonly raw?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
};

const challenge = { type: 'url_verification', challenge: 'c', token: 't' };

async function open(): Promise<OpenDoor<Posted>> {
  const house = await SiegeRouter.start({ events: 'webhook' });
  const body = fc.oneof({ weight: 8, arbitrary: platformEvents() }, { weight: 1, arbitrary: fc.constant(challenge) });
  const how = fc.constantFrom(
    'sealed' as const,
    'sealed' as const,
    'signed' as const,
    'unsigned' as const,
    'wrong-key' as const,
    'old' as const,
  );
  const sealedRaw = spoiled(fc.base64String({ maxLength: 200 })).map((encrypt) => JSON.stringify({ encrypt }));
  const raw = fc.oneof(jsonOf(platformEvents()), sealedRaw, strangeText);
  const name = fc.constantFrom('x-lark-request-timestamp', 'x-lark-request-nonce', 'x-lark-signature', 'content-type');
  const value = fc.string({ maxLength: 30 }).map((text) => text.trim());
  const cases = fc.record({
    body,
    how,
    raw: fc.option(raw, { nil: undefined, freq: 2 }),
    headers: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.dictionary(name, value) }),
  });
  return {
    cases,
    meet: (posted) => meet(house, posted),
    serves: () => serves(house),
    close: async () => await house[Symbol.asyncDispose](),
  };
}

async function meet(house: SiegeRouter, { body, how, raw, headers }: Posted): Promise<void> {
  const request = raw === undefined ? sealed(body, how) : { payload: raw, headers: signed(raw, how) };
  const all = { ...request.headers, ...headers };
  const answer = await fetch(`${house.router.url}/feishu/events`, {
    method: 'POST',
    body: request.payload,
    headers: all,
  });
  const text = await answer.text();
  expectThat([200, 400, 401, 413, 415].includes(answer.status), `answered ${answer.status} ${text.slice(0, 200)}`);
  const isKnown = how === 'sealed' || how === 'signed' || body === challenge;
  if (!isKnown && raw === undefined) expectThat(answer.status !== 200, `a body that is ${how} was taken`);
  if (answer.status === 401) expectThat(text === '', 'a refusal that explains itself');
}

function sealed(body: unknown, how: Posted['how']) {
  const encryptKey = how === 'wrong-key' ? 'another key' : ENCRYPT_KEY;
  const request = webhookRequest(body, { encryptKey, ...(how === 'old' && { timestampS: 1 }) });
  return how === 'unsigned' ? { ...request, headers: {} } : request;
}

function signed(payload: string, how: Posted['how']): Record<string, string> {
  if (how === 'unsigned') return {};
  const encryptKey = how === 'wrong-key' ? 'another key' : ENCRYPT_KEY;
  return signedHeaders(payload, { encryptKey, ...(how === 'old' && { timestampS: 1 }) });
}

async function serves(house: SiegeRouter): Promise<void> {
  expectThat(await house.isHealthy(), 'the router is not healthy');
  const request = webhookRequest(challenge, { encryptKey: ENCRYPT_KEY });
  const url = `${house.router.url}/feishu/events`;
  const answer = await fetch(url, { method: 'POST', body: request.payload, headers: request.headers });
  expectThat((await answer.text()) === '{"challenge":"c"}', 'the challenge is not answered');
}
