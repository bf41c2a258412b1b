import { expect, test } from 'vitest';
import type { LanguageSetting } from '../../src/language/reader-languages.ts';
import { languageSchema, ReaderLanguages } from '../../src/language/reader-languages.ts';
import { openNumbers } from '../fakes/open-store.ts';
import { TempFolder } from '../temp-folder.ts';

function open(folder: TempFolder, setting: LanguageSetting = 'auto') {
  const { store } = openNumbers(folder, [languageSchema]);
  const languages = new ReaderLanguages(store, setting);
  const hear = async (reader: string, message: string): Promise<void> => {
    await store.write(() => languages.wrote(reader, message));
  };
  return { store, languages, hear };
}

test('each reader is spoken to in the language of their last message that told', async () => {
  using folder = new TempFolder();
  const { store, languages, hear } = open(folder);
  expect(languages.of('alice')).toBe('en');
  await hear('alice', '帮我看一下');
  await hear('bob', 'have a look');
  expect([languages.of('alice'), languages.of('bob')]).toEqual(['zh', 'en']);
  for (const message of ['ok', '/status', '42', 'src/index.ts']) await hear('alice', message);
  expect(languages.of('alice')).toBe('zh');
  await hear('alice', 'let us go on in English');
  expect(languages.of('alice')).toBe('en');
  store.close();
});

test('the language is known in the very commit of the message, and over restarts', async () => {
  using folder = new TempFolder();
  const { store, languages, hear } = open(folder);
  const answered = await store.write(() => {
    languages.wrote('alice', '你好');
    return languages.of('alice');
  });
  expect(answered).toBe('zh');
  await hear('bob', '你好');
  await hear('bob', 'hello again');
  store.close();
  const next = open(folder);
  expect([next.languages.of('alice'), next.languages.of('bob')]).toEqual(['zh', 'en']);
  next.store.close();
});

test('a language is kept also where its commit has to be done once more', async () => {
  using folder = new TempFolder();
  const { store, hear } = open(folder);
  const bug = store.write(() => {
    throw new Error('a bug');
  });
  await Promise.allSettled([hear('alice', '你好'), bug]);
  store.close();
  const next = open(folder);
  expect(next.languages.of('alice')).toBe('zh');
  next.store.close();
});

test('with a language set, all are spoken to in it, whatever they write or have written', async () => {
  using folder = new TempFolder();
  const before = open(folder);
  await before.hear('alice', '你好');
  before.store.close();
  const english = open(folder, 'en');
  await english.hear('bob', '你好');
  expect([english.languages.of('alice'), english.languages.of('bob')]).toEqual(['en', 'en']);
  english.store.close();
  const chinese = open(folder, 'zh');
  expect(chinese.languages.of('carol')).toBe('zh');
  chinese.store.close();
  const auto = open(folder);
  expect([auto.languages.of('alice'), auto.languages.of('bob')]).toEqual(['zh', 'en']);
  auto.store.close();
});
