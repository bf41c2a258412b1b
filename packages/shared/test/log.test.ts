import { expect, test } from 'vitest';
import { redactor } from '../src/log.ts';
import { Child } from './fakes/child.ts';

/** Its base64 has characters that base64url replaces, and its JSON and URL forms differ from it. */
const awkward = 'p"ä\\ss?>>word/ü~~';

function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64');
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [secret, inJson, encodeURIComponent(secret), base64, base64.replace(/=+$/, ''), bytes.toString('base64url')];
}

test('a secret is replaced in every spelling, everywhere in a text', () => {
  for (const secret of ['plain-secret-1', awkward, '这是秘密的钥匙', 'with\nline break']) {
    const redact = redactor([secret]);
    for (const spelling of spellings(secret)) {
      expect(redact(`<${spelling}> and ${spelling}`)).toMatch(/^<\[redacted\]=*> and \[redacted\]=*$/);
    }
  }
});

test('a secret that no URL can hold is replaced as it stands', () => {
  expect(redactor(['half \ud83c of it'])('<half \ud83c of it>')).toBe('<[redacted]>');
});

test('a secret that is the beginning of another leaves no tail of it behind', () => {
  expect(redactor(['secret', 'secret-and-more'])('secret-and-more secret')).toBe('[redacted] [redacted]');
});

test('what is too short to be a secret would eat the text, and stays', () => {
  expect(redactor(['a', '', 'short'])('a short text')).toBe('a short text');
  expect(redactor(['sixsix'])('sixsix')).toBe('[redacted]');
});

test('a log that is no terminal has JSON lines, without any secret in any place of them', async () => {
  for (const secret of ['plain-secret-1', awkward]) {
    const child = new Child('./log-process.ts', { environment: { SECRET: secret } });
    expect(await child.ended()).toBe(0);
    expect(child.stdout).toBe('');
    for (const spelling of spellings(secret)) expect(child.stderr).not.toContain(spelling);
    const lines = child.stderr
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatchObject({
      name: 'test',
      level: 50,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      msg: expect.stringMatching(/^a request failed/),
      err: {
        message: expect.stringContaining('[redacted]'),
        config: { headers: { authorization: 'Bearer [redacted]' } },
      },
    });
    expect(lines[1]).toMatchObject({
      key: '[redacted]',
      '[redacted]': 'as a name',
      list: [{ deep: '[redacted]' }],
      msg: 'in the message: [redacted]',
    });
    expect(lines[3]).toMatchObject({ level: 40, bound: '[redacted]' });
    expect(lines[4]).toMatchObject({ short: 'abc', msg: 'the last line' });
  }
});

test('a terminal gets lines to read, without the secret as well', async () => {
  const child = new Child('./log-process.ts', { environment: { SECRET: 'plain-secret-1', TERMINAL: 'yes' } });
  expect(await child.ended()).toBe(0);
  expect(child.stderr).toContain('in the message: [redacted]');
  expect(child.stderr).not.toMatch(/^\{/m);
  for (const spelling of spellings('plain-secret-1')) expect(child.stderr).not.toContain(spelling);
});
