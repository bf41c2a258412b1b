#!/usr/bin/env node
import { enableCompileCache, flushCompileCache } from 'node:module';

// Before anything else is loaded: from the second start on, nothing is parsed, or stripped of its types, again.
enableCompileCache(new URL('../node_modules/.cache/compile', import.meta.url).pathname);
const { runProgram } = await import('@phonework/shared/program');
const { hostProgram } = await import('./program.ts');

await runProgram(hostProgram, process);
// Now, and not at an orderly exit, which a process that is killed never comes to.
flushCompileCache();
