// Any server that speaks the OpenAI chat API, over fetch: the native contract in JavaScript.

import { isObject, mapped, ProviderError } from './errors.mjs';
import { reply, usageOf, vectorOf } from './reply.mjs';
import { payload } from './request.mjs';
import { Answer, events } from './stream.mjs';

const MOST_TEXTS = 2048; // that are embedded at once

export default class OpenAIChat {
  static capabilities = { streaming: true, tools: true, images: true, embeddings: true, model_listing: true, structured_output: true };
  name = 'openai-chat-js';

  // An empty api_key sends none; none at all reads OPENAI_API_KEY. `timeout` is in seconds: for a whole
  // answer, and in a stream from one event of the answer to the next.
  constructor({ base_url = 'https://api.openai.com/v1', api_key, model = 'gpt-4o-mini', timeout = 60 } = {}) {
    this.key = (api_key ?? process.env.OPENAI_API_KEY ?? '').trim();
    Object.assign(this, { baseURL: base_url, model, timeout, malformed: this.malformed.bind(this), clean: this.clean.bind(this) });
    this.refuse = (what) => this.error(what, 'unsupported');
  }

  // --- the contract ------------------------------------------------------------------------

  async generate(request, signal) {
    const data = await this.call('POST', '/chat/completions', payload(request, this.model, false, this.refuse), signal);
    const choice = Array.isArray(data?.choices) ? data.choices[0] : undefined;
    if (!isObject(choice)) throw this.malformed('an answer without choices');
    if (choice.error) throw this.inBand(choice); // OpenRouter's upstream failed halfway
    if (isObject(choice.message)) return reply(data, choice.message, choice.finish_reason, this.malformed);
    if (choice.finish_reason === 'content_filter') throw this.error('a filter stopped the answer', 'content_filter'); // Azure
    throw this.malformed('a choice without a message');
  }

  async *stream(request, signal) {
    const body = payload(request, this.model, true, this.refuse);
    yield* this.exchange('POST', '/chat/completions', body, signal, async function* (response, chunks, bell) {
      const type = response.headers.get('content-type') ?? '';
      if (/^(application\/json|text\/html)/.test(type)) {
        this.decoded(await joined(chunks));
        throw this.malformed('an answer that is not a stream');
      }
      const answer = this.answer();
      for await (const event of events(chunks)) {
        if (!answer.concerns(event)) continue;
        bell.held = true; // what the host does with it is its own time
        yield* answer.take(event);
        bell.held = false;
        bell.refresh();
        if (answer.done) break;
      }
      if (!answer.whole) throw this.error('the stream ended before its answer was complete', 'network');
      yield { done: answer.reply };
    });
  }

  answer() {
    return new Answer(this.malformed, (chunk) => this.inBand(chunk));
  }

  async embed(texts, signal) {
    const parts = [];
    for (let i = 0; i === 0 || i < texts.length; i += MOST_TEXTS) parts.push(await this.embedded(texts.slice(i, i + MOST_TEXTS), signal));
    const vectors = parts.flatMap((part) => part.vectors);
    if (new Set(vectors.map((v) => v.length)).size > 1) throw this.malformed('embeddings of different lengths');
    return { vectors, usage: added(parts.map((part) => part.usage)) };
  }

  async embedded(texts, signal) {
    const data = await this.call('POST', '/embeddings', { model: this.model, input: texts }, signal);
    const rows = this.rows(data).sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
    const vectors = rows.map((row) => vectorOf(row.embedding, this.malformed));
    if (vectors.length !== texts.length) throw this.malformed(`${vectors.length} embeddings for ${texts.length} inputs`);
    return { vectors, usage: usageOf(data.usage) };
  }

  async list_models(signal) {
    const ids = this.rows(await this.call('GET', '/models', undefined, signal)).map((row) => row.id);
    if (!ids.every((id) => typeof id === 'string')) throw this.malformed('a model without an id');
    return ids;
  }

