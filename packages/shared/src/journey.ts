import type { Logger } from './log.ts';

/**
 * The steps of one message, from the chat and back to it. Each is logged at debug level when it is done, so that one
 * message can be followed through both programs; docs/architecture.md tells the journey.
 */
export const journeySteps = [
  'event.received',
  'message.stored',
  'event.acked',
  'forward.sent',
  'forward.stored',
  'forward.acked',
  'turn.started',
  'turn.finished',
  'response.stored',
  'response.sent',
  'reply.stored',
  'response.acked',
  'reply.accepted',
  'reply.settled',
] as const;
export type JourneyStep = (typeof journeySteps)[number];

/** Notes that a message (`id`: the chat's message id or the forward's id) has come to a step. */
export type Journey = (step: JourneyStep, id: string) => void;

/**
 * A journey that is logged. `killAt` is for tests alone: "STEP" or "STEP:N" ends the process, as a power cut would, at
 * the first or N-th time that a message comes to that step. Throws RangeError for a step that does not exist.
 */
export function createJourney(logger: Logger, killAt?: string): Journey {
  const log: Journey = (step, id) => logger.debug({ step, id }, 'journey');
  if (killAt === undefined || killAt === '') return log;
  const [step, nth = '1'] = killAt.split(':');
  if (!journeySteps.some((known) => known === step)) throw new RangeError(`there is no step ${step}`);
  let left = Number(nth);
  return (reached, id) => {
    log(reached, id);
    if (reached !== step) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}
