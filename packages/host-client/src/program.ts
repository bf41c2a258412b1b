import type { Program } from '@phonework/shared/program';
import manifest from '../package.json' with { type: 'json' };
import { attachCommand } from './attach/attach-command.ts';
import { hostKeys, toHostConfig } from './config.ts';
import { describeHost } from './describe.ts';
import { createHost } from './host.ts';

/** `phonework-host`: one node. */
export const hostProgram: Program<typeof hostKeys> = {
  name: 'phonework-host',
  summary: 'The PhoneWork host client: connects this machine to your router and does the work here.',
  version: manifest.version,
  configFile: 'host_config.yaml',
  keys: hostKeys,
  commands: [attachCommand],
  async start({ values }, { logger, journey, environment, redact, print }) {
    const config = toHostConfig(values, {
      routerUrl: values.ROUTER_URL,
      routerSecret: values.ROUTER_SECRET,
      servesUsers: values.SERVES_USERS,
      workingDir: values.WORKING_DIR,
    });
    const host = createHost(config, { logger, journey, environment, redact, version: manifest.version });
    await host.start();
    print(`PhoneWork node ${config.nodeId} ${manifest.version}, connecting to ${config.routerUrl}`);
    print(describeHost(config, 'host_config.yaml'));
    return host;
  },
};
