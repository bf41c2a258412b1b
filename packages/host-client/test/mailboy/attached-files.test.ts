import { createLogger } from '@phonework/shared/log';
import type { ForwardRequest } from '@phonework/shared/protocol';
import { expect, test } from 'vitest';
import { Answering } from '../../src/mailboy/answer.ts';
import { withFiles, withFilesForModel } from '../../src/mailboy/attached-files.ts';
import { Conversations } from '../../src/mailboy/conversations.ts';
import { NodeStore } from '../fakes/node-store.ts';

const photo = { name: 'photo.png', kind: 'image', size: 122_880, path: '/data/files/f-1/photo.png' };
const logger = await createLogger({ name: 'test', level: 'silent', secrets: [], terminal: false });

test('a message names its files behind its words, with where they are', () => {
  expect(withFiles('look at this', [photo])).toBe(
    'look at this\n\n[Attached: photo.png (120 KB) at /data/files/f-1/photo.png]',
  );
  expect(withFiles('look at this', [])).toBe('look at this');
});

test('a file without a word is a message too, and the model is told what to make of it', () => {
  expect(withFiles('', [photo])).toBe('[Attached: photo.png (120 KB) at /data/files/f-1/photo.png]');
  expect(withFilesForModel('', [photo])).toContain('say what you see and ask what to do');
  expect(withFilesForModel('look', [photo])).not.toContain('without a word');
});

test('one that could not be got is said to be missing, and a voice message to be sound', () => {
  const { path: _, ...gone } = photo;
  expect(withFiles('', [gone])).toContain('photo.png, but it could not be fetched');
  expect(withFiles('', [{ ...photo, name: 'voice.opus', kind: 'audio' }])).toContain(
    'an audio file without a transcript',
  );
});

test('a session gets a message with files as a turn that begins when they are here, never before', async () => {
  using disk = new NodeStore();
  const told: string[] = [];
  const answering = new Answering({
    commands: [],
    direct({ text }) {
      told.push(text);
      return { reply: 'taken' };
    },
    agent: undefined,
    conversations: new Conversations(disk.store),
    logger,
  });
  const attachments = [{ id: 'a1', kind: 'image', name: 'photo.png', size: 122_880 }];
  const forward: ForwardRequest = { type: 'forward', id: 'f', user_id: 'u', chat_id: 'c', text: 'look', attachments };
  expect(answering.now({ forward, isNext: true, isUrgent: false })).toBeUndefined();
  const turn = {
    id: 'f',
    userId: 'u',
    chatId: 'c',
    text: 'look',
    files: [photo],
    signal: new AbortController().signal,
  };
  const answer = await answering.answer({
    ...turn,
    onProgress: () => {},
    beforeEffect: async () => {},
    afterEffects: () => {},
  });
  expect(answer).toEqual({ reply: 'taken' });
  expect(told).toEqual(['look\n\n[Attached: photo.png (120 KB) at /data/files/f-1/photo.png]']);
});
