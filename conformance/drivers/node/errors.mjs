// An error as data: what a host could see of it, and every text where a secret could leak.

export function described(error, classify, decide) {
  const thrown = error instanceof Error || (error !== null && typeof error === 'object') ? error : new Error(String(error));
  const told = {
    message: text(thrown.message ?? thrown),
    type: thrown.constructor?.name || thrown.name || 'Error',
    cause: thrown.cause != null,
    itself: said(thrown).join('\n'),
    everything: chain(thrown).flatMap(said).join('\n'),
    where: where(thrown),
  };
  const status = number(thrown.status) ?? number(thrown.httpStatus) ?? number(thrown.statusCode);
  const wait = number(thrown.retry_after) ?? number(thrown.retryAfter);
  const kind = classify ? classify(thrown) : thrown.kind;
  if (typeof kind === 'string') told.kind = kind;
  const decided = decide?.(thrown);
  if (decided) told.decided = decided;
  if (Number.isInteger(status)) told.status = status;
  if (thrown.code != null) told.code = String(thrown.code);
  if (wait !== undefined) told.retry_after = wait;
  const provider = thrown.provider ?? thrown.providerId;
  if (typeof provider === 'string') told.provider = provider;
  // A JavaScript runtime's own words for a mistake are those that Python has other words for.
  if (['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError'].includes(told.type) && !told.kind) told.type = mistake(thrown);
  return told;
}

// fetch throws a TypeError for a network that fails, and JSON.parse a SyntaxError: both are about what came.
function mistake(error) {
  if (error.message === 'fetch failed' || error.message === 'terminated' || /Invalid URL|parse URL/.test(error.message)) return 'FetchError';
  return error instanceof SyntaxError ? 'SyntaxError' : 'TypeError';
}

function number(value) {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function text(value) {
  try {
    return String(value);
  } catch {
    return '<a message that cannot be read>';
  }
}

function chain(error) {
  const found = [];
  for (let e = error; e instanceof Error && !found.includes(e); e = e.cause) found.push(e);
  return found.length ? found : [error];
}

// Message, stack and plain fields; objects that a client attaches (its request) are left alone.
function said(error) {
  const fields = Object.getOwnPropertyNames(error)
    .filter((name) => !['stack', 'message', 'cause'].includes(name))
    .map((name) => [name, error[name]])
    .filter(([, value]) => ['string', 'number'].includes(typeof value) || plain(value))
    .map(([name, value]) => `${name}=${typeof value === 'object' ? json(value) : value}`);
  return [text(error.message ?? error), ...fields];
}

function plain(value) {
  return Array.isArray(value) || (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype);
}

function json(value) {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '<a circle>';
  }
}

function where(error) {
  const line = String(error.stack ?? '').split('\n').find((l) => l.trim().startsWith('at ') && l.includes('file:'));
  const found = line?.match(/at (?:async )?(?:(\S+) \()?.*\/([^/]+?):(\d+):\d+\)?$/);
  return found ? `${found[2]}:${found[3]}${found[1] ? ` in ${found[1]}` : ''}` : '';
}
