import { expect, test } from 'vitest';
import { hostKeys } from '../src/config.ts';

const schema = hostKeys.ROUTER_URL.schema;

test.each(['ws://127.example.com/ws/node', 'ws://127.0.0.1.example.com/ws/node', 'ws://localhost.example.com/ws/node'])(
  '%s only looks like an address of this machine: the secret is not sent there',
  (url) => {
    expect(schema.safeParse(url).success).toBe(false);
  },
);

test('the whole loopback network is this machine', () => {
  expect(schema.safeParse('ws://127.1.2.3:8000/ws/node').success).toBe(true);
});

test.each(['router.example.com', 'ws://', ''])('%j is refused as an address, and does not end the check', (text) => {
  expect(schema.safeParse(text).success).toBe(false);
});
