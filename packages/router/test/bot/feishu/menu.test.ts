import { expect, test } from 'vitest';
import { MenuEvent, toMenuMessage } from '../../../src/bot/feishu/menu.ts';

function pressed(key: string) {
  return toMenuMessage(
    MenuEvent.parse({
      app_id: 'cli_1',
      event_id: 'e1',
      create_time: '1774002785629',
      operator: { operator_id: { open_id: 'ou_alice' } },
      event_key: key,
    }),
  );
}

test.each([
  ['status', '/status'],
  ['/status', '/status'],
  ['NODES', '/nodes'],
  ['remind_10m_stretch', '/remind 10m stretch'],
  ['node_home-pc', '/node home-pc'],
  ['/mode plan', '/mode plan'],
])('the key %s of the menu stands for %s', (key, text) => {
  expect(pressed(key)).toMatchObject({ id: 'e1', text, chatId: 'ou_alice', userId: 'ou_alice', addressed: true });
  expect(pressed(key)).not.toHaveProperty('unreadable');
});

test.each(['statuses', 'name', 'feedback_form', '/', '__'])('the key %s of the menu stands for nothing', (key) => {
  expect(pressed(key)).toMatchObject({ text: '', unreadable: `menu:${key}` });
});
