import type { Arbitrary } from 'fast-check';
import * as fc from 'fast-check';
import { APP_ID } from './siege-router.ts';
import { mutated, strangeText } from './strange.ts';

/** Events of the platform (schema 2.0), most of them with something wrong. */
export function platformEvents(): Arbitrary<unknown> {
  return mutated(fc.oneof(messages(), presses(), others()));
}

function event(type: string, body: Arbitrary<unknown>): Arbitrary<unknown> {
  const id = fc.oneof(fc.constantFrom('e1', 'e2'), strangeText);
  return fc.tuple(id, body).map(([eventId, content]) => ({
    schema: '2.0',
    header: { event_id: eventId, event_type: type, app_id: APP_ID, tenant_key: 't', token: '', create_time: '1' },
    event: content,
  }));
}

const person = fc.constantFrom('ou_alice', 'ou_alice', 'ou_stranger');

function messages(): Arbitrary<unknown> {
  const text = strangeText.map((words) => ['text', { text: words }] as const);
  const kinds: Arbitrary<readonly [string, unknown]> = fc.oneof(
    text,
    fc.constantFrom<readonly [string, unknown]>(
      [
        'post',
        {
          title: '',
          content: [
            [
              { tag: 'text', text: 'hi' },
              { tag: 'img', image_key: 'i' },
            ],
          ],
        },
      ],
      ['image', { image_key: 'img_1' }],
      ['file', { file_key: 'f', file_name: '../a.txt' }],
      ['audio', { file_key: 'f', duration: 1000 }],
      ['sticker', { file_key: 'f' }],
      ['merge_forward', {}],
    ),
  );
  const body = fc.tuple(person, kinds, strangeText).map(([openId, [type, content], id]) => ({
    sender: { sender_id: { open_id: openId }, sender_type: 'user', tenant_key: 't' },
    message: {
      message_id: `om_${id}`,
      chat_id: 'oc_1',
      chat_type: 'p2p',
      message_type: type,
      content: JSON.stringify(content),
      create_time: '1700000000000',
      mentions: [{ key: '@_user_1', name: 'PhoneWork', id: { open_id: 'ou_bot' } }],
    },
  }));
  return event('im.message.receive_v1', body);
}

function presses(): Arbitrary<unknown> {
  const value = fc.oneof(fc.record({ m: strangeText, a: strangeText }), fc.record({ t: strangeText }), fc.constant({}));
  const body = fc.tuple(person, value).map(([openId, chosen]) => ({
    operator: { open_id: openId },
    action: { value: chosen, tag: 'button', form_value: {} },
    context: { open_chat_id: 'oc_1', open_message_id: 'om_1' },
    token: 'c-1',
  }));
  return event('card.action.trigger', body);
}

function others(): Arbitrary<unknown> {
  return fc.oneof(
    event('im.message.recalled_v1', fc.record({ message_id: strangeText, chat_id: fc.constant('oc_1') })),
    event(
      'im.chat.access_event.bot_p2p_chat_entered_v1',
      fc.record({ chat_id: fc.constant('oc_1'), operator_id: fc.record({ open_id: person }) }),
    ),
    event(
      'application.bot.menu_v6',
      fc.record({ operator: fc.record({ operator_id: fc.record({ open_id: person }) }), event_key: strangeText }),
    ),
    event('im.message.reaction.created_v1', fc.constant({})),
    strangeText.chain((type) => event(type, fc.jsonValue())),
  );
}
