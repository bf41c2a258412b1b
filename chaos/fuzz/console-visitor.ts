import type { Router } from '@phonework/router';
import { expectThat } from './door.ts';
import { Peer } from './peer.ts';

/** The owner of a console, whose browser has shown the token. */
export type ConsoleVisitor = {
  readonly cookie: string;
  readonly origin: string;
  /** Resolves when the page has its history. */
  readonly openPage: () => Promise<Peer>;
};

export async function visitConsole(router: Router): Promise<ConsoleVisitor> {
  const { headers } = await fetch(router.consoleUrl ?? '', { redirect: 'manual' });
  const [cookie = ''] = (headers.get('set-cookie') ?? '').split(';');
  expectThat(cookie !== '', 'the console gave no cookie');
  const origin = router.url;
  const url = `${origin.replace('http', 'ws')}/console/ws?after=0`;
  return {
    cookie,
    origin,
    async openPage() {
      const page = await Peer.connect(url, { headers: { cookie, origin } });
      await page.hears('"history"');
      return page;
    },
  };
}
