import { describe, expect, test } from 'vitest';
import { toPublicAddress } from '../../src/web/public-address.ts';

describe('addresses inside are not told to a service outside, however they are spelled', () => {
  test.each([
    'http://localhost/x',
    'http://LOCALHOST./x',
    'http://app.localhost/',
    'http://127.0.0.1:8000/health',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://０１７７.0.0.1/',
    'http://①②⑦.0.0.1/',
    'http://0/',
    'http://10.1.2.3/',
    'http://100.100.100.200/latest/meta-data/',
    'http://169.254.169.254/latest/meta-data/',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.1.1/',
    'http://192.168.257/',
    'http://198.18.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::]/',
    'http://[::1]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:8.8.8.8]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001:0:7f00:1::]/',
    'http://[fc00::1]/',
    'http://[fd12:3456::1]/',
    'http://[fe80::1]/',
    'http://[ff02::1]/',
    'http://nas/',
    'http://build-server:8080/job/secret-project',
    'http://nas.local/',
    'http://printer.lan/',
    'http://wiki.corp/',
    'http://metadata.google.internal/',
    'http://router.home.arpa/',
    'http://git.intranet/',
  ])('%s', (address) => {
    expect(() => toPublicAddress(address)).toThrow(expect.objectContaining({ code: 'internal_address' }));
  });
});

test.each([
  '',
  'example.com',
  '/etc/passwd',
  'file:///etc/passwd',
  'ftp://example.com/',
  'javascript:alert(1)',
  'data:text/html,x',
  'https://user:secret@example.com/',
  'https://token@example.com/',
  'https://',
  'http://[::1',
])('%j is no address that can be fetched', (address) => {
  expect(() => toPublicAddress(address)).toThrow(expect.objectContaining({ code: 'bad_address' }));
});

test.each([
  ['https://example.com', 'https://example.com/'],
  [' https://例え.jp/路径?q=1#part ', 'https://xn--r8jz45g.jp/%E8%B7%AF%E5%BE%84?q=1'],
  ['http://8.8.8.8:8080/x', 'http://8.8.8.8:8080/x'],
  ['http://172.32.0.1/', 'http://172.32.0.1/'],
  ['https://[2606:4700::1111]/', 'https://[2606:4700::1111]/'],
  ['https://localhost.example.com/', 'https://localhost.example.com/'],
  ['https://docs.local.dev/', 'https://docs.local.dev/'],
])('%s is public', (address, href) => {
  expect(toPublicAddress(address).href).toBe(href);
});
