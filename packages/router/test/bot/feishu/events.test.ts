import { expect, test } from 'vitest';
import { flattenEvent, MessageEvent, toIncomingMessage } from '../../../src/bot/feishu/events.ts';

const bot = { appId: 'cli_a1b2c3d4e5f60718', openId: 'ou_bot' };

type Facts = {
  readonly appId?: string;
  readonly senderType?: string;
  readonly message?: Readonly<Record<string, unknown>>;
};

function eventOf(facts: Facts): MessageEvent {
  return MessageEvent.parse({
    schema: '2.0',
    event_id: 'e1',
    event_type: 'im.message.receive_v1',
    app_id: facts.appId ?? bot.appId,
    sender: { sender_id: { open_id: 'ou_alice', user_id: null }, sender_type: facts.senderType ?? 'user' },
    message: {
      message_id: 'om_1',
      chat_id: 'oc_1',
      chat_type: 'p2p',
      message_type: 'text',
      content: '{"text":"hello"}',
      create_time: '1774002785629',
      ...facts.message,
    },
  });
}

function received(facts: Facts, identity: { appId: string; openId?: string } = bot) {
  return toIncomingMessage(eventOf(facts), identity);
}

const botMention = { key: '@_user_1', id: { open_id: 'ou_bot' }, mentioned_type: 'bot', name: 'PhoneWork' };
const bobMention = { key: '@_user_2', id: { open_id: 'ou_bob' }, name: 'Bob' };
const zoeMention = { key: '@_user_10', id: { open_id: 'ou_zoe' }, name: 'Zoe' };

test.each<[string, string, unknown, readonly unknown[], string]>([
  ['a text', 'text', { text: ' run the tests ' }, [], 'run the tests'],
  ['a mention of the bot', 'text', { text: '@_user_1 run the tests' }, [botMention], 'run the tests'],
  ['a mention in the middle', 'text', { text: 'hey @_user_1 run' }, [botMention], 'hey run'],
  [
    'others as names',
    'text',
    { text: '@_user_1 tell @_user_2 and @_user_10' },
    [botMention, bobMention, zoeMention],
    'tell @Bob and @Zoe',
  ],
  ['everybody', 'text', { text: '@_all lunch' }, [], '@all lunch'],
  ['a key without a mention', 'text', { text: 'grep @_user_7 log' }, [], 'grep @_user_7 log'],
  ['indentation', 'text', { text: 'fix:\n    if x:\n        y' }, [], 'fix:\n    if x:\n        y'],
  [
    'a post',
    'post',
    {
      title: 'Plan',
      content: [
        [
          { tag: 'at', user_id: '@_user_1' },
          { tag: 'text', text: ' read ' },
          { tag: 'a', text: 'this', href: 'https://x.y' },
        ],
        [{ tag: 'img', image_key: 'img_1' }],
        [{ tag: 'code_block', language: 'GO', text: 'x := 1\n' }],
        [
          { tag: 'emotion', emoji_type: 'OK' },
          { tag: 'at', user_id: '@_user_2' },
        ],
      ],
    },
    [botMention, bobMention],
    'Plan\nread [this](https://x.y)\n[image]\n\n```go\nx := 1\n```\n\n[OK]@Bob',
  ],
  ['a post with a language', 'post', { en_us: { title: '', content: [[{ tag: 'text', text: 'hi' }]] } }, [], 'hi'],
])('%s is read', (_what, messageType, content, mentions, text) => {
  const message = received({ message: { message_type: messageType, content: JSON.stringify(content), mentions } });
  expect(message).toMatchObject({ text });
  expect(message?.unreadable).toBeUndefined();
});

test.each<[string, string]>([
  ['image', '{}'],
  ['file', '{"file_name":"a.pdf"}'],
  ['sticker', '{"file_key":"f"}'],
  ['interactive', '{}'],
  ['text', 'not json'],
  ['text', '{}'],
  ['post', '{"title":"","content":[[{"tag":"img"}]]}'],
  ['post', '"odd"'],
])('a message of type %s with the content %s counts as unreadable', (messageType, content) => {
  expect(received({ message: { message_type: messageType, content } })).toMatchObject({
    text: '',
    unreadable: messageType,
  });
});

