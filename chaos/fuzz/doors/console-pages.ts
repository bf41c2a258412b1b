import * as fc from 'fast-check';
import { FrameError, maxFrameBytes, parsePageFrame } from '../../../packages/router/src/bot/console/frames.ts';
import type { ConsoleVisitor } from '../console-visitor.ts';
import { visitConsole } from '../console-visitor.ts';
import type { OpenDoor } from '../door.ts';
import { defineDoor, expectThat } from '../door.ts';
import type { Frame, Verdict } from '../frames.ts';
import { checkClosing, isTooBig } from '../frames.ts';
import type { Peer } from '../peer.ts';
import { SiegeRouter } from '../siege-router.ts';
import { jsonOf, mutated, strangeText } from '../strange.ts';

/** What a page of the console sends. */
export const consolePages = defineDoor({ name: 'console-pages', share: 6, open });

async function open(): Promise<OpenDoor<readonly Frame[]>> {
  const house = await SiegeRouter.start({ events: 'webhook' });
  const door = new PageDoor(house, await visitConsole(house.router));
  const id = fc.oneof(fc.stringMatching(/^[\w-]{8,12}$/), strangeText);
  const files = fc.array(fc.oneof(fc.record({ id: strangeText, name: strangeText }), fc.constant({})), {
    maxLength: 11,
  });
  const valid = fc.oneof(
    fc.record({ type: fc.constant('say'), id, text: strangeText, files }, { requiredKeys: ['type', 'id', 'text'] }),
    fc.record({ type: fc.constant('press'), messageId: strangeText, actionId: strangeText }),
    fc.record({ type: fc.constant('stop'), turnId: strangeText }),
  );
  const frame: fc.Arbitrary<Frame> = fc.oneof(
    { weight: 30, arbitrary: jsonOf(mutated(valid)) },
    { weight: 10, arbitrary: valid.map((value) => JSON.stringify(value)) },
    { weight: 3, arbitrary: strangeText },
    { weight: 3, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    { weight: 1, arbitrary: fc.integer({ min: -30, max: 2 }).map((more) => 'x'.repeat(maxFrameBytes + more)) },
  );
  return {
    cases: fc.array(frame, { minLength: 1, maxLength: 3 }),
    meet: (frames) => door.meet(frames),
    serves: () => door.serves(),
    close: () => door.close(),
  };
}

/** Keeps a page open from case to case, until it is closed. */
class PageDoor {
  readonly #house: SiegeRouter;
  readonly #visitor: ConsoleVisitor;
  #page: Peer | undefined;

  constructor(house: SiegeRouter, visitor: ConsoleVisitor) {
    this.#house = house;
    this.#visitor = visitor;
  }

  async meet(frames: readonly Frame[]): Promise<void> {
    for (const frame of frames) {
      if (this.#page?.isOpen !== true) this.#page = await this.#visitor.openPage();
      this.#page.socket.send(frame);
      checkClosing(await this.#page.settled(), verdictOn(frame));
    }
  }

  async serves(): Promise<void> {
    expectThat(await this.#house.isHealthy(), 'the router is not healthy');
    using page = await this.#visitor.openPage();
    page.socket.send(JSON.stringify({ type: 'say', id: 'well-behaved', text: '/nodes' }));
    await page.hears('"stored"');
  }

  async close(): Promise<void> {
    this.#page?.[Symbol.dispose]();
    await this.#house[Symbol.asyncDispose]();
  }
}

function verdictOn(frame: Frame): Verdict {
  if (isTooBig(frame, maxFrameBytes)) return [1009];
  if (typeof frame !== 'string') return [1008];
  try {
    parsePageFrame(frame.toWellFormed());
    return 'taken';
  } catch (error) {
    if (error instanceof FrameError) return [1008];
    throw error;
  }
}
