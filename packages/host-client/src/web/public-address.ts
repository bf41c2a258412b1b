import { BlockList, isIP } from 'node:net';
import { WebError } from './web-error.ts';
import { webTexts } from './web-texts.ts';

/**
 * `text` as an address that may be told to a service outside. Rejects what is no http(s) address, what holds a
 * password, and the obvious names and numbers of machines inside. Names are not looked up: it is the service that does
 * the fetching, from where it is; this is about what a path or a name would give away. Throws WebError.
 */
export function toPublicAddress(text: string): URL {
  const url = URL.parse(text.trim());
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (!isPlain) throw new WebError('bad_address', webTexts.badAddress);
  if (isInternal(url.hostname)) throw new WebError('internal_address', webTexts.internalAddress);
  // Never part of what is fetched, and the one place of an address that nobody expects to be sent.
  url.hash = '';
  return url;
}

/** `hostname` as in a URL: numbers are in their usual form there, however they were spelled. */
function isInternal(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
  switch (isIP(host)) {
    case 4:
      return internalNetworks.check(host);
    case 6:
      return !publicNetworks.check(host, 'ipv6') || internalNetworks.check(host, 'ipv6');
    default:
      return !host.includes('.') || internalNames.test(host);
  }
}

const internalNames =
  /\.(localhost|localdomain|local|lan|home|corp|internal|intranet|private|home\.arpa|in-addr\.arpa|ip6\.arpa)$/;

const internalNetworks = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  internalNetworks.addSubnet(network, prefix, 'ipv4');
}
// Teredo and 6to4: an IPv4 address is hidden in them.
internalNetworks.addSubnet('2001::', 32, 'ipv6');
internalNetworks.addSubnet('2002::', 16, 'ipv6');

/** The only part of IPv6 that is given out to machines in public; the mapped forms of IPv4 lie outside it. */
const publicNetworks = new BlockList();
publicNetworks.addSubnet('2000::', 3, 'ipv6');
