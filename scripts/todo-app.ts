import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const tasks = `export const nextId = (tasks) => tasks.length + 1;
`;

/** Waits for whoever takes a picture of it running; ends by itself after a while all the same. */
const tests = (gate: string) => `import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

test('a task gets the next id', async () => {
  for (let waited = 0; existsSync(${JSON.stringify(gate)}) && waited < 25_000; waited += 50) await delay(50);
});
`;

/** A project for the pictures, in a folder of that name, whose tests take as long as they are told to. */
export class TodoApp {
  readonly #gate: string;

  /** `folder` is made. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#gate = join(folder, '.running');
    writeFileSync(join(folder, 'tasks.js'), tasks);
    writeFileSync(join(folder, 'tasks.test.js'), tests(this.#gate));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', scripts: { test: 'node --test' } }));
    writeFileSync(join(folder, '.npmrc'), 'update-notifier=false\n');
    writeFileSync(join(folder, 'test-report.md'), '# Tests of todo_app\n\n29 passed, 2 failed.\n'.repeat(200));
  }

  /** The tests that run now, or next, go on until `release`. */
  hold(): void {
    writeFileSync(this.#gate, '');
  }

  release(): void {
    if (existsSync(this.#gate)) rmSync(this.#gate);
  }
}
