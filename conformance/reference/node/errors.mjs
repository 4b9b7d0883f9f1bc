// What went wrong, in the contract's kinds. Codes speak before the status.

const BY_STATUS = {
  400: 'invalid_request', 401: 'auth', 402: 'billing', 403: 'permission', 404: 'not_found', 408: 'timeout',
  413: 'invalid_request', 422: 'invalid_request', 429: 'rate_limit', 503: 'overloaded', 504: 'timeout', 529: 'overloaded',
};
const BY_CODE = {
  authentication_error: 'auth', invalid_api_key: 'auth', billing_not_active: 'billing', insufficient_quota: 'billing',
  content_filter: 'content_filter', content_policy_violation: 'content_filter', context_length_exceeded: 'context_length',
  exceed_context_size_error: 'context_length', model_not_found: 'not_found', overloaded_error: 'overloaded',
  permission_error: 'permission', rate_limit_error: 'rate_limit', rate_limit_exceeded: 'rate_limit', server_error: 'server',
};
const TOO_LONG = new RegExp(
  'context (length|size|window|limit)|maximum context|too many (prompt )?tokens|prompt (is )?too long|total length of all messages', 'i');
const LONGEST_TEXT = 500; // a proxy's HTML page is not an error message

export class ProviderError extends Error {
  constructor(message, kind, { cause, ...fields } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, { kind, ...fields });
  }
}

// The error that an HTTP answer, or an error object inside a 200, stands for.
export function mapped(name, status, headers, body, clean) {
  const { text, codes } = describe(body);
  if (!(status >= 400)) status = codes.map(Number).find((c) => c >= 400 && c < 600) ?? status;
  const wait = retryAfter(headers);
  return new ProviderError(clean(`${name}: ${status ?? 'error'}: ${text}`), kindOf(status, codes, text), {
    ...(status === undefined ? {} : { status }),
    ...(codes.length ? { code: codes[0] } : {}),
    ...(wait === undefined ? {} : { retry_after: wait }),
    provider: name,
  });
}

function kindOf(status, codes, text) {
  const named = codes.find((code) => Object.hasOwn(BY_CODE, code));
  if (named) return BY_CODE[named];
  if ([400, 413, 422, undefined].includes(status) && TOO_LONG.test(text)) return 'context_length';
  return BY_STATUS[status] ?? (status >= 400 && status < 500 ? 'invalid_request' : 'server');
}

// The provider's own words and codes, from any of the shapes in which they come.
function describe(body) {
  const text = body.trim();
  const plain = { text: text.slice(0, LONGEST_TEXT) || 'no details', codes: [] };
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    return plain;
  }
  if (Array.isArray(data)) data = data[0] ?? {};
  if (isObject(data) && data.error) data = typeof data.error === 'string' ? { ...data, message: data.message || data.error } : data.error;
  if (!isObject(data)) return plain;
  const codes = [data.code, data.type].filter((c) => typeof c === 'string' || typeof c === 'number').map(String);
  return { text: String(data.message || data.detail || text).slice(0, LONGEST_TEXT), codes };
}

// Seconds to wait, from `retry-after-ms` or either form of `Retry-After` (RFC 9110, 10.2.3).
function retryAfter(headers) {
  for (const [name, unit] of [['retry-after-ms', 0.001], ['retry-after', 1]]) {
    const value = headers?.get(name)?.trim();
    if (!value) continue;
    const seconds = Number.isNaN(Number(value)) ? Math.max(0, (date(value) - Date.now()) / 1000) : Number(value) * unit;
    if (Number.isFinite(seconds) && seconds >= 0) return seconds;
  }
  return undefined;
}

// In any of HTTP's forms, of which one leaves out that it is GMT. A year has four digits there.
function date(text) {
  return /\d{5}/.test(text) ? NaN : Date.parse(/GMT$/.test(text) ? text : `${text} GMT`);
}

export function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
