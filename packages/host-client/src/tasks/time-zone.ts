import { DAY_MS } from '@phonework/shared/duration';

/**
 * A time zone with its changes of the clock. "Wall" times are what the clocks there show, written as the ms since the
 * epoch at which clocks in UTC show the same: days and hours can be added to them without a thought for the zone.
 */
export class TimeZone {
  /** The IANA name, as people read it: `Asia/Shanghai`. */
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;

  /** Throws RangeError for a name that does not exist. */
  constructor(name: string) {
    this.name = name;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** What clocks show at `at`, ms since the epoch. */
  toWall(at: number): number {
    const parts = new Map(this.#format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const seconds = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    return seconds + (((at % 1000) + 1000) % 1000);
  }

  /**
   * When clocks show `wall`. Where they show it twice, the first time; where they skip it, the moment as far behind the
   * skip as `wall` is inside: 2:30 becomes 3:30.
   */
  fromWall(wall: number): number {
    // No zone changes its clocks twice within two days.
    const before = wall - this.#offset(wall - DAY_MS);
    const after = wall - this.#offset(wall + DAY_MS);
    return this.toWall(before) !== wall && this.toWall(after) === wall ? after : before;
  }

  #offset(at: number): number {
    return this.toWall(at) - at;
  }
}

/** When somebody asks, ms since the epoch, and where. */
export type Clock = { readonly now: number; readonly zone: TimeZone };
