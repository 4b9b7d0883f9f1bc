// What OpenClaw's failover reads out of an error: its reason, from status, code, type, and then words of the message.
// After src/agents/failover-error.ts and docs/concepts/model-failover.md of openclaw/openclaw, faithful in what it decides.

const WORDS = [
  ['aborted', /\baborted by the (caller|host|user)\b/],
  ['context_overflow', /context (length|size|window|limit)|maximum context|too many (prompt )?tokens|prompt (is )?too long|total length of all messages|context_length_exceeded|exceed_context_size|exceeds the maximum number of (input )?tokens|input is too long for th(e|is) model/],
  ['billing', /insufficient_quota|insufficient (credit|balance|fund)|billing|exceeded your current quota|payment required|out of credit|\b402\b/],
  ['rate_limit', /rate.?limit|too many requests|\b429\b|throttl|quota/],
  ['overloaded', /overloaded|\b529\b|\b503\b|service unavailable|at capacity/],
  ['auth', /invalid.?api.?key|incorrect api key|unauthori[sz]ed|authentication|no api key|api key|\b401\b|\b403\b|permission|forbidden/],
  ['model_not_found', /model.?not.?found|does not exist|no such model|unknown model|not_found|\b404\b/],
  ['timeout', /time.?out|timed out|deadline|\b(408|499|504|522|524)\b|econnrefused|econnreset|enotfound|network|connection|socket|fetch failed|terminated|stream ended|before (a|its) |no answer in time|malformed|not json|und_err/],
  ['format', /content.?filter|content_policy|invalid.?request|\b4(00|13|22)\b|unsupported|refused/],
  ['server_error', /server.?error|internal|bad gateway|\b50[02]\b|upstream/],
];
const STATUS = { 401: 'auth', 402: 'billing', 403: 'auth', 404: 'model_not_found', 408: 'timeout', 429: 'rate_limit', 499: 'timeout',
  503: 'overloaded', 504: 'timeout', 522: 'timeout', 524: 'timeout', 529: 'overloaded' };

export function failoverReason(error) {
  if (error.reason === 'auth') return 'auth';
  const said = [error.code, error.errorType, error.type, error.message].filter(Boolean).join(' ').toLowerCase();
  const first = WORDS.slice(0, 3).find(([, words]) => words.test(said)); // more than a status says
  const status = STATUS[error.status] ?? (error.status >= 500 ? 'server_error' : undefined);
  return first?.[0] ?? status ?? WORDS.find(([, words]) => words.test(said))?.[0] ?? (error.status >= 400 ? 'format' : 'unclassified');
}
