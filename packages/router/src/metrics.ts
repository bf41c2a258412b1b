import type { FastifyInstance } from 'fastify';
import { MetricsAccess } from './metrics/access.ts';
import type { Exposition } from './metrics/exposition.ts';
import type { Readings } from './metrics/readings.ts';
import type { Tally } from './metrics/tally.ts';

type MetricsOptions = {
  /** What a scraper on another machine presents; absent: none gets in. */
  readonly token: string | undefined;
  readonly tally: Tally;
  readonly readings: Readings;
};

/** `GET /metrics`: counts and readings in the Prometheus text format; docs/deploy.md lists them. */
export async function metrics(app: FastifyInstance, options: MetricsOptions): Promise<void> {
  const access = new MetricsAccess(options.token);
  let exposition: Promise<Exposition> | undefined;
  app.get('/metrics', async (request, reply) => {
    if (!access.mayScrape(request)) {
      return await reply.code(401).header('www-authenticate', 'Bearer').send({
        error: 'Metrics are for programs on this machine, or with METRICS_TOKEN as a bearer token.',
      });
    }
    exposition ??= makeExposition(options);
    const { contentType } = await exposition;
    return await reply.type(contentType).send(await (await exposition).text());
  });
  app.addHook('onClose', async () => (await exposition)?.close());
}

async function makeExposition({ tally, readings }: MetricsOptions): Promise<Exposition> {
  const { Exposition } = await import('./metrics/exposition.ts');
  return new Exposition(tally, readings);
}
