import type { Arbitrary } from 'fast-check';
import * as fc from 'fast-check';
import { strangeText, strangeValue } from './strange.ts';

/** For fields of these names, instead of what their schema allows: so that frames meet something that is there. */
export type KnownFields = Readonly<Record<string, Arbitrary<unknown>>>;

/** Values that a zod schema accepts, by its structure. What is not known of a check is left to chance. */
export function fromSchema(schema: unknown, known: KnownFields = {}): Arbitrary<unknown> {
  const definition = definitionOf(schema);
  switch (definition.type) {
    case 'object':
      return fromObject(definition.shape, known);
    case 'array':
      return fc.array(fromSchema(definition.element, known), { maxLength: 3 });
    case 'union':
      return fc.oneof(...listOf(definition.options).map((option) => fromSchema(option, known)));
    case 'optional':
    case 'default':
    case 'nullable':
      return fromSchema(definition.innerType, known);
    case 'literal':
      return fc.constantFrom(...listOf(definition.values));
    case 'enum':
      return fc.constantFrom(...Object.values(recordOf(definition.entries)));
    case 'string':
      return fromString(definition);
    case 'number':
      return fc.oneof(fc.nat(1000), fc.constantFrom(1, 0.5, 30));
    case 'boolean':
      return fc.boolean();
    default:
      return strangeValue;
  }
}

function fromObject(shape: unknown, known: KnownFields): Arbitrary<unknown> {
  const fields: Record<string, Arbitrary<unknown>> = {};
  const required: string[] = [];
  for (const [name, schema] of Object.entries(recordOf(shape))) {
    fields[name] = known[name] ?? fromSchema(schema, known);
    if (!['optional', 'default'].includes(definitionOf(schema).type)) required.push(name);
  }
  return fc.record(fields, { requiredKeys: required });
}

function fromString(definition: Definition): Arbitrary<string> {
  const checks = listOf(definition.checks).map((check) => recordOf(recordOf(recordOf(check)._zod).def));
  const pattern = checks.map((check) => check.pattern).find((found) => found instanceof RegExp);
  if (pattern !== undefined) return fc.stringMatching(pattern);
  const isNeverEmpty = checks.some(({ check }) => check === 'min_length');
  return isNeverEmpty ? strangeText.map((text) => text || 'x') : strangeText;
}

type Definition = Readonly<Record<string, unknown>> & { readonly type: string };

function definitionOf(schema: unknown): Definition {
  const definition = recordOf(recordOf(schema).def);
  if (typeof definition.type !== 'string') throw new Error('this is no zod schema');
  return { ...definition, type: definition.type };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  // An object is a record of unknown values.
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