test.each<[string, object, readonly object[]]>([
  ['image', { image_key: 'img_1' }, [{ key: 'img_1', kind: 'image', name: 'image' }]],
  ['file', { file_key: 'f_1', file_name: '报告.pdf' }, [{ key: 'f_1', kind: 'file', name: '报告.pdf' }]],
  ['audio', { file_key: 'f_1', duration: 2000 }, [{ key: 'f_1', kind: 'audio', name: 'voice.opus' }]],
  [
    'media',
    { file_key: 'f_1', image_key: 'img_1', file_name: 'a.mp4' },
    [{ key: 'f_1', kind: 'video', name: 'a.mp4' }],
  ],
])('a message of type %s is a file without a word', (messageType, content, attachments) => {
  const message = received({ message: { message_type: messageType, content: JSON.stringify(content) } });
  expect(message).toMatchObject({ text: '', attachments });
  expect(message?.unreadable).toBeUndefined();
});

test('the pictures in a post come with its text, each once', () => {
  const picture = { tag: 'img', image_key: 'img_1' };
  const video = { tag: 'media', file_key: 'f_1', image_key: 'img_9' };
  const content = {
    title: '',
    content: [
      [{ tag: 'text', text: 'look' }, picture],
      [picture, video, { ...picture, image_key: 'img_2' }],
    ],
  };
  expect(received({ message: { message_type: 'post', content: JSON.stringify(content) } })).toMatchObject({
    text: 'look[image]\n[image][video][image]',
    attachments: [
      { key: 'img_1', kind: 'image', name: 'image' },
      { key: 'f_1', kind: 'video', name: 'video-2.mp4' },
      { key: 'img_2', kind: 'image', name: 'image-3' },
    ],
  });
});

test.each([
  ['a message of a bot', { senderType: 'bot' }],
  ['a message of an app', { senderType: 'app' }],
  ['an event of another app', { appId: 'cli_ffffffffffffffff' }],
] as const)('%s is not for us', (_what, facts) => {
  expect(received(facts)).toBeNull();
});

test.each([
  ['p2p', [], bot, true],
  ['group', [], bot, false],
  ['group', [bobMention], bot, false],
  ['group', [{ ...bobMention, name: 'PhoneWork', mentioned_type: 'bot' }], bot, false],
  ['group', [bobMention, botMention], bot, true],
  ['group', [botMention], { appId: bot.appId }, false],
  ['topic_group', [botMention], bot, true],
] as const)('in a %s chat, mentions %j', (chatType, mentions, identity, addressed) => {
  const message = received({ message: { chat_type: chatType, mentions } }, identity);
  expect(message).toMatchObject({ addressed, chatType: chatType === 'p2p' ? 'p2p' : 'group' });
});

test('a message that comes under a new id has the fingerprint of the first, and no other has', () => {
  const fingerprint = (message: Record<string, unknown>) => received({ message })?.fingerprint;
  const first = fingerprint({});
  expect(first).toBeTruthy();
  expect(fingerprint({ message_id: 'om_2' })).toBe(first);
  for (const other of [{ chat_id: 'oc_2' }, { create_time: '1774002785630' }, { content: '{"text":"hello!"}' }]) {
    expect(fingerprint(other)).not.toBe(first);
  }
});

test('the time and the quoted message come with it', () => {
  expect(received({ message: { parent_id: 'om_0' } })).toMatchObject({ quotedId: 'om_0', sentAt: 1774002785629 });
  expect(received({ message: { parent_id: '' } })).not.toHaveProperty('quotedId');
});

test('a body of a webhook is read like an event of the connection', () => {
  const event = { sender: { a: 1 }, message: { b: 2 } };
  const header = { event_type: 'im.message.receive_v1', app_id: 'cli_1' };
  expect(flattenEvent({ schema: '2.0', header, event })).toEqual({ ...event, ...header });
  for (const odd of [null, 'text', {}, { header: {}, event: {} }, { header, event: 'no' }])
    expect(flattenEvent(odd)).toBeNull();
});
