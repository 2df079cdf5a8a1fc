// Asks a `greeter serve` everything, as grpc-js asks it, and compares every reply.
//
//     client.js ADDR                     in plaintext
//     client.js ADDR CA [CERT KEY]       over TLS: whom it trusts, and who it is; PEM files
//     client.js ADDR CA refused          over TLS that cannot come about: one call, and how it ends
//
// Prints one row for each check, `ok` or `FAILED` with what was expected and what came.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

import grpc from '@grpc/grpc-js';

import { hello, helloworld } from './contracts.js';

// For one call, in milliseconds. Nothing here takes a hundredth of it.
const TIMEOUT = 20_000;

const NAMES = ['World', '', '世界 👩‍🚀 é', 'a\tb\nc\x1b[31m'];
const NUMBERED = [1, 2, 3, 4, 5].map((number) => `Hello, World! Number ${number}`);
const MANY = Array.from({ length: 10_000 }, (_, number) => String(number));

const greeting = (name) => `Hello, ${name}!`;
const options = () => ({ deadline: Date.now() + TIMEOUT });

let failed = 0;

function row(what, verdict, detail = '') {
  console.log(`  ${what.padEnd(60)} ${verdict.padEnd(7)} ${detail}`.trimEnd());
}

/** A check that throws has failed; the others go on. */
async function check(what, ask, expected) {
  try {
    const got = await ask();
    if (isDeepStrictEqual(got, expected)) {
      row(what, 'ok');
      return;
    }
    throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
  } catch (error) {
    failed += 1;
    row(what, 'FAILED', String(error));
  }
}

const unary = (client, method, name) =>
  new Promise((resolve, reject) => {
    client[method]({ name }, options(), (error, reply) => (error ? reject(error) : resolve(reply)));
  });

const serverStream = async (client, method, name) => client[method]({ name }, options()).toArray();

const clientStream = (client, method, names) =>
  new Promise((resolve, reject) => {
    const call = client[method](options(), (error, reply) => (error ? reject(error) : resolve(reply)));
    for (const name of names) call.write({ name });
    call.end();
  });

/** Sends a name only when the reply to the one before it has come. */
async function eachInTurn(client, method, names) {
  const call = client[method](options());
  const replies = call[Symbol.asyncIterator]();
  const got = [];
  for (const name of names) {
    call.write({ name });
    got.push((await replies.next()).value);
  }
  call.end();
  for await (const reply of replies) got.push(reply);
  return got;
}

/** Sends as fast as the connection takes it, and reads at the same time. */
async function atOnce(client, method, names) {
  const call = client[method](options());
  const replies = call.toArray();
  for (const name of names) {
    if (!call.write({ name })) await once(call, 'drain');
  }
  call.end();
  return replies;
}

const code = (call) => call.then(() => grpc.status.OK, (error) => error.code);

async function defaultContract(client) {
  const service = 'helloworld.Greeter';
  const message = (text) => ({ message: text });

  await check(
    `${service}/SayHello`,
    () => Promise.all(NAMES.map((name) => unary(client, 'SayHello', name))),
    NAMES.map(greeting).map(message),
  );
  await check(
    `${service}/SayHelloServerStreaming`,
    () => serverStream(client, 'SayHelloServerStreaming', 'World'),
    NUMBERED.map(message),
  );
  await check(
    `${service}/SayHelloClientStreaming`,
    () => clientStream(client, 'SayHelloClientStreaming', ['Alice', 'Bob', 'Charlie']),
    message('Hello, Alice, Bob, Charlie!'),
  );
  await check(
    `${service}/SayHelloClientStreaming, no names`,
    () => clientStream(client, 'SayHelloClientStreaming', []),
    message('Hello, !'),
  );
  await check(
    `${service}/SayHelloBiDiStreaming`,
    () => eachInTurn(client, 'SayHelloBiDiStreaming', ['Dave', 'Eve', 'Frank']),
    ['Dave', 'Eve', 'Frank'].map(greeting).map(message),
  );
  await check(
    `${service}/SayHelloBiDiStreaming, 10000 names`,
    () => atOnce(client, 'SayHelloBiDiStreaming', MANY),
    MANY.map(greeting).map(message),
  );
}

async function otherContract(client) {
  const service = 'hello.Greeter';
  const reply = (text) => ({ reply: text });

  await check(
    `${service}/SayHello`,
    () => Promise.all(NAMES.map((name) => unary(client, 'SayHello', name))),
    NAMES.map(greeting).map(reply),
  );
  await check(
    `${service}/LotsOfReplies`,
    () => serverStream(client, 'LotsOfReplies', 'World'),
    NUMBERED.map(reply),
  );
  await check(
    `${service}/LotsOfGreetings`,
    () => clientStream(client, 'LotsOfGreetings', ['Alice', 'Bob', 'Charlie']),
    reply('Hello, Alice, Bob, Charlie!'),
  );
  await check(
    `${service}/LotsOfGreetings, no names`,
    () => clientStream(client, 'LotsOfGreetings', []),
    reply('Hello, !'),
  );
}

async function statuses(client) {
  const bytes = (buffer) => buffer;
  const goodbye = () =>
    new Promise((resolve, reject) => {
      const path = '/helloworld.Greeter/SayGoodbye';
      const answer = (error, reply) => (error ? reject(error) : resolve(reply));
      client.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), options(), answer);
    });
  await check(
    'an unknown method is UNIMPLEMENTED',
    () => code(goodbye()),
    grpc.status.UNIMPLEMENTED,
  );
  await check(
    'a name of 5 MiB is RESOURCE_EXHAUSTED',
    () => code(unary(client, 'SayHello', 'n'.repeat(5 << 20))),
    grpc.status.RESOURCE_EXHAUSTED,
  );
}

function credentials(ca, cert, key) {
  if (ca === undefined) return grpc.credentials.createInsecure();
  const own = cert === undefined ? [] : [readFileSync(key), readFileSync(cert)];
  return grpc.credentials.createSsl(readFileSync(ca), ...own);
}

const [address, ...papers] = process.argv.slice(2);
if (address === undefined || papers.length > 3) {
  console.error('usage: client.js ADDR [CA [CERT KEY | refused]]');
  process.exit(2);
}
const isRefused = papers[1] === 'refused';
const reach = credentials(...(isRefused ? papers.slice(0, 1) : papers));
const [greeter, otherGreeter] = [helloworld, hello].map(({ Greeter }) => new Greeter(address, reach));
if (isRefused) {
  await check('refused', () => code(unary(greeter, 'SayHello', '')), grpc.status.UNAVAILABLE);
} else {
  await defaultContract(greeter);
  await otherContract(otherGreeter);
  await statuses(greeter);
}
greeter.close();
otherGreeter.close();
if (failed > 0) {
  console.error(`  ${failed} of the checks against greeter serve failed`);
  process.exitCode = 1;
}
