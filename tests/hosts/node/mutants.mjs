// The reference adapters in JavaScript, each with one fault. tests/hosts/test_node.py says what finds it.

import { AgentosOpenAI } from '../../../conformance/reference/node/agentos.mjs';
import OpenAIChat from '../../../conformance/reference/node/openai_chat.mjs';
import { events, plugin as entry } from '../../../conformance/reference/node/openclaw.mjs';
import { CallbackProvider, plugin } from '../../../conformance/reference/node/openclaw_guide.mjs';

// --- native

// Takes the end of the connection for the end of the answer.
export class TakesTheEndForTheAnswer extends OpenAIChat {
  answer() {
    return Object.defineProperty(super.answer(), 'whole', { value: true });
  }
}

// Forgets how long to wait.
export class ForgetsTheWait extends OpenAIChat {
  typed(error, late) {
    const typed = super.typed(error, late);
    delete typed.retry_after;
    return typed;
  }
}

// Quotes the key in its errors.
export class QuotesTheKey extends OpenAIChat {
  error(what, kind, cause) {
    return Object.assign(super.error(what, kind, cause), { sentWith: this.key });
  }
}

// Adds to the messages that it was given.
export class ChangesTheRequest extends OpenAIChat {
  generate(request, signal) {
    request.messages.push({ role: 'user', content: 'Be brief.' });
    return super.generate({ ...request, messages: request.messages.slice(0, -1) }, signal);
  }
}

// Asks another host.
export class AsksElsewhere extends OpenAIChat {
  async health() {
    await fetch('http://telemetry.example.com/ping').catch(() => {});
    return super.health();
  }
}

// Gives an error of no kind.
export class RaisesPlainErrors extends OpenAIChat {
  typed(error, late) {
    return new Error(super.typed(error, late).message);
  }
}

// Takes no notice of being cancelled.
export class GoesOnWhenCancelled extends OpenAIChat {
  generate(request, _signal) {
    return super.generate(request);
  }
}

// Being cancelled is a failure of the network to it.
export class FailsWhenCancelled extends OpenAIChat {
  async generate(request, signal) {
    try {
      return await super.generate(request, signal);
    } catch (error) {
      throw signal?.aborted ? this.error('the connection failed', 'network') : error;
    }
  }
}

// Is content with a ping for as long as one comes.
export class WaitsWhilePingsCome extends OpenAIChat {
  answer() {
    return Object.assign(super.answer(), { concerns: () => true });
  }
}

// --- the guide's plugins

// Ends every answer twice.
export const CompletesTwice = plugin(class extends CallbackProvider {
  stream({ onComplete, ...params }) {
    return super.stream({ ...params, onComplete: (end) => [onComplete(end), onComplete(end)] });
  }
});

// Takes no notice of the signal.
export const IgnoresTheSignal = plugin(class extends CallbackProvider {
  stream({ signal, ...params }) {
    return super.stream(params);
  }
});

// As the guide's own example: whatever the status, what came is complete.
export const CompletesWhatFails = plugin(class extends CallbackProvider {
  async stream(params) {
    try {
      await super.stream(params);
    } catch {
      params.onComplete({ fullText: '' });
    }
  }
});

// Gives everything at once.
export const TellsAllAtTheEnd = plugin(class extends CallbackProvider {
  stream({ onTextDelta, onComplete, ...params }) {
    const kept = [];
    return super.stream({ ...params, onTextDelta: (t) => kept.push(t), onComplete: (end) => [kept.forEach(onTextDelta), onComplete(end)] });
  }
});

// --- OpenClaw's plugins

const changed = (change) => entry(async function* (...asked) {
  for await (const event of events(...asked)) yield* change(event);
});

// Ends without its last event.
export const ForgetsTheLastEvent = changed(function* (event) {
  if (event.type !== 'done') yield event;
});

// Says that it failed, and not why.
export const KeepsTheReason = changed(function* (event) {
  yield event.type === 'error' ? { ...event, error: { ...event.error, errorMessage: 'failed', errorCode: undefined, errorType: undefined } } : event;
});

// Ends a failed answer with `done`.
export const DoneInPlaceOfError = changed(function* (event) {
  if (event.type !== 'error') yield event;
  else yield { type: 'done', reason: 'stop', message: { ...event.error, stopReason: 'stop' } };
});

// Hands arguments on as the text that they are on the wire.
export const ArgumentsAsText = changed(function* (event) {
  const asText = (c) => (c.type === 'toolCall' ? { ...c, arguments: JSON.stringify(c.arguments) } : c);
  yield event.type === 'done' ? { ...event, message: { ...event.message, content: event.message.content.map(asText) } } : event;
});

// --- AgentOS

// Two chunks are final.
export class TwoFinals extends AgentosOpenAI {
  async *generateCompletionStream(...asked) {
    for await (const chunk of super.generateCompletionStream(...asked)) {
      yield chunk;
      if (chunk.isFinal && !chunk.error) yield chunk;
    }
  }
}

// Makes up an end for a stream that broke.
export class MakesUpTheEnd extends AgentosOpenAI {
  async *generateCompletionStream(...asked) {
    for await (const { error, ...chunk } of super.generateCompletionStream(...asked)) {
      yield error ? { ...chunk, choices: [{ index: 0, message: { role: 'assistant', content: null }, finishReason: 'stop' }] } : chunk;
    }
  }
}

// Its errors have no status.
export class HidesTheStatus extends AgentosOpenAI {
  async generateCompletion(...asked) {
    try {
      return await super.generateCompletion(...asked);
    } catch {
      throw new Error('the provider failed');
    }
  }
}

// Answers with nothing where there is nothing to read.
export class AnswersWithNothing extends AgentosOpenAI {
  async generateCompletion(...asked) {
    try {
      return await super.generateCompletion(...asked);
    } catch (error) {
      if (error.kind !== 'malformed') throw error;
      return { id: '', choices: [], modelId: asked[0] };
    }
  }
}

// Is healthy, whatever comes.
export class AlwaysHealthy extends AgentosOpenAI {
  async checkHealth() {
    await super.checkHealth();
    return { isHealthy: true };
  }
}
