import { startHouse } from '@phonework/testkit/house';
import { expect, test } from 'vitest';
import { Phone } from './claude/phone.ts';
import { ScriptedMailboy } from './m2/scripted-mailboy.ts';

test("a machine's own secrets are in no chat, also where a command finds them", async () => {
  await using house = await startHouse({ hostConfig: { OPENAI_API_KEY: undefined } });
  await house.start({ METASO_API_KEY: 'mk-from-the-environment' });
  const alice = new Phone(house.feishu, 'ou_alice');
  const { text: config } = await alice.asks('/shell cat ../host_config.yaml', 'ROUTER_SECRET');
  const { text: environment } = await alice.asks("/shell tr '\\0' '\\n' < /proc/$PPID/environ", 'METASO_API_KEY');
  expect(config + environment).not.toContain(house.secret);
  expect(config + environment).not.toContain('mk-from-the-environment');
  expect(environment).toContain('METASO_API_KEY=[redacted]');
});

test('nor does the model read them in what its tools give', async () => {
  await using house = await startHouse();
  await house.start();
  const mailboy = new ScriptedMailboy(house);
  mailboy.calls('run_shell', { command: 'cat ../host_config.yaml' });
  await new Phone(house.feishu, 'ou_alice').asks('what is in my configuration?', 'told: ');
  expect(mailboy.told).toContain('ROUTER_SECRET');
  expect(JSON.stringify(house.model.requests.map(({ body }) => body))).not.toContain(house.secret);
});
