// Keeps the adapter on this machine, and tells which host it tried to reach.

import dns from 'node:dns';
import net from 'node:net';

export const reached = [];
const LOCAL = new Set(['127.0.0.1', '::1', 'localhost', '', undefined, null]);

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  const [host, port] = options !== null && typeof options === 'object' ? [options.host, options.port] : [args[1], options];
  const named = typeof host === 'string' ? host.replace(/^\[|\]$/g, '') : undefined;
  if (options?.path || LOCAL.has(named)) return connect.apply(this, args);
  reached.push(`${named}:${port}`);
  const error = Object.assign(new Error(`the kit lets nothing out to ${named}:${port}`), { code: 'ECONNREFUSED' });
  process.nextTick(() => this.destroy(error));
  return this;
};

const lookup = dns.lookup;
dns.lookup = function (name, ...rest) {
  if (LOCAL.has(name) || net.isIP(name)) return lookup.call(this, name, ...rest);
  reached.push(name);
  const error = Object.assign(new Error(`the kit looks up no ${name}`), { code: 'ENOTFOUND' });
  process.nextTick(rest.at(-1), error);
  return {};
};
