import type { Arbitrary } from 'fast-check';
import * as fc from 'fast-check';

/** Texts that programs stumble over. */
export const strangeText: Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...[
        '',
        ' ',
        '\0',
        '\ud800',
        '\u202e',
        '\u2028',
        '\r\n',
        '\ufeff',
        '$&',
        '%s%n',
        '../../etc/passwd',
        '<b>',
        '[](x)',
      ],
      ...['__proto__', 'constructor', 'toString', 'null', 'NaN', '1e999', '中文', '🦊', "' OR 1=1 --", '{{x}}'],
      ...['/nodes', '/help', '/status', '/stop', '/node x', '@home-pc hello', '@all hi', 'y', '1', '允许'],
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.string({ maxLength: 4 }), fc.integer({ min: 1, max: 3000 })).map(repeated) },
);

function repeated([text, times]: readonly [string, number]): string {
  return text.repeat(times);
}

/** What stands where something else was expected. */
export const strangeValue: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...[null, true, false, 0, -0, -1, 1.5, 1e308, 5e-324, 2 ** 31, 2 ** 53, -(2 ** 63), 1e21],
    ...[[], {}, [[]], [null], { length: -1 }, { toString: 1 }, { type: 'ack' }],
  ),
  strangeText,
  fc.jsonValue({ maxDepth: 3 }),
  fc.integer({ min: 1, max: 500 }).map(nested),
);

function nested(depth: number): unknown {
  let value: unknown = 'core';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

type Mutation = {
  readonly path: readonly number[];
  readonly kind: 'set' | 'delete' | 'add' | 'double';
  readonly name: string;
  readonly value: unknown;
};

const mutation: Arbitrary<Mutation> = fc.record({
  path: fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
  kind: fc.constantFrom('set', 'set', 'delete', 'add', 'double'),
  name: fc.oneof(strangeText, fc.constantFrom('type', 'id', 'text', 'content')),
  value: strangeValue,
});

/** The values as they are, or with up to three things wrong in their structure. */
export function mutated(values: Arbitrary<unknown>): Arbitrary<unknown> {
  return fc.oneof(
    { weight: 1, arbitrary: values },
    {
      weight: 3,
      arbitrary: fc
        .tuple(values, fc.array(mutation, { minLength: 1, maxLength: 3 }))
        .map(([value, mutations]) => mutations.reduce(applied, structuredClone(value))),
    },
  );
}

function applied(root: unknown, { path, kind, name, value }: Mutation): unknown {
  let place = root;
  for (const [step, pick] of path.entries()) {
    if (typeof place !== 'object' || place === null) return root;
    const names = Object.keys(place);
    const chosen = names[pick % Math.max(names.length, 1)] ?? name;
    // What is inherited belongs to everybody.
    const child: unknown = Object.hasOwn(place, chosen) ? Reflect.get(place, chosen) : undefined;
    if (step < path.length - 1 && typeof child === 'object' && child !== null) place = child;
    else {
      change(place, chosen, { path, kind, name, value });
      return root;
    }
  }
  return root;
}

function change(place: object, chosen: string, { kind, name, value }: Mutation): void {
  if (kind === 'delete') Reflect.deleteProperty(place, chosen);
  else if (kind === 'double' && Array.isArray(place)) place.push(...structuredClone(place.slice(0, 50)));
  else define(place, kind === 'add' && !Array.isArray(place) ? name : chosen, value);
}

/** As JSON.parse does: `__proto__` is a name like any other. */
function define(place: object, name: string, stranger: unknown): void {
  // Of its own: one that stands in two places could come to contain itself.
  const value = structuredClone(stranger);
  Object.defineProperty(place, name, { value, writable: true, enumerable: true, configurable: true });
}

type Spoiling = {
  readonly kind: 'none' | 'cut' | 'flip' | 'insert' | 'double' | 'nest';
  readonly at: number;
  readonly text: string;
};

const spoiling: Arbitrary<Spoiling> = fc.record({
  kind: fc.constantFrom('none', 'none', 'none', 'none', 'cut', 'flip', 'insert', 'double', 'nest'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  text: strangeText,
});

/** The texts, most of them as they are, some cut, or with something in them that does not belong there. */
export function spoiled(texts: Arbitrary<string>, { maxDepth = 100_000 } = {}): Arbitrary<string> {
  return fc.tuple(texts, spoiling).map(([text, { kind, at, text: stranger }]) => {
    const place = Math.floor(at * text.length);
    switch (kind) {
      case 'none':
        return text;
      case 'cut':
        return text.slice(0, place);
      case 'flip':
        return text.slice(0, place) + String.fromCharCode(text.charCodeAt(place) ^ 1) + text.slice(place + 1);
      case 'insert':
        return text.slice(0, place) + stranger + text.slice(place);
      case 'double':
        return text.slice(0, place) + text;
      case 'nest':
        return text.slice(0, place) + brackets(Math.floor(at * maxDepth)) + text.slice(place);
      default:
        return kind satisfies never;
    }
  });
}

/** Deeper than a stack of calls can follow. */
function brackets(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

/** Values as JSON, some of it broken. */
export function jsonOf(values: Arbitrary<unknown>): Arbitrary<string> {
  return spoiled(values.map((value) => JSON.stringify(value) ?? 'null'));
}

/** Texts that are made of these pieces, and of others. */
export function textOf(pieces: readonly string[], maxPieces = 12): Arbitrary<string> {
  const piece = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...pieces) }, { weight: 1, arbitrary: strangeText });
  return fc.array(piece, { maxLength: maxPieces }).map((parts) => parts.join(''));
}
