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
