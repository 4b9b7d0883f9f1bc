// Server-sent events (WHATWG HTML, 9.2.6) and the chunks of an answer in them.

import { isObject } from './errors.mjs';
import { callsOf, finish, optional, reasoningOf, textOf, toolCalls, usageOf } from './reply.mjs';

// Yields { name, data } as soon as each event is whole, whatever the pieces of bytes are.
export async function* events(chunks) {
  const decoder = new TextDecoder('utf-8', { fatal: true }); // drops a byte order mark too
  let buffer = '';
  let name = '';
  let data = [];
  for await (const chunk of chunks) {
    buffer += decoder.decode(chunk, { stream: true });
    for (;;) {
      const end = /\r\n|\n|\r/.exec(buffer);
      if (!end || (end[0] === '\r' && end.index + 1 === buffer.length)) break; // the LF of this CR may still come
      const line = buffer.slice(0, end.index);
      buffer = buffer.slice(end.index + end[0].length);
      const whole = take(line);
      if (whole) yield whole;
    }
  }
  const whole = buffer.endsWith('\r') ? take(buffer.slice(0, -1)) : null;
  if (whole) yield whole;

  function take(line) {
    if (line === '') {
      const event = data.length ? { name, data: data.join('\n') } : null;
      [name, data] = ['', []];
      return event;
    }
    const colon = line.indexOf(':');
    const [field, value] = colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
    if (field === 'data') data.push(value);
    if (field === 'event') name = value;
    return null;
  }
}

// What has come of one answer so far.
export class Answer {
  constructor(malformed, inBand) {
    Object.assign(this, { malformed, inBand, text: '', reasoning: '', refusal: '', calls: [], byIndex: new Map(), done: false });
  }

  // Names that are not the protocol's are somebody else's.
  concerns({ name, data }) {
    return ['', 'message', 'error'].includes(name) || data.trim() === '[DONE]';
  }

  // One server-sent event of the protocol.
  *take({ name, data }) {
    if (data.trim() === '[DONE]') this.done = true;
    else yield* this.chunk(this.load(data), name === 'error');
  }

  load(data) {
    let chunk;
    try {
      chunk = JSON.parse(data);
    } catch {
      throw this.malformed('a stream event that is not JSON');
    }
    if (!isObject(chunk)) throw this.malformed('a stream event that is not an object');
    return chunk;
  }

  *chunk(chunk, failed) {
    if (failed || chunk.error) throw this.inBand(chunk);
    this.id = this.id || chunk.id;
    this.model = this.model || chunk.model;
    this.usage = chunk.usage || this.usage;
    const choices = chunk.choices || []; // usage and filter results come without
    if (!Array.isArray(choices) || !choices.every(isObject)) throw this.malformed('choices that are not a list of choices');
    for (const choice of choices) {
      if (choice.index) continue; // another answer to the same question, which nobody asked for
      this.finish = choice.finish_reason || this.finish;
      yield* this.delta(choice.delta || {});
    }
  }

  *delta(delta) {
    if (!isObject(delta)) throw this.malformed('a delta that is not an object');
    const reasoning = reasoningOf(delta, this.malformed);
    if (reasoning) {
      this.reasoning += reasoning;
      yield { reasoning };
    }
    const text = textOf(delta.content, this.malformed);
    if (text) {
      this.text += text;
      yield { text };
    }
    this.refusal += optional(delta.refusal) ?? '';
    const calls = callsOf(delta) || [];
    if (!Array.isArray(calls)) throw this.malformed('tool_calls that are not a list');
    calls.forEach((piece) => this.piece(piece));
  }

  // Pieces belong together by index; a new id on a known index begins a new call all the same.
  piece(piece) {
    if (!isObject(piece) || (piece.function && !isObject(piece.function))) throw this.malformed('a tool call that is not an object');
    const { id, function: f = {} } = piece;
    let { index } = piece;
    index ??= [...this.byIndex].find(([, call]) => id && call.id === id)?.[0] ?? (id || ([...this.byIndex.keys()].at(-1) ?? 0));
    let call = this.byIndex.get(index);
    if (!call || (id && call.id && id !== call.id)) {
      call = { id: '', name: '', arguments: [] };
      this.byIndex.set(index, call);
      this.calls.push(call);
    }
    call.id ||= id || '';
    call.name ||= f?.name || '';
    call.arguments.push(f?.arguments || '');
  }

  // The end of the connection is not the end of the answer: one of its two markers must have come.
  get whole() {
    return this.done || Boolean(this.finish);
  }

  get reply() {
    const assembled = this.calls.map(({ id, name, arguments: pieces }) => ({
      id, // some servers send objects, not text
      function: { name: name || null, arguments: pieces.find(isObject) ?? pieces.join('') },
    }));
    return {
      text: this.text,
      finish_reason: finish(this.finish),
      tool_calls: toolCalls(assembled, this.malformed),
      refusal: this.refusal || null,
      reasoning: this.reasoning || null,
      usage: usageOf(this.usage),
      model: optional(this.model),
      id: optional(this.id),
    };
  }
}
