import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Json } from './json.ts';
import { isJson, parseJson, textOf } from './json.ts';
import type { ToolUse } from './tool-use.ts';

/** What was allowed for good: rules such as `Bash(npm test *)`, of this session or of the project's settings. */
export class PermissionRules {
  readonly #file: string;
  readonly #rules: Set<string>;

  constructor(file: string) {
    this.#file = file;
    this.#rules = new Set(readSettings(file));
  }

  allow(use: ToolUse): boolean {
    const command = textOf(use.input.command);
    return [...this.#rules].some((rule) => {
      const [, tool, content] = /^(\w+)(?:\((.*)\))?$/s.exec(rule) ?? [];
      if (tool !== use.name) return false;
      if (content === undefined || content === command) return true;
      return content.endsWith(' *') && `${command} `.startsWith(content.slice(0, -1));
    });
  }

  add(rules: readonly Json[], destination: string): void {
    const added = rules.map((rule) => {
      const content = rule.ruleContent === undefined ? '' : `(${textOf(rule.ruleContent)})`;
      return `${textOf(rule.toolName)}${content}`;
    });
    for (const rule of added) this.#rules.add(rule);
    if (destination !== 'localSettings') return;
    mkdirSync(dirname(this.#file), { recursive: true });
    const allow = [...new Set([...readSettings(this.#file), ...added])];
    writeFileSync(this.#file, JSON.stringify({ permissions: { allow } }, null, 2));
  }
}

function readSettings(file: string): string[] {
  if (!existsSync(file)) return [];
  const { permissions } = parseJson(readFileSync(file, 'utf8')) ?? {};
  const allow = isJson(permissions) ? permissions.allow : undefined;
  return Array.isArray(allow) ? allow.map(textOf) : [];
}
