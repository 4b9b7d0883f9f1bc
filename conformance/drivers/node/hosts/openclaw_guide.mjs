// OpenClaw as its guide "Integrating an LLM Provider" shows it: an object with `stream({messages, model, signal,
// onTextDelta, onComplete})` and perhaps `listModels()`, or `defineSingleProviderPlugin` with a `buildProvider` for one.

import { settings } from './native.mjs';

export function open(target) {
  const catalog = target.singleProviderPlugin && target.provider?.catalog;
  const builds = catalog?.buildProvider ?? (typeof target === 'function' && !isClass(target, 'generate') ? maker(target) : null);
  const shown = builds ? attempt(builds) : target;
  if (typeof shown?.stream !== 'function' || typeof shown.generate === 'function' || shown.api) return null;
  const capabilities = { streaming: true, model_listing: typeof shown.listModels === 'function' };
  const why = catalog ? 'defined by defineSingleProviderPlugin' : 'has stream with onTextDelta and onComplete, as in the guide';
  return {
    hello: {
      aborts: true,
      host: 'openclaw-guide',
      why,
      name: String(target.id ?? shown.id ?? ''),
      capabilities,
      asks: ['stream', 'list_models'],
      takes: builds ? ['base_url', 'api_key', 'model', 'timeout'] : ['model'],
    },
    build: (given) => ({ made: builds ? builds(settings(given)) : target, model: given.model, baseURL: given.base_url }),
    request: (question) => question.messages ?? [],
    ask,
    classify: () => undefined,
  };
}

const isClass = (value, method) => typeof value.prototype?.[method] === 'function';
const maker = (target) => (target.prototype?.stream ? (given) => new target(given) : target.length <= 1 ? target : null);

function attempt(builds) {
  try {
    return builds(settings({ base_url: 'http://127.0.0.1/v1', api_key: 'none', model: 'none', timeout: 1 }));
  } catch {
    return null;
  }
}

async function ask({ made, model, baseURL }, question, messages, listener) {
  if (question.op === 'list_models') return { models: (await made.listModels()).map((m) => m.id) };
  const { stop } = listener;
  let left;
  const whenLeft = new Promise((resolve) => { left = resolve; });
  let text = '';
  let whole; // as onComplete tells it
  const running = made.stream({
    messages: messages.map(({ role, content }) => ({ role, content })),
    model: { id: question.model ?? model, baseURL },
    signal: stop.signal,
    onTextDelta(delta) {
      text += delta;
      listener.event({ text: delta });
      if (listener.full) left();
    },
    onComplete({ fullText } = {}) {
      whole = fullText ?? text;
      listener.event({ done: { text: whole } });
    },
  });
  await Promise.race([running, whenLeft]);
  if (listener.full) {
    stop.abort();
    listener.left(); // at once: what takes no notice of the signal is to be seen
    await Promise.race([running.catch(() => {}), new Promise((resolve) => { setTimeout(resolve, 1000).unref(); })]);
  }
  return question.op === 'generate' && whole !== undefined ? { reply: { text: whole } } : { end: true };
}
