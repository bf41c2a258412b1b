import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with one plain line that other programs can read: "N passed, N failed". */
export class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const passed = states.filter((state) => state === 'passed').length;
    // A file that could not be loaded has no tests, and an error outside of every test belongs to none.
    const broken = modules.filter((module) => module.state() === 'failed' && module.errors().length > 0).length;
    const failed = states.filter((state) => state === 'failed').length + broken + unhandledErrors.length;
    process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  }
}
