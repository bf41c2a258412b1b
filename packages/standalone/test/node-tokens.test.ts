import { startHouse } from '@phonework/testkit/house';
import { expect, test } from 'vitest';

test('where nodes need tokens, standalone still has its own node, and its ROUTER_SECRET opens nothing', async () => {
  const secret = 'a-secret-that-is-shared';
  await using house = await startHouse({
    standalone: true,
    keyring: { REQUIRE_NODE_TOKENS: true, ROUTER_SECRET: secret },
  });
  await house.start();
  const door = await fetch(`${house.url}/ws/node`, { headers: { authorization: `Bearer ${secret}` } });
  expect(door.status).toBe(401);
});
