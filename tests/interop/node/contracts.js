// The two contracts as grpc-js services, read from the project's own .proto files when this is imported.

import { fileURLToPath } from 'node:url';

import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const definition = loadSync(['helloworld.proto', 'hello.proto'], {
  defaults: true,
  includeDirs: [fileURLToPath(new URL('proto', import.meta.url))],
});

export const { helloworld, hello } = grpc.loadPackageDefinition(definition);
