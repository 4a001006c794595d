// A vitest reporter that ends the run with one plain line: `Tests: N passed, N failed, N skipped`. A run that failed
// for any reason never shows 0 failed: set-up errors, unhandled errors and interruptions count.
import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Counts of a whole run; what failed outside tests counts as failed. */
export const countTests = (
  modules: readonly TestModule[],
  unhandled: readonly SerializedError[],
  reason: TestRunEndReason,
): Counts => {
  const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts[state === 'pending' ? 'failed' : state]++;
    }
    if (module.errors().length > 0) counts.failed++;
  }
  if (reason !== 'passed' && counts.failed === 0) counts.failed = 1;
  return counts;
};

export default class ClosingLine implements Reporter {
  onTestRunEnd(...run: Parameters<typeof countTests>): void {
    const { passed, failed, skipped } = countTests(...run);
    process.stdout.write(`\nTests: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  }
}
