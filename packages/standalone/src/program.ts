import { randomBytes } from 'node:crypto';
import { attachCommand } from '@phonework/host-client/attach';
import { nodeKeys, toHostConfig } from '@phonework/host-client/config';
import { describeHost } from '@phonework/host-client/describe';
import { routerKeys, toRouterConfig } from '@phonework/router/config';
import { CONSOLE_USER_ID, describeRouter } from '@phonework/router/describe';
import type { Program } from '@phonework/shared/program';
import manifest from '../package.json' with { type: 'json' };
import { startStandalone } from './standalone.ts';

const keys = { ...routerKeys, ...nodeKeys } as const;

/** `phonework`: router and one node in one process. */
export const standaloneProgram: Program<typeof keys> = {
  name: 'phonework',
  summary: 'PhoneWork for one machine: the router and a node in one process.',
  version: manifest.version,
  configFile: 'keyring.yaml',
  keys,
  commands: [attachCommand],
  // The secret is made at the start, and is no fault when it is not set.
  check: (configuration) => toRouterConfig(configuration, { console: true, secret: 'made at the start' }),
  async start(configuration, { logger, journey, environment, redact, print }) {
    const { values } = configuration;
    const ownSecret = randomBytes(24).toString('base64url');
    const router = toRouterConfig(configuration, { console: true, secret: ownSecret });
    const { routerUrl: _, ...host } = toHostConfig(values, {
      routerUrl: '',
      routerSecret: router.secret ?? ownSecret,
      servesUsers: [...router.allowedOpenIds, CONSOLE_USER_ID],
      workingDir: values.WORKING_DIR ?? process.cwd(),
    });
    const standalone = await startStandalone(
      { router, host },
      { logger, journey, environment, redact, version: manifest.version },
    );
    print(`PhoneWork ${manifest.version} is ready on ${standalone.router.url}`);
    print(describeRouter(router, standalone.router.consoleUrl));
    print(describeHost(host, 'keyring.yaml'));
    return standalone;
  },
};
