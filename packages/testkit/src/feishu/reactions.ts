import type { FeishuMessage } from './message.ts';
import { RestError } from './rest-error.ts';

export type ReactionOperator = { readonly operator_id: string; readonly operator_type: 'app' | 'user' };

export type Reaction = {
  readonly id: string;
  readonly message: FeishuMessage;
  readonly emoji: string;
  readonly operator: ReactionOperator;
  /** ms since the epoch. */
  readonly at: number;
};

/** The names that the platform knows; case counts. There are more, of drinks and feasts. */
const emojis = new Set(
  [
    'OK THUMBSUP ThumbsDown THANKS MUSCLE FINGERHEART APPLAUSE FISTBUMP JIAYI DONE SMILE BLUSH LAUGH SMIRK LOL',
    'FACEPALM LOVE WINK PROUD WITTY SMART SCOWL THINKING SOB CRY ERROR NOSEPICK HAUGHTY SLAP SPITBLOOD TOASTED GLANCE',
    'DULL INNOCENTSMILE JOYFUL WOW TRICK YEAH ENOUGH TEARS EMBARRASSED KISS SMOOCH DROOL OBSESSED MONEY TEASE SHOWOFF',
    'COMFORT CLAP PRAISE STRIVE XBLUSH SILENT WAVE WHAT FROWN SHY DIZZY LOOKDOWN CHUCKLE WAIL CRAZY WHIMPER HUG',
    'BLUBBER WRONGED HUSKY SHHH SMUG ANGRY HAMMER SHOCKED TERROR PETRIFIED SKULL SWEAT SPEECHLESS SLEEP DROWSY YAWN',
    'SICK PUKE BETRAYED HEADSET EatingFood MeMeMe Sigh Typing Lemon Get LGTM OnIt OneSecond VRHeadset YouAreTheBest',
    'SALUTE SHAKE HIGHFIVE UPPERLEFT SLIGHT TONGUE EYES EYESCLOSED RoarForYou CALF BEAR BULL RAINBOWPUKE ROSE HEART',
    'PARTY LIPS BEER CAKE GIFT Coffee Yes No OKR CheckMark CrossMark MinusOne Hundred AWESOMEN Pin Alarm Loudspeaker',
    'Trophy Fire BOMB Music HEARTBROKEN POOP GoGoGo ThanksFace SaluteFace Shrug ClownFace HappyDragon',
  ].flatMap((line) => line.split(' ')),
);

/** Who put which emoji under which message. */
export class Reactions {
  readonly #reactions = new Map<string, Reaction>();

  /** The same again gives the first one. Throws RestError for a name that does not exist. */
  add(message: FeishuMessage, emoji: unknown, operator: ReactionOperator): Reaction {
    if (typeof emoji !== 'string' || !emojis.has(emoji)) throw new RestError(231001, 'reaction type is invalid.');
    const id = `r_${message.id.slice(3)}_${emoji}_${operator.operator_id}`;
    const reaction = this.#reactions.get(id) ?? { id, message, emoji, operator, at: Date.now() };
    this.#reactions.set(id, reaction);
    message.reactions.set(id, emoji);
    return reaction;
  }

  under(message: FeishuMessage): readonly Reaction[] {
    return [...this.#reactions.values()].filter((reaction) => reaction.message === message);
  }

  /** Throws RestError where there is none, or where it is somebody else's. */
  remove(message: FeishuMessage, id: string, operator: ReactionOperator): Reaction {
    const reaction = this.#reactions.get(id);
    if (reaction?.message !== message || reaction.operator.operator_id !== operator.operator_id) {
      throw new RestError(231007, 'The operator is not the one who added the reaction.');
    }
    this.#reactions.delete(id);
    message.reactions.delete(id);
    return reaction;
  }
}
