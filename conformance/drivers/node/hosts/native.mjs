// The native contract in JavaScript: `generate(request)`, `stream(request)`, and perhaps embed, list_models, health and
// close. Whoever takes a second argument is given an AbortSignal. Requests and replies have the fields of the protocol. A class is built with one object of settings.

export function open(target) {
  const shown = typeof target === 'function' ? target.prototype : target;
  if (typeof shown?.generate !== 'function') return null;
  const has = (...names) => names.some((name) => typeof shown[name] === 'function');
  const capabilities = {
    streaming: has('stream'),
    tools: true,
    images: true,
    embeddings: has('embed'),
    model_listing: has('list_models', 'listModels'),
    health: has('health'),
    structured_output: false,
    ...(target.capabilities ?? shown.capabilities),
  };
  return {
    hello: {
      host: 'native',
      why: 'has generate, the contract in JavaScript',
      name: nameOf(target, shown),
      capabilities,
      aborts: [shown.generate, shown.stream].every((call) => !call || call.length > 1),
    },
    build: (given) => (typeof target === 'function' ? new target(settings(given)) : Object.assign(Object.create(target), settings(given))),
    request: ({ op, texts, leave_after, timeout, ...request }) => (op === 'embed' ? texts ?? [] : request),
    ask,
    close: (adapter) => adapter.close?.(),
  };
}

function nameOf(target, shown) {
  const name = target.provider ?? shown.name ?? target.name;
  return typeof name === 'string' ? name : '';
}

// Under both of the usual spellings.
export function settings({ base_url, api_key, model, timeout, options }) {
  const both = { base_url, baseURL: base_url, api_key, apiKey: api_key, model, timeout };
  return { ...Object.fromEntries(Object.entries(both).filter(([, value]) => value !== undefined)), ...options };
}

async function ask(adapter, question, asked, listener) {
  const { signal } = listener.stop;
  switch (question.op) {
    case 'generate':
      return { reply: await adapter.generate(asked, signal) };
    case 'embed':
      return { vectors: (await adapter.embed(asked, signal)).vectors };
    case 'list_models':
      return { models: [...(await (adapter.list_models ?? adapter.listModels).call(adapter, signal))] };
    case 'health':
      return { health: await adapter.health(signal) };
    default:
      for await (const event of adapter.stream(asked, signal)) {
        listener.event(event);
        if (listener.full) break; // ends the generator too
      }
      if (listener.full) listener.left();
      return { end: true };
  }
}
