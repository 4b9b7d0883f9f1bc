// Answers the kit's JSON lines (docs/process-protocol.md) for an adapter that is a module:
//
//     node shim.mjs ./plugin.mjs            its default export, or else the first that is an adapter
//     node shim.mjs ./plugin.mjs#Acme       that export
//
// It needs nothing from npm. What the module prints goes to stderr; stdout belongs to the protocol.

import { Console } from 'node:console';
import { register } from 'node:module';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { writeSync } from 'node:fs';
import { described } from './errors.mjs';
import { reached } from './guard.mjs';
import * as agentos from './hosts/agentos.mjs';
import * as guide from './hosts/openclaw_guide.mjs';
import * as native from './hosts/native.mjs';
import * as openclaw from './hosts/openclaw.mjs';

const HOSTS = [agentos, openclaw, guide, native];
const OUT = 1;

globalThis.console = new Console(process.stderr, process.stderr);
process.stdout.write = process.stderr.write.bind(process.stderr);
process.on('unhandledRejection', (reason) => console.error('unhandled rejection:', reason));

function say(message) {
  let left = Buffer.from(JSON.stringify(message) + '\n');
  while (left.length) {
    try {
      left = left.subarray(writeSync(OUT, left));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

// fetch keeps connections for all adapters of the process. Those that the kit closed after the last case are taken out
// once their end was read; a request that comes before that would break off on one of them.
async function connectionsEnd() {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((done) => setImmediate(done));
}

function die(text) {
  writeSync(2, `${text}\n`);
  process.exit(1);
}

// The host of the module's adapter, opened on it.
async function load(spec) {
  const [path, name] = spec.split('#');
  const parent = pathToFileURL(resolve(path)).href;
  register('./stand_ins.mjs', import.meta.url);
  const exported = await import(parent);
  const all = name ? [exported[name]] : [exported.default, ...Object.values(exported)];
  for (const value of all) {
    for (const host of HOSTS) {
      const opened = value && (await host.open(value, parent));
      if (opened) return opened;
    }
  }
  const names = Object.keys(exported).join(', ') || 'nothing';
  die(`${spec} is no adapter that the shim knows: it exports ${name ? `no fitting ${name}, but ${names}` : names}`);
}

async function main() {
  if (!process.argv[2]) die('usage: node shim.mjs ./plugin.mjs[#export]');
  const host = await load(process.argv[2]);
  const adapters = new Map();
  const asks = new Map(); // those that are not answered yet, by id

  async function answered(message) {
    const { id } = message;
    const fail = (error) => ({ id, error: described(error, host.classify, host.decide) });
    if (message.hello) return { id, hello: { protocol: 1, watches: ['unchanged', 'hosts'], doubles: true, ...host.hello } };
    if (message.build) {
      await connectionsEnd();
      try {
        const adapter = await host.build(message.build);
        adapters.set(id, adapter);
        return { id, built: { name: String(adapter?.name ?? host.hello.name ?? '') } };
      } catch (error) {
        return fail(error);
      }
    }
    if (message.close !== undefined) {
      const adapter = adapters.get(message.close);
      adapters.delete(message.close);
      await Promise.resolve(adapter && host.close?.(adapter)).catch(() => {});
      return { id, closed: true };
    }
    reached.length = 0;
    const listener = new Listener(id, message.ask.leave_after);
    const { signal } = listener.stop;
    asks.set(id, listener.stop);
    let result;
    const asked = host.request(message.ask, adapters.get(message.adapter));
    const before = JSON.stringify(asked);
    try {
      result = { id, ...(await host.ask(adapters.get(message.adapter), message.ask, asked, listener)) };
    } catch (error) {
      const ended = signal.aborted && (error === signal.reason || error?.name === 'AbortError' || host.aborted?.(error));
      result = ended ? { id, aborted: true } : fail(error);
    }
    asks.delete(id);
    const after = JSON.stringify(asked);
    if (after !== before) result.mutated = `${before} became ${after}`;
    if (reached.length) result.reached = [...new Set(reached)];
    return result;
  }

  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    const message = JSON.parse(line);
    if (message.abort) asks.get(message.id)?.abort();
    else answered(message).then(say);
  }
  process.exit(0);
}

// To whom a host's stream is told. `full` says that enough has come.
class Listener {
  constructor(id, leaveAfter) {
    this.id = id;
    this.leaveAfter = leaveAfter;
    this.count = 0;
    this.stop = new AbortController(); // for hosts that leave, or cancel, by a signal
  }

  event(event) {
    if (this.full) return;
    this.count += 1;
    say({ id: this.id, event });
  }

  get full() {
    return this.leaveAfter !== undefined && this.count >= this.leaveAfter;
  }

  left() {
    say({ id: this.id, left: true });
  }
}

main().catch((error) => {
  const told = error?.code === 'ERR_MODULE_NOT_FOUND' ? error.message : (error?.stack ?? String(error));
  die(told.split('\n').slice(0, 4).join('\n'));
});
