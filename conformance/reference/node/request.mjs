// The contract's request as a chat-completions body: only what was asked for; zero and the empty string are asked for.

const REASONS = /^(o\d|gpt-5)/; // OpenAI's models that reject max_tokens, which compatible servers may know alone

// What the API would reject is refused: it goes to `refuse`, which gives the error.
export function payload(request, own, stream, refuse) {
  const model = request.model || own;
  const { temperature, top_p, max_tokens, seed, stop, reasoning_effort, response_schema: schema } = request;
  const body = { model, messages: request.messages.map(message) };
  const limit = REASONS.test(model) ? 'max_completion_tokens' : 'max_tokens';
  const options = { temperature, top_p, [limit]: max_tokens, seed, stop: stop?.length ? stop : undefined, reasoning_effort };
  Object.assign(body, Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined && v !== null)));
  if (schema) {
    const name = schema.name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64) || 'answer';
    body.response_format = { type: 'json_schema', json_schema: { name, schema: schema.schema, strict: schema.strict ?? true } };
  }
  if (request.tools?.length) {
    const strange = request.tools.find((tool) => !/^[a-zA-Z0-9_-]{1,64}$/.test(tool.name));
    if (strange) throw refuse(`the API takes no tool named ${JSON.stringify(strange.name)}`); // mended, a call would not find it
    body.tools = request.tools.map(({ name, description = '', parameters }) => ({ type: 'function', function: { name, description, parameters } }));
    const choice = request.tool_choice;
    if (choice) body.tool_choice = ['auto', 'none', 'required'].includes(choice) ? choice : { type: 'function', function: { name: choice } };
  }
  return stream ? { ...body, stream: true, stream_options: { include_usage: true } } : body;
}

function message({ role, content = '', tool_calls: calls, tool_call_id: answers }) {
  const wire = { role, content: typeof content === 'string' ? (calls?.length && !content ? null : content) : content.map(part) };
  if (calls?.length) {
    wire.tool_calls = calls.map(({ id, name, arguments: given }) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(given ?? {}) } }));
  }
  return answers === undefined ? wire : { ...wire, tool_call_id: answers };
}

function part({ text, url, data, media_type: type = 'image/png' }) {
  return text === undefined ? { type: 'image_url', image_url: { url: url ?? `data:${type};base64,${data}` } } : { type: 'text', text };
}
