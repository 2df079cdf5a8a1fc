// A Greeter that is not ours: both contracts on grpc-js, without reflection.
//
//     server.js                          in plaintext
//     server.js CERT KEY [CLIENT_CA]     over TLS, with clients that show a certificate of that authority; PEM files
//
// Prints `listening on 127.0.0.1:PORT` and serves until it is told to end.

import { readFileSync } from 'node:fs';

import grpc from '@grpc/grpc-js';

import { hello, helloworld } from './contracts.js';

const REPLIES = 5;

const greeting = (name) => `Hello, ${name}!`;

function* numbered(name) {
  for (let number = 1; number <= REPLIES; number += 1) yield `${greeting(name)} Number ${number}`;
}

async function together(requests) {
  const names = [];
  for await (const { name } of requests) names.push(name);
  return greeting(names.join(', '));
}

function sayHelloWithStatusAndMetadata(call, answer) {
  const { name } = call.request;
  if (name === 'nobody') {
    answer({ code: grpc.status.NOT_FOUND, details: 'nobody of that name: 世界' });
    return;
  }
  const trailers = new grpc.Metadata();
  if (name === 'metadata') {
    const headers = new grpc.Metadata();
    headers.set('x-greeting', 'hello');
    call.sendMetadata(headers);
    trailers.set('x-parting', 'bye');
    trailers.set('x-parting-bin', Buffer.from([0x00, 0x01, 0xff]));
  }
  answer(null, { message: greeting(name) }, trailers);
}

const defaultGreeter = {
  SayHello: sayHelloWithStatusAndMetadata,

  SayHelloServerStreaming(call) {
    for (const message of numbered(call.request.name)) call.write({ message });
    call.end();
  },

  SayHelloClientStreaming(call, answer) {
    together(call).then((message) => answer(null, { message }), answer);
  },

  // By events: `for await` would destroy the call at the end of its requests, its status unsent.
  SayHelloBiDiStreaming(call) {
    call.on('data', ({ name }) => {
      if (!call.write({ message: greeting(name) })) call.pause();
    });
    call.on('drain', () => call.resume());
    call.on('end', () => call.end());
  },
};

const otherGreeter = {
  SayHello(call, answer) {
    answer(null, { reply: greeting(call.request.name) });
  },

  LotsOfReplies(call) {
    for (const reply of numbered(call.request.name)) call.write({ reply });
    call.end();
  },

  LotsOfGreetings(call, answer) {
    together(call).then((reply) => answer(null, { reply }), answer);
  },
};

function credentials([chain, key, clients]) {
  if (chain === undefined) return grpc.ServerCredentials.createInsecure();
  const [cert_chain, private_key, authority] = [chain, key, clients].map((paper) => paper && readFileSync(paper));
  return grpc.ServerCredentials.createSsl(authority ?? null, [{ cert_chain, private_key }], Boolean(authority));
}

const server = new grpc.Server();
server.addService(helloworld.Greeter.service, defaultGreeter);
server.addService(hello.Greeter.service, otherGreeter);
server.bindAsync('127.0.0.1:0', credentials(process.argv.slice(2)), (error, port) => {
  if (error) throw error;
  console.log(`listening on 127.0.0.1:${port}`);
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => server.forceShutdown());
}
