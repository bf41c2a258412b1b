import type { Program } from '@phonework/shared/program';
import manifest from '../package.json' with { type: 'json' };
import { nodeCommands } from './admin/node-commands.ts';
import { routerKeys, toRouterConfig } from './config.ts';
import { describeRouter, describeRouting } from './describe.ts';
import { createRouter } from './router.ts';

/** `phonework-router`: the public router. */
export const routerProgram: Program<typeof routerKeys> = {
  name: 'phonework-router',
  summary: 'The PhoneWork router: takes the bot’s messages and passes them on to your machines.',
  version: manifest.version,
  configFile: 'keyring.yaml',
  keys: routerKeys,
  commands: nodeCommands,
  check: (configuration) => toRouterConfig(configuration, { console: false }),
  async start(configuration, { logger, journey, print }) {
    const config = toRouterConfig(configuration, { console: false });
    const router = await createRouter(config, { logger, journey });
    await router.listen(config);
    print(`PhoneWork router ${manifest.version} on ${router.url}`);
    print(describeRouter(config, router.consoleUrl));
    print(describeRouting(config));
    print(
      `  Nodes    connect to ${router.nodeUrl} (from other machines: wss:// and your host name, through a TLS proxy)`,
    );
    return router;
  },
};