  async health(signal) {
    try {
      await this.list_models(signal);
      return { ok: true };
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      return { ok: false, detail: error.message };
    }
  }

  // --- one exchange ------------------------------------------------------------------------

  async call(method, path, body, signal) {
    for await (const text of this.exchange(method, path, body, signal, async function* (_, chunks) { yield await joined(chunks); })) {
      return this.decoded(text);
    }
  }

  // Asks, and reads the answer with `read`; anything but success throws. Too late is when `bell` rings.
  async *exchange(method, path, body, signal, read) {
    const stop = new AbortController();
    let late = false;
    const bell = setTimeout(() => {
      if (bell.held) return void bell.refresh();
      late = true;
      stop.abort();
    }, this.timeout * 1000);
    const abort = () => stop.abort();
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    try {
      const response = await fetch(this.url(path), {
        method,
        headers: { 'Content-Type': 'application/json', ...(this.key ? { Authorization: `Bearer ${this.key}` } : {}) },
        body: body && JSON.stringify(body, (_, value) => (typeof value === 'string' ? value.toWellFormed() : value)),
        redirect: 'manual', // a key goes to the given address only
        signal: stop.signal,
      });
      const chunks = response.body ?? [];
      if (!response.ok) throw mapped(this.name, response.status, response.headers, await joined(chunks, false), this.clean);
      yield* read.call(this, response, chunks, bell);
    } catch (error) {
      if (signal?.aborted) throw signal.reason; // the host has had enough, and nothing failed
      throw this.typed(error, late);
    } finally {
      clearTimeout(bell);
      signal?.removeEventListener('abort', abort);
      stop.abort(); // a stream that was left ends upstream too
    }
  }

  typed(error, late) {
    if (error instanceof ProviderError) return error;
    if (late) return this.error('no answer in time', 'timeout', error);
    if (error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return this.error('an answer that is not UTF-8', 'malformed', error);
    if (/Invalid URL|parse URL|header|ByteString/i.test(error.message)) return this.error('the address or the key cannot be used', 'invalid_request');
    const why = error.cause?.code ?? error.cause?.message ?? error.message;
    return this.error(`the connection failed: ${why}`, 'network', error);
  }

  url(path) {
    const url = new URL(this.baseURL.trim());
    [url.username, url.password] = ['', '']; // fetch takes none
    url.pathname = url.pathname.replace(/\/+$/, '') + path;
    return url;
  }

  decoded(text) {
    let data;
    try {
      data = JSON.parse(text);
    } catch {
      throw this.malformed(`an answer that is not JSON: ${JSON.stringify(text.slice(0, 80))}`);
    }
    if (isObject(data) && data.error) throw this.inBand(data); // a 200 that is none
    return data;
  }

  rows(data) {
    if (!Array.isArray(data?.data) || !data.data.every(isObject)) throw this.malformed('an answer without data');
    return data.data;
  }

  inBand(data) {
    return mapped(this.name, undefined, undefined, JSON.stringify(data), this.clean);
  }

  malformed(what) {
    return this.error(what, 'malformed');
  }

  error(what, kind, cause) {
    return new ProviderError(this.clean(`${this.name}: ${what}`), kind, { cause, provider: this.name });
  }

  // Providers quote the key in their messages; it goes no further.
  clean(text) {
    return this.key ? text.replaceAll(this.key, '***') : text;
  }
}

// The usage of several requests, as far as all of them told.
function added(usages) {
  if (usages.length === 1) return usages[0];
  const sum = (name) => usages.reduce((total, usage) => (total === null || typeof usage?.[name] !== 'number' ? null : total + usage[name]), 0);
  return { input_tokens: sum('input_tokens'), output_tokens: sum('output_tokens'), total_tokens: sum('total_tokens') };
}

async function joined(chunks, fatal = true) {
  const parts = [];
  for await (const chunk of chunks) parts.push(chunk);
  return new TextDecoder('utf-8', { fatal }).decode(Buffer.concat(parts));
}
