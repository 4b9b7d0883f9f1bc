// What AgentOS itself does about an error, where its package is installed beside the adapter: `isRetryableError` of its
// generateText, and its breaker, which is asked after one failure.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const BY = 'isRetryableError and LLMProviderHealthRegistry of @framers/agentos';

// Null where it is not installed, or is another inside.
export async function decider(module) {
  const installed = found(dirname(fileURLToPath(module)));
  if (!installed) return null;
  const load = (path) => import(pathToFileURL(join(installed, 'dist', path)).href);
  try {
    const { isRetryableError } = await load('api/generateText.js');
    const { LLMProviderHealthRegistry } = await load('core/safety/LLMProviderHealthRegistry.js');
    return typeof isRetryableError === 'function' && LLMProviderHealthRegistry ? (error) => decided(error, isRetryableError, new LLMProviderHealthRegistry()) : null;
  } catch {
    return null;
  }
}

function found(folder) {
  const here = join(folder, 'node_modules', '@framers', 'agentos');
  if (existsSync(here)) return here;
  return dirname(folder) === folder ? null : found(dirname(folder));
}

function decided(error, isRetryable, breaker) {
  if (!isRetryable(error)) return { does: 'stop', reason: 'isRetryableError says no', by: BY };
  breaker.recordFailure('kit', error);
  if (!breaker.isOpen('kit')) return { does: 'next', reason: 'isRetryableError, and its breaker stays closed', by: BY };
  const { cooldownRemainingMs, lastStatusCode } = breaker.getStats('kit');
  return { does: 'skip', reason: `its breaker opens at status ${lastStatusCode}`, wait: cooldownRemainingMs / 1000, by: BY };
}
