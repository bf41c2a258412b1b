import { createLogger } from '../../src/log.ts';

// A process that logs the secret SECRET in the ways in which secrets get into logs. TERMINAL=yes: as for a terminal.
const secret = process.env.SECRET ?? '';
const terminal = process.env.TERMINAL === 'yes';
const logger = await createLogger({ name: 'test', level: 'info', secrets: [secret, 'abc', ''], terminal });
const cause = new Error(`refused with ${secret}`);
const failure = Object.assign(new Error(`GET https://host/?key=${encodeURIComponent(secret)}`, { cause }), {
  config: { headers: { authorization: `Bearer ${secret}` } },
  body: JSON.stringify({ key: secret }),
});
logger.error({ err: failure }, 'a request failed');
logger.info({ key: secret, [secret]: 'as a name', list: [{ deep: secret }] }, `in the message: ${secret}`);
logger.info({
  basic: `Basic ${Buffer.from(secret).toString('base64')}`,
  url: Buffer.from(secret).toString('base64url'),
});
logger.child({ bound: secret }).warn('in what a child is bound to');
logger.debug('below the level');
logger.info({ short: 'abc' }, 'the last line');
